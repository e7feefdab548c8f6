package io.starling.node.peer;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Message;
import java.util.List;
import java.util.Optional;

/// The way in for what peers say, for all spaces of this node. Safe to use from any thread; nothing
/// here blocks.
public interface SpaceInbox {

  /// Takes messages of a peer, of any spaces, in the order in which they came. Every signature in
  /// them has been verified.
  ///
  /// @return whether all were taken; those for a space whose queue is full, that stands still or
  ///   that does not exist here are dropped, and pulled later
  boolean arrived(KeyFingerprint peer, List<Message> messages);

  /// Messages can be sent to a peer from now on. May be repeated.
  void peerUp(KeyFingerprint peer);

  /// Messages to a peer would be lost for now. May be repeated.
  void peerDown(KeyFingerprint peer);

  /// A peer says that this node is evicted, by a statement whose signature is not verified yet.
  default void dismissed(byte[] statement) {}

  /// The active vector that a space has durably applied, so that what it has already need not be
  /// verified again; empty if the space does not exist here.
  Optional<VersionVector> applied(SpaceId space);
}
