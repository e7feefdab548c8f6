package io.starling.replica.batch;

import io.starling.crdt.causal.VersionVector;

/// How a batch's context differs from that of its replica's batch before.
///
/// Entries name replicas and seqs; one hash over the chain hashes of the batches so named
/// ([Commitment]) stands for all of them, so that a batch applies only where the very batches its
/// author had seen are, and still costs 16 bytes, not 32 for each entry.
///
/// @param space changed entries of this space's vector; the author's own entry is left out
/// @param system changed entries of the vector of `_system`; empty in a batch of `_system` itself
/// @param commitment of the heads that `space` and `system` name; [Commitment#NONE] if both are
///   empty
public record ContextDifference(VersionVector space, VersionVector system, Commitment commitment) {

  /// A context that did not change.
  public static final ContextDifference NONE =
      new ContextDifference(VersionVector.EMPTY, VersionVector.EMPTY, Commitment.NONE);

  /// Whether nothing changed.
  public boolean isEmpty() {
    return space.isEmpty() && system.isEmpty();
  }
}
