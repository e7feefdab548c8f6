package io.starling.crdt.causal;

/// A set of dots: what someone has seen.
@FunctionalInterface
public interface CausalContext {

  /// The context that has seen nothing.
  CausalContext NOTHING = _ -> false;

  /// Whether the dot was seen.
  boolean covers(Dot dot);

  /// The context that has seen what this one or the other has.
  default CausalContext or(CausalContext that) {
    return dot -> covers(dot) || that.covers(dot);
  }

  /// The context that has seen just one dot.
  static CausalContext of(Dot only) {
    return only::equals;
  }
}
