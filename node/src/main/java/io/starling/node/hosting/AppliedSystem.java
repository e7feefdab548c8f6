package io.starling.node.hosting;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.node.loop.SpaceLoop;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.message.Token;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.SystemPort;
import io.starling.replica.read.StoredSystem;
import java.util.List;
import java.util.Optional;

/// What this node has durably applied of `_system`, for the engines of other spaces: the vector
/// from memory, since each of their batches asks for it, older hashes from the store.
final class AppliedSystem implements SystemPort {

  private final SpaceLoop loop;
  private final StoredSystem stored;
  private volatile Known known;

  private record Known(Token token, VersionVector vector) {}

  AppliedSystem(SpaceLoop loop, StatePort live) {
    this.loop = loop;
    this.stored = new StoredSystem(live);
    this.known = new Known(loop.applied(), loop.applied().vector());
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // The loop replaces its token when it applies.
  public VersionVector vector() {
    var token = loop.applied();
    var last = known;
    if (last.token() != token) {
      last = new Known(token, token.vector());
      known = last;
    }
    return last.vector();
  }

  @Override
  public boolean has(ReplicaId replica, long seq) {
    return vector().seq(replica) >= seq || stored.has(replica, seq);
  }

  @Override
  public Optional<ChainHash> hash(ReplicaId replica, long seq) {
    return stored.hash(replica, seq);
  }

  @Override
  public List<ChainHash> hashes(ReplicaId replica, long seq) {
    return stored.hashes(replica, seq);
  }
}
