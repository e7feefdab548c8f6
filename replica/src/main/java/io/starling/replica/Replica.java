package io.starling.replica;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.Signer;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.SystemPort;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A replica of one space: a deterministic state machine without I/O.
public final class Replica {

  private Replica() {}

  /// What a replica is made of.
  ///
  /// @param entropy 32 fresh random bytes for each start: new incarnations and the choice of peers
  ///     follow from them
  /// @param system what is applied of `_system`; empty for the replica of `_system` itself
  public record Setup(
      ClusterId cluster,
      SpaceId space,
      KeyFingerprint key,
      byte[] entropy,
      Limits limits,
      StatePort state,
      Signer signer,
      Optional<SystemPort> system) {}

  /// Opens a replica over its store, empty or not, under a new incarnation.
  public static Replica open(Setup setup, Instant now) {
    throw new UnsupportedOperationException(setup.toString() + now);
  }

  /// Takes an event and answers with what is to be done, in order.
  public List<Effect> on(Event event, Instant now) {
    throw new UnsupportedOperationException(event.toString() + now);
  }

  /// What it knows of itself and its peers.
  public SpaceStatus status() {
    throw new UnsupportedOperationException();
  }
}
