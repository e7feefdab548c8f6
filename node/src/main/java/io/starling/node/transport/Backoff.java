package io.starling.node.transport;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// The pauses between attempts to reach a peer: doubling, bounded, with jitter. Not thread-safe.
final class Backoff {

  private final TransportLimits.Timing timing;
  private final RandomGenerator random;
  private long nextNanos;

  Backoff(TransportLimits.Timing timing, RandomGenerator random) {
    this.timing = timing;
    this.random = random;
    this.nextNanos = timing.redialFirst().toNanos();
  }

  /// The pause before the next attempt: between half and one and a half of what the doubling says.
  Duration next() {
    long base = nextNanos;
    nextNanos = Math.min(2 * base, timing.redialMax().toNanos());
    return Duration.ofNanos(base / 2 + random.nextLong(base + 1));
  }

  /// The last attempt was a success.
  void reset() {
    nextNanos = timing.redialFirst().toNanos();
  }
}
