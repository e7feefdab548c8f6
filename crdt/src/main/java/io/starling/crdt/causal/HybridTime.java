package io.starling.crdt.causal;

/// A stamp of a hybrid logical clock: milliseconds since 1970 in the upper 48 bits, a counter in
/// the lower 16.
///
/// Ranks concurrent values and nothing else: it never decides presence, validity or order of
/// application. Ordered as an unsigned number.
public record HybridTime(long bits) implements Comparable<HybridTime> {

  /// The earliest stamp.
  public static final HybridTime ZERO = new HybridTime(0);

  private static final int COUNTER_BITS = 16;

  /// The first stamp of a millisecond; milliseconds outside 0 to 2⁴⁸-1 are clipped.
  public static HybridTime ofMillis(long millis) {
    long clipped = Math.clamp(millis, 0, (1L << (Long.SIZE - COUNTER_BITS)) - 1);
    return new HybridTime(clipped << COUNTER_BITS);
  }

  /// Milliseconds since 1970.
  public long millis() {
    return bits >>> COUNTER_BITS;
  }

  /// The next stamp. A full counter runs over into the milliseconds.
  public HybridTime next() {
    return bits == -1L ? this : new HybridTime(bits + 1);
  }

  @Override
  public int compareTo(HybridTime that) {
    return Long.compareUnsigned(bits, that.bits);
  }

  @Override
  public String toString() {
    return millis() + "+" + (bits & ((1L << COUNTER_BITS) - 1));
  }
}
