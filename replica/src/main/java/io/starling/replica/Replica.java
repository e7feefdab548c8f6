package io.starling.replica;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.membership.MembershipPort;
import io.starling.replica.port.Signer;
import io.starling.replica.port.SnapshotPort;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.SystemPort;
import io.starling.replica.status.Position;
import io.starling.replica.status.SpaceStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A replica of one space: a deterministic state machine without I/O.
///
/// It is told events and the time, and answers with effects. It reads state by a port and changes
/// it by [Effect.Persist] alone; equal states, events and times give equal effects. Not
/// thread-safe: one thread owns it. After any exception it must be opened anew from its store, for
/// its memory may be ahead of it.
///
/// All that one event changes is persisted together, before anything of it is answered, sent or
/// told.
public final class Replica {

  private final Parts parts;

  /// What a replica is made of.
  ///
  /// @param entropy 32 fresh random bytes for each start: new incarnations and the choice of peers
  ///   follow from them
  /// @param state shows what is durable
  /// @param snapshots of that
  /// @param system what is applied of `_system`; empty for the replica of `_system` itself
  /// @param membership who belongs to the cluster
  /// @param proof what it takes for another member's state to be taken over
  public record Setup(
      ClusterId cluster,
      SpaceId space,
      KeyFingerprint key,
      byte[] entropy,
      Limits limits,
      StatePort state,
      SnapshotPort snapshots,
      Signer signer,
      Optional<SystemPort> system,
      MembershipPort membership,
      Proof proof) {}

  /// Opens a replica over its store, empty or not, under a new incarnation.
  ///
  /// @throws io.starling.replica.port.StorageFailure if the store is of another space or of a newer
  ///   version; it was not changed
  public static Replica open(Setup setup, Instant now) {
    return new Replica(setup, now.toEpochMilli());
  }

  private Replica(Setup setup, long nowMillis) {
    this.parts = new Parts(setup, nowMillis);
  }

  /// Takes an event and answers with what is to be done, in order.
  public List<Effect> on(Event event, Instant now) {
    parts.standing.refresh();
    var turn = new Turn(parts, now.toEpochMilli());
    switch (event) {
      case Event.Submitted(var submissions) -> turn.submitted(submissions);
      case Event.Arrived(var peer, var messages) -> turn.arrived(peer, messages);
      case Event.Recovered(var batches) -> turn.recovered(batches);
      case Event.Adopting(long submission, var key) -> turn.adopting(submission, key);
      case Event.PeerUp(var peer) -> turn.peerUp(peer);
      case Event.PeerDown(var peer) -> turn.peerDown(peer);
      case Event.SystemAdvanced() -> turn.systemAdvanced();
      case Event.Retained(var retention) -> turn.retained(retention);
      case Event.Continue() -> turn.proceed();
      case Event.Tick() -> turn.tick();
    }
    return turn.effects();
  }

  /// Lets go of the snapshots that transfers of state hold. It takes no event after that.
  public void close() {
    parts.catchUp.close();
  }

  /// What it knows of itself and its peers.
  public SpaceStatus status() {
    var origins = parts.state.origins();
    return new SpaceStatus(
        parts.incarnations.current(),
        origins.vector(),
        origins.closedReplicas(),
        origins.closedSum(),
        parts.state.digests().total(),
        parts.state.digests().cells(),
        parts.stability.vector(),
        parts.buffer.size(),
        parts.peers.statuses(),
        origins.token(),
        parts.peers.tallies(parts.buffer.bytes()),
        parts.catchUp.status(),
        new SpaceStatus.LogStatus(
            parts.state.log().bytes(),
            parts.truncation.oldestMillis(),
            parts.truncation.truncated(),
            parts.truncation.truncatedUnstable(),
            parts.stability.holders()),
        parts.standing.status());
  }

  /// Where it stands; of that, [#status] says more, and costs more.
  public Position position() {
    var origins = parts.state.origins();
    var digests = parts.state.digests();
    return new Position(
        origins.vector(),
        origins.token(),
        digests.total(),
        digests.cells(),
        parts.buffer.size(),
        parts.catchUp.status().filter(it -> it.phase() == SpaceStatus.Phase.JOINING).isPresent());
  }
}
