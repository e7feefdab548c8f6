package io.starling.client.link;

import java.time.Duration;

/// The moment at which a caller's patience ends.
public record Deadline(long atNanos) {

  /// So long from now.
  public static Deadline after(Duration patience) {
    return new Deadline(System.nanoTime() + patience.toNanos());
  }

  /// How long it still is; at least a millisecond, for a call needs some time to fail.
  public Duration left() {
    return Duration.ofNanos(Math.max(atNanos - System.nanoTime(), 1_000_000));
  }

  /// The shorter of this and what is left.
  public Duration atMost(Duration limit) {
    var left = left();
    return limit.compareTo(left) < 0 ? limit : left;
  }

  public boolean isOver() {
    return System.nanoTime() - atNanos >= 0;
  }
}
