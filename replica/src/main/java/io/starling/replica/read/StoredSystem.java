package io.starling.replica.read;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.message.Token;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.SystemPort;
import io.starling.replica.state.StoredSpace;
import java.util.List;
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
    var stored = new StoredSpace(state);
    return stored.head(replica).filter(head -> head.seq() >= seq).isPresent()
        || !others(stored, replica, seq).isEmpty();
  }

  @Override
  public Optional<ChainHash> hash(ReplicaId replica, long seq) {
    return new StoredSpace(state).hash(replica, seq);
  }

  @Override
  public List<ChainHash> hashes(ReplicaId replica, long seq) {
    var stored = new StoredSpace(state);
    var plain = stored.hash(replica, seq);
    if (plain.isPresent()) {
      return List.of(plain.get());
    }
    var applied = stored.applied(stored.branches());
    return others(stored, replica, seq).stream()
        .flatMap(it -> applied.hash(it, seq).stream())
        .toList();
  }

  /// The branches that have a number which the replica itself, since it was forked, has not.
  private static List<ReplicaId> others(StoredSpace stored, ReplicaId replica, long seq) {
    var branches = stored.branches();
    return branches.having(replica, seq, stored.applied(branches)).stream()
        .filter(it -> !it.equals(replica))
        .toList();
  }
}
