package io.starling.node.bench;

/// A figure held against its target.
///
/// @param target the least value that is `ok`
public record Check(String name, double value, double target) {

  /// Whether the target is met.
  public boolean ok() {
    return value >= target;
  }
}
