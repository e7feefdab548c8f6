package io.starling.node.peer;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.PeerAddress;
import java.time.Instant;
import java.util.Optional;

/// Who of those with a certificate of this cluster is still a member. Safe to use from any thread;
/// does not block.
public interface Admission {

  /// Admits everybody: what a node goes by that knows of nobody yet.
  Admission EVERYBODY =
      new Admission() {
        @Override
        public Optional<Instant> departed(KeyFingerprint peer) {
          return Optional.empty();
        }

        @Override
        public boolean isAbandoned(PeerAddress address) {
          return false;
        }
      };

  /// When a peer left for good; empty if it has not.
  Optional<Instant> departed(KeyFingerprint peer);

  /// Whether those who were at an address have all left.
  boolean isAbandoned(PeerAddress address);
}
