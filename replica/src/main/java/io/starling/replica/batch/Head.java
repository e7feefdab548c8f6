package io.starling.replica.batch;

import io.starling.crdt.causal.ReplicaId;

/// The batch at which a chain ends: what a context, a token or a close names.
///
/// Two chains of one replica that end at one seq with two hashes are a fork.
public record Head(ReplicaId replica, long seq, ChainHash hash) {}
