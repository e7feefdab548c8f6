package io.starling.crdt.cell;

/// A running total of one replica's increments, as of its operation `(seq, index)`.
///
/// A replica's increments are totally ordered, so the later of two tallies of one replica has seen
/// all that the earlier has. (A tally of seq 0 has seen none and totals 0.)
public record Tally(long seq, int index, long total) implements Comparable<Tally> {

  /// Nothing counted.
  public static final Tally NONE = new Tally(0, 0, 0);

  /// The last tally of a replica that counts no more, as of its last batch. It stands after
  /// whatever that batch has counted, so that those who do not know which of its operations was the
  /// last to count agree.
  ///
  /// @param seq of that batch
  public static Tally ended(long seq, long total) {
    return new Tally(seq, Integer.MAX_VALUE, total);
  }

  /// Whether this is the last tally of a replica that counts no more.
  public boolean isEnded() {
    return index == Integer.MAX_VALUE;
  }

  public Tally {
    if (seq < 0 || index < 0 || (seq == 0 && (index != 0 || total != 0))) {
      throw new IllegalArgumentException("a tally of nothing counts nothing");
    }
  }

  /// The later of the two. Two totals for one operation are a forger's work; the larger one is
  /// taken, so that all nodes agree.
  public Tally join(Tally that) {
    return compareTo(that) >= 0 ? this : that;
  }

  @Override
  public int compareTo(Tally that) {
    int order = Long.compare(seq, that.seq);
    if (order == 0) {
      order = Integer.compare(index, that.index);
    }
    return order != 0 ? order : Long.compare(total, that.total);
  }
}
