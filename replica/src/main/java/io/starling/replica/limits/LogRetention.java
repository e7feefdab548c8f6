package io.starling.replica.limits;

import java.time.Duration;

/// How much of a space's log is kept. Whoever is further behind than it reaches takes over state
/// instead: what it costs is bandwidth, and no read is different for it.
///
/// Ages are told by the stamps of the batches against the own clock.
///
/// @param bytes of batches; over it the oldest go, whether all members have them or not. At least
///   one; more lets members that were away longer come back by log
/// @param age over which a batch goes, whether all members have it or not
/// @param stableAge over which a batch goes that all members have; not over `age`. Watches that
///   come back, conditions and comparisons need that much of the log
public record LogRetention(long bytes, Duration age, Duration stableAge) {

  public static final LogRetention DEFAULT =
      new LogRetention(1L << 30, Duration.ofDays(30), Duration.ofDays(1));

  public LogRetention {
    boolean isOrdered = !stableAge.isNegative() && stableAge.compareTo(age) <= 0;
    if (bytes < 1 || !isOrdered) {
      throw new IllegalArgumentException(
          "a log keeps at least a byte, and stable batches no longer than others");
    }
  }
}
