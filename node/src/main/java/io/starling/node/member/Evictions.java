package io.starling.node.member;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.membership.Revocation;
import io.starling.replica.membership.Revocations;
import io.starling.replica.request.Outcome;
import java.util.concurrent.CompletionStage;

/// What an operator does about members whose key is no longer to be trusted. Safe to use from any
/// thread.
public interface Evictions {

  /// Who is evicted, as this node knows.
  Revocations evicted();

  /// The revocation that leaves all that this node has applied of a key, in the spaces that it
  /// hosts: to be signed by the authority, and written to `_system`. Changes nothing.
  Revocation cutOff(KeyFingerprint key);

  /// Has what this node holds of a revoked member stand, on all members. The stage completes when
  /// that is durable here, with how many batches they were as the number of operations; never
  /// exceptionally.
  CompletionStage<Outcome> adopt(String space, KeyFingerprint key);
}
