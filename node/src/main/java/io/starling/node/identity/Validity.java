package io.starling.node.identity;

import java.time.Duration;
import java.time.Instant;

/// From when to when a certificate is good.
public record Validity(Instant from, Instant until) {

  /// How long a node's certificates last. A stolen transport key is of use for so long, and renewal
  /// is by hand, with an authority that may be offline: a year and a month is what that allows. A
  /// renewal changes no key.
  public static final Duration NODE = Duration.ofDays(397);

  /// How long an authority's certificate lasts.
  public static final Duration AUTHORITY = Duration.ofDays(3_653);

  /// Clocks of two nodes may differ by this without a fresh certificate being refused.
  private static final Duration SKEW = Duration.ofHours(1);

  public Validity {
    if (!from.isBefore(until)) {
      throw new IllegalArgumentException("a validity that ends at " + until + " before it begins");
    }
  }

  /// A time from now on.
  public static Validity of(Instant now, Duration length) {
    return new Validity(now.minus(SKEW), now.plus(length));
  }
}
