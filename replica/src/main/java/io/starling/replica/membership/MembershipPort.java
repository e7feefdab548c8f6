package io.starling.replica.membership;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.VersionVector;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/// Who belongs to the cluster and who no longer does, as this node's `_system` says. Safe to use
/// from any thread.
@FunctionalInterface
public interface MembershipPort {

  /// The members, this node included; of a node that is not among them, nobody waits for what it
  /// has applied.
  SortedSet<KeyFingerprint> members();

  /// Whose key is revoked, and from where on. The same object until there is news.
  default Revocations revocations() {
    return Revocations.NONE;
  }

  /// The newest version of what is said between peers that this node and all members read, those
  /// away included. A member that has just come knows few others, perhaps itself alone: of a peer
  /// that it does not know it cannot tell, so that is the first.
  ///
  /// @param reachable to whom something may be said
  default int peerForm(List<KeyFingerprint> reachable) {
    return 1;
  }

  /// The newest format of batches that this node and all members read, likewise.
  ///
  /// @param reachable to whom something may be said
  default int batchFormat(List<KeyFingerprint> reachable) {
    return 1;
  }

  /// What batches that wait in this node's other spaces, and stand, name of `_system`, by the key
  /// of their author. Asked by the replica of `_system` alone.
  default SortedMap<KeyFingerprint, VersionVector> namedElsewhere() {
    return new TreeMap<>();
  }
}
