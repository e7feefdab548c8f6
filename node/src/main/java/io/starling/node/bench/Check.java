package io.starling.node.bench;

/// A figure held against its target.
///
/// @param target the least value that is `ok`, or the greatest
/// @param isCeiling whether it is the greatest
public record Check(String name, double value, double target, boolean isCeiling) {

  /// A figure that is to reach its target.
  public static Check atLeast(String name, double value, double target) {
    return new Check(name, value, target, false);
  }

  /// A figure that is to stay within its target.
  public static Check atMost(String name, double value, double target) {
    return new Check(name, value, target, true);
  }

  /// Whether the target is met.
  public boolean ok() {
    return isCeiling ? value <= target : value >= target;
  }
}
