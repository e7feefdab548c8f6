package io.starling.node.bench;

import java.util.Arrays;
import java.util.Locale;

/// Milliseconds that half, 99 of 100 and all of some things took at most.
public record Quantiles(double p50, double p99, double max) {

  /// Of at least one duration in nanoseconds.
  static Quantiles of(long[] nanos) {
    var sorted = nanos.clone();
    Arrays.sort(sorted);
    return new Quantiles(at(sorted, 0.5), at(sorted, 0.99), at(sorted, 1));
  }

  private static double at(long[] sorted, double share) {
    int rank = (int) Math.ceil(share * sorted.length) - 1;
    return sorted[Math.max(0, rank)] / 1e6;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "p50 %.1f ms, p99 %.1f ms, at most %.1f ms", p50, p99, max);
  }
}
