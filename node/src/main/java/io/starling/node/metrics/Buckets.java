package io.starling.node.metrics;

import java.time.Duration;

/// Upper bounds of histograms: few, for each is a series.
final class Buckets {

  /// For what a processor does: signatures, the engine.
  static final Duration[] WORK = {
    Duration.ofNanos(25_000),
    Duration.ofNanos(100_000),
    Duration.ofNanos(250_000),
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofSeconds(1)
  };

  /// For what a client waits for.
  static final Duration[] CALLS = {
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(2),
    Duration.ofSeconds(10),
    Duration.ofSeconds(60)
  };

  private Buckets() {}
}
