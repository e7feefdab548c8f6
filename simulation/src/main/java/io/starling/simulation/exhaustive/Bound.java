package io.starling.simulation.exhaustive;

/// How far a search goes.
///
/// @param updates most of all replicas together, 1 to 6
/// @param transfers most deliveries of a transaction and joins of a state, together, 0 to 6
public record Bound(int updates, int transfers) {

  /// The largest of either.
  public static final int MAX = 6;

  public Bound {
    if (updates < 1 || updates > MAX || transfers < 0 || transfers > MAX) {
      throw new IllegalArgumentException(
          "1 to "
              + MAX
              + " updates and 0 to "
              + MAX
              + " transfers, not "
              + updates
              + " and "
              + transfers);
    }
  }

  /// As many of either.
  public static Bound depth(int depth) {
    return new Bound(depth, depth);
  }
}
