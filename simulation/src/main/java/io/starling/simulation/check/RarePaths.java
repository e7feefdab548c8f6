package io.starling.simulation.check;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.message.Message;
import io.starling.replica.message.Transfer;
import io.starling.simulation.world.Observer;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// Counts what happens seldom and has to happen now and then: a sweep in which it never did has
/// shown nothing of it. What effects, alarms and faults tell of themselves is counted where they
/// are carried out.
final class RarePaths implements Observer {

  static final String INTERRUPTED = "catch-ups interrupted";
  static final String CLOSED = "incarnations closed";
  static final String REOPENED = "incarnations closed and open again";
  static final String WRITTEN = "writes while state was fetched";
  static final String JOINED = "writes while state was joined";
  static final String PULLED = "pulls with a full buffer";

  private final World world;
  private final SortedMap<String, Seen> seen = new TreeMap<>();

  /// What is known of one open replica.
  private static final class Seen {
    private VersionVector active = VersionVector.EMPTY;
    private final TreeSet<ReplicaId> closed = new TreeSet<>();
    private boolean isTaking;
    private boolean isJoining;
  }

  RarePaths(World world) {
    this.world = world;
  }

  @Override
  public void opened(SimulatedSpace space) {
    seen.put(space.toString(), new Seen());
  }

  @Override
  public void crashed(SimulatedNode node) {
    for (var space : node.spaces()) {
      var before = seen.remove(space.toString());
      if (before != null && before.isTaking) {
        world.counts().add(INTERRUPTED);
      }
    }
  }

  @Override
  public void handled(SimulatedSpace space, Event event, List<Effect> effects) {
    var known = seen.computeIfAbsent(space.toString(), _ -> new Seen());
    var position = space.position();
    if ((known.isJoining || known.isTaking)
        && event instanceof Event.Submitted
        && effects.stream().anyMatch(Effect.Applied.class::isInstance)) {
      world.counts().add(known.isJoining ? JOINED : WRITTEN);
    }
    known.isJoining = position.isJoining();
    boolean isFull = position.buffered() >= world.limits().bufferedBatches();
    for (var effect : effects) {
      switch (effect) {
        case Effect.Adopted _ -> known.isTaking = false;
        case Effect.Send(_, Message.Transferred(_, _, Transfer.Get _)) -> known.isTaking = true;
        case Effect.Send(_, Message.Pull _) when isFull -> world.counts().add(PULLED);
        default -> {}
      }
    }
    if (!position.active().equals(known.active)) {
      compare(known, position.active());
    }
  }

  /// A replica is active until it is closed; it is again when it turns out to have written more.
  private void compare(Seen known, VersionVector active) {
    for (var closed : List.copyOf(known.closed)) {
      if (active.contains(closed)) {
        known.closed.remove(closed);
        world.counts().add(REOPENED);
      }
    }
    for (var entry : known.active.entries()) {
      if (!active.contains(entry.replica()) && known.closed.add(entry.replica())) {
        world.counts().add(CLOSED);
      }
    }
    known.active = active;
  }
}
