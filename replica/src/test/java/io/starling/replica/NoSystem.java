package io.starling.replica;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.port.SystemPort;
import java.util.List;
import java.util.Optional;

/// A `_system` of which nothing ever comes.
record NoSystem() implements SystemPort {
  @Override
  public VersionVector vector() {
    return VersionVector.EMPTY;
  }

  @Override
  public boolean has(ReplicaId replica, long seq) {
    return false;
  }

  @Override
  public Optional<ChainHash> hash(ReplicaId replica, long seq) {
    return Optional.empty();
  }

  @Override
  public List<ChainHash> hashes(ReplicaId replica, long seq) {
    return List.of();
  }
}
