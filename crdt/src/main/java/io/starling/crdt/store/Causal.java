package io.starling.crdt.store;

import io.starling.crdt.causal.CausalContext;

/// A dot store beside what its holder has seen: the state, or a delta, of a replica.
public record Causal<S extends DotStore<S>>(S store, CausalContext context) {

  /// The least state that has seen what both have. Idempotent, commutative, associative.
  public Causal<S> join(Causal<S> that) {
    return new Causal<>(store.join(context, that.store, that.context), context.or(that.context));
  }
}
