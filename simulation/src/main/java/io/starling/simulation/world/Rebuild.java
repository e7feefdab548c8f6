package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.Event;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.hosting.Company;
import io.starling.replica.hosting.Had;
import io.starling.replica.hosting.MakingAnew;
import io.starling.replica.hosting.Salvage;
import io.starling.replica.hosting.Salvage.Salvaged;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.state.LogRemains;
import io.starling.replica.state.Origin;
import io.starling.replica.state.StoredSpace;
import io.starling.replica.status.SpaceStatus;
import io.starling.simulation.disk.DamagedState;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/// The making anew of one space whose store was found damaged and set aside, by the rules that a
/// node of the product goes by ([MakingAnew], ADR 19): the others give what they have; what is
/// missing then is read from the logs of the damaged stores, as far as they are whole.
///
/// Until it is over, or goes on beside clients, these are told to ask another node.
final class Rebuild {

  /// A sixth of production's, which goes by real time.
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final World world;
  private final SimulatedSpace space;
  // The latest first.
  private final List<DamagedState> remains;
  private final Had had = new Had();
  private final MakingAnew anew;
  private Salvaged salvaged = Salvaged.NOTHING;
  private boolean isServing;
  private boolean isOver;

  Rebuild(World world, SimulatedSpace space, List<DamagedState> remains) {
    this.world = world;
    this.space = space;
    this.remains = List.copyOf(remains);
    remains.forEach(this::note);
    anew =
        new MakingAnew(
            space.node().key(),
            PATIENCE,
            had.isKnown(),
            this::isLostOfSystem,
            world.agenda().nowNanos());
  }

  private void note(DamagedState store) {
    try {
      had.note(store);
    } catch (StorageFailure | AssertionError broken) {
      world.counts().add("damaged stores that cannot be read");
    }
  }

  /// Whether all is here that can be had.
  boolean isOver() {
    return isOver;
  }

  /// Whether clients are to ask another node.
  boolean objects() {
    return !isOver && !isServing;
  }

  /// Looks at what is here now. Called now and then while the replica is open.
  void step(SpaceStatus status) {
    long now = world.agenda().nowNanos();
    var around = around();
    if (isOver || !anew.isDue(status, around, now)) {
      return;
    }
    var missing = had.missing(space.disk().durable());
    if (anew.mayFeed(missing, now)) {
      salvaged = feed(missing);
      anew.fed(salvaged, now);
    }
    var verdict = anew.verdict(around, now);
    var who = around.company() == Company.ALONE ? " of who hosts a space alone" : "";
    switch (verdict.end()) {
      case WHOLE -> {
        boolean isHost = around.company() != Company.NO_HOST;
        world.counts().add("rebuilds" + (isHost ? who : " of hosts taken off"));
        isOver = true;
      }
      case GIVEN_UP -> {
        world.counts().add("rebuilds that gave something up");
        if (!salvaged.next().isEmpty()) {
          world.counts().add("rebuilds that gave up what can be read");
        }
        if (!who.isEmpty()) {
          world.counts().add("rebuilds" + who + " that gave something up");
        }
        isOver = true;
      }
      case NOT_YET -> {
        if (verdict.serves() && !isServing) {
          world.counts().add("rebuilds that went on beside clients");
          isServing = true;
        }
      }
    }
  }

  private MakingAnew.Around around() {
    return new MakingAnew.Around(company(), others(space), space.node().isSystemRebuilt());
  }

  private SortedSet<KeyFingerprint> others(SimulatedSpace of) {
    var others = new TreeSet<>(of.members());
    others.remove(space.node().key());
    return others;
  }

  /// Whether a batch of `_system` is neither here, where that is made anew, nor with any member.
  private boolean isLostOfSystem(VersionVector.Entry named) {
    var node = space.node();
    var system = node.system();
    var here = new StoredSpace(system.disk().durable());
    return node.isSystemRebuilt()
        && named.replica().key().equals(node.key())
        && here.head(named.replica()).map(Origin::seq).orElse(0L) < named.seq()
        && MakingAnew.level(system.status()).containsAll(others(system));
  }

  private Company company() {
    if (!space.isHostedBy(space.node().key())) {
      return Company.NO_HOST;
    }
    return isAlone() ? Company.ALONE : Company.AMONG_HOSTS;
  }

  /// Whether no other member hosts the space, as `_system` says once clients may read that; lapsed
  /// ones come back.
  private boolean isAlone() {
    var node = space.node();
    return space != node.system()
        && !node.system().isRebuilding()
        && node.heard().members().stream()
            .allMatch(key -> key.equals(node.key()) || !space.isHostedBy(key));
  }

  /// Gives the loop what the logs of the damaged stores have of what is missing.
  private Salvaged feed(SortedMap<ReplicaId, Had.Missing> missing) {
    var all = Salvaged.NOTHING;
    for (var store : remains) {
      try {
        var log = new LogRemains(store);
        all = all.and(new Salvage<>(log, world::isGenuine, this::isTaken).run(missing));
      } catch (StorageFailure | AssertionError broken) {
        world.counts().add("logs that cannot be read");
      }
    }
    return all;
  }

  private boolean isTaken(List<SignedBatch> chunk) {
    world.counts().add("batches read from damaged stores", chunk.size());
    space.offer(new Event.Recovered(chunk));
    return true;
  }
}
