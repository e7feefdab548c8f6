package io.starling.replica.read;

/// How much of the log may be read to answer a question. Not thread-safe.
public interface LogBudget {

  /// Whether so many batches may be read at all; asked once, before the first is read.
  boolean allows(long batches);

  /// Whether to go on after one more batch.
  ///
  /// @param bytes its size
  boolean goesOn(int bytes);

  /// A budget that is used up over all questions asked of it.
  static LogBudget of(long batches, long bytes) {
    return new Counted(batches, bytes);
  }

  /// A number of batches and bytes.
  final class Counted implements LogBudget {
    private long batches;
    private long bytes;

    private Counted(long batches, long bytes) {
      this.batches = batches;
      this.bytes = bytes;
    }

    @Override
    public boolean allows(long wanted) {
      return wanted <= batches;
    }

    @Override
    public boolean goesOn(int read) {
      batches--;
      bytes -= read;
      return batches >= 0 && bytes >= 0;
    }
  }
}
