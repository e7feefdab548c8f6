package io.starling.replica.read;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.message.Token;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.SystemPort;
import io.starling.replica.state.StoredSpace;
import java.util.Optional;

/// What is applied of `_system`, read from its store. As thread-safe as its port, since each call
/// reads afresh.
public record StoredSystem(StatePort state) implements SystemPort {

  @Override
  public VersionVector vector() {
    return new StoredSpace(state).token().map(Token::vector).orElse(VersionVector.EMPTY);
  }

  @Override
  public boolean has(ReplicaId replica, long seq) {
    return new StoredSpace(state).head(replica).filter(head -> head.seq() >= seq).isPresent();
  }

  @Override
  public Optional<ChainHash> hash(ReplicaId replica, long seq) {
    return new StoredSpace(state).hash(replica, seq);
  }
}
