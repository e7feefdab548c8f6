package io.starling.node.loop;

import java.time.Duration;

/// When to try again: at growing distances up to a bound.
final class Backoff {

  private final long firstNanos;
  private final long mostNanos;
  private long waitNanos;
  private long until;

  Backoff(Duration first, Duration most) {
    this.firstNanos = first.toNanos();
    this.mostNanos = most.toNanos();
    this.waitNanos = firstNanos;
  }

  /// Something has failed for the first time, or again after it had worked.
  void begin(long now) {
    until = now + waitNanos;
  }

  /// Trying again has failed.
  void failed(long now) {
    waitNanos = Math.min(waitNanos * 2, mostNanos);
    until = now + waitNanos;
  }

  void reset() {
    waitNanos = firstNanos;
  }

  boolean isOver(long now) {
    return now - until >= 0;
  }
}
