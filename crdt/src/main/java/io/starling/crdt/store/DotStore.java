package io.starling.crdt.store;

import io.starling.crdt.causal.CausalContext;

/// The state of a causal data type: dots, and what they carry.
///
/// A replica that lacks a dot asks: was it removed here, or has it not arrived? The causal context
/// beside the store answers: a covered dot that is absent was removed, an uncovered one was never
/// seen. All data types share the one join that follows from this; no tombstone is kept.
///
/// Reference: Almeida, Shoker, Baquero, Delta State Replicated Data Types (2018), section 7.
public interface DotStore<S extends DotStore<S>> {

  /// Whether no dot is left.
  boolean isEmpty();

  /// The least store that has seen what both have: a dot that both hold stays, a dot that one holds
  /// and the other's context does not cover stays, all others go.
  ///
  /// @param mine what this store has seen
  /// @param theirs what the other has seen
  S join(CausalContext mine, S that, CausalContext theirs);

  /// The join with an empty store whose context is given.
  S joinAbsent(CausalContext theirs);
}
