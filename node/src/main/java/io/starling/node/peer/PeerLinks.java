package io.starling.node.peer;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.message.Message;

/// The way out to peers. Safe to use from any thread.
@FunctionalInterface
public interface PeerLinks {

  /// Hands a message over for sending and returns at once. It is dropped when the peer is not
  /// reachable or its queue, which is bounded by count and bytes, is full; what is dropped is
  /// pulled later.
  ///
  /// A message is handed over only when all that it speaks of is durable here.
  void send(KeyFingerprint peer, Message message);

  /// Tells a peer that it is evicted. Dropped when it is not reachable.
  ///
  /// @param statement signed by the authority
  default void dismiss(KeyFingerprint peer, byte[] statement) {}
}
