package io.starling.replica.port;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.batch.ChainHash;
import java.util.List;
import java.util.Optional;

/// What this node has applied of `_system`, as the engines of other spaces see it. Safe to use from
/// any thread; never goes back.
public interface SystemPort {

  /// The active vector, durably applied.
  VersionVector vector();

  /// Whether a batch of `_system` is durably applied.
  boolean has(ReplicaId replica, long seq);

  /// The hash of a batch of `_system` that is durably applied, if it is still known.
  Optional<ChainHash> hash(ReplicaId replica, long seq);

  /// The hashes that a batch of that number may have: several if its replica was forked, none if
  /// they are no longer known.
  List<ChainHash> hashes(ReplicaId replica, long seq);
}
