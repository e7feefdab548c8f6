package io.starling.simulation.scenario;

import io.starling.crdt.causal.VersionVector;
import io.starling.replica.Effect;
import io.starling.replica.catchup.Proof;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.check.Checks;
import io.starling.simulation.world.Observer;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.Violation;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;

/// An operator who does what `docs/operations.md` says when nobody can confirm the state that a
/// node has to take over (alarm `UNATTESTED`), once all that were down are up.
///
/// That is for when one other member alone has what the node lacks, or further ones that were never
/// confirmed themselves. Nobody may wait for an operator while two that were confirmed have all
/// that any other has: one is the donor then, and the other confirms.
public final class Runbook implements Observer {

  /// Two attempts, of a minute each: what the first was offered may have been what the donor had
  /// when it had not all itself.
  private static final Duration ATTEMPTS = Duration.ofSeconds(140);

  private static final String WAITS = "was not taken over";

  private final World world;
  private final Draws draws;
  // By what a space is called on its node.
  private final TreeMap<String, SimulatedSpace> waiting = new TreeMap<>();
  private final TreeMap<String, Long> provableSince = new TreeMap<>();
  private final TreeMap<String, Long> ungivenSince = new TreeMap<>();
  private int helped;

  public Runbook(World world, Draws draws) {
    this.world = world;
    this.draws = draws;
  }

  /// How often a node was set otherwise and started again.
  public int helped() {
    return helped;
  }

  @Override
  public void alarmed(SimulatedSpace space, Effect.Alarm alarm) {
    if (alarm.kind() == Effect.Kind.UNATTESTED && alarm.message().contains(WAITS)) {
      waiting.put(space.toString(), space);
    }
  }

  /// Looks after the nodes, once a round after all faults have ended.
  ///
  /// @throws Violation if a node has waited though two others could have helped it
  public void look() {
    if (world.proof() == Proof.WAIVED) {
      return;
    }
    var waiters = List.copyOf(waiting.values());
    waiting.clear();
    for (var node : world.remaining()) {
      node.spaces().forEach(this::watch);
    }
    waiters.stream().filter(space -> isOpen(space) && lacksSomething(space)).forEach(this::help);
    for (var node : world.remaining()) {
      node.spaces().stream().filter(this::isGivenNothing).forEach(this::helpGivers);
    }
    for (var node : world.remaining()) {
      if (node.spaces().stream().anyMatch(space -> space.isUnattested() && isAsAnother(space))) {
        set(node, Proof.WAIVED, "digests compared");
      }
    }
  }

  private void watch(SimulatedSpace space) {
    if (isProvable(space)) {
      provableSince.putIfAbsent(space.toString(), world.agenda().nowNanos());
    } else {
      provableSince.remove(space.toString());
    }
  }

  private void help(SimulatedSpace space) {
    var since = provableSince.get(space.toString());
    if (since != null) {
      if (world.agenda().nowNanos() - since > ATTEMPTS.toNanos()) {
        throw new Violation(
            Checks.CONVERGENCE,
            space + " waits for an operator, though two others have all that it lacks");
      }
      // Its next attempt has whom to ask.
      return;
    }
    var unconfirmed = others(space).stream().filter(SimulatedSpace::isUnattested).toList();
    if (unconfirmed.isEmpty() || draws.perMille(500)) {
      set(space.node(), Proof.PREFERRED, "preferred");
    } else {
      unconfirmed.forEach(other -> set(other.node(), Proof.WAIVED, "waived"));
    }
  }

  /// Whether all who have what a space lacks were never confirmed, so that none gives it; for long.
  /// Nothing is taken over then of which it could be said that it was not confirmed.
  private boolean isGivenNothing(SimulatedSpace space) {
    var givers = givers(space);
    boolean isAny = isOpen(space) && !givers.isEmpty();
    if (!isAny || !givers.stream().allMatch(SimulatedSpace::isUnattested)) {
      ungivenSince.remove(space.toString());
      return false;
    }
    long now = world.agenda().nowNanos();
    var since = ungivenSince.putIfAbsent(space.toString(), now);
    return since != null && now - since > ATTEMPTS.toNanos();
  }

  private void helpGivers(SimulatedSpace space) {
    ungivenSince.remove(space.toString());
    givers(space).stream()
        .filter(SimulatedSpace::isUnattested)
        .forEach(giver -> set(giver.node(), Proof.WAIVED, "waived"));
  }

  private List<SimulatedSpace> givers(SimulatedSpace space) {
    return others(space).stream()
        .filter(other -> !space.ledger().vector().covers(other.ledger().vector()))
        .toList();
  }

  private void set(SimulatedNode node, Proof proof, String why) {
    helped++;
    world.counts().add("operators helped");
    world.counts().add("operators helped: " + why);
    world.note("operator", node + " is set to " + proof);
    node.set(proof);
  }

  private boolean isOpen(SimulatedSpace space) {
    return space.isOpen() && world.remaining().contains(space.node());
  }

  private List<SimulatedSpace> others(SimulatedSpace space) {
    return world.remaining().stream()
        .filter(node -> node != space.node())
        .flatMap(node -> node.spaces().stream())
        .filter(other -> other.id().equals(space.id()) && other.isOpen())
        .toList();
  }

  /// What any other has.
  private VersionVector known(SimulatedSpace space) {
    return others(space).stream()
        .map(other -> other.ledger().vector())
        .reduce(VersionVector.EMPTY, VersionVector::join);
  }

  private boolean lacksSomething(SimulatedSpace space) {
    return !space.ledger().vector().covers(known(space));
  }

  private boolean isProvable(SimulatedSpace space) {
    var known = known(space);
    return others(space).stream()
            .filter(other -> other.ledger().vector().covers(known) && !other.isUnattested())
            .count()
        >= 2;
  }

  private boolean isAsAnother(SimulatedSpace space) {
    var status = space.status();
    return others(space).stream()
        .map(SimulatedSpace::status)
        .anyMatch(other ->
            other.token().equals(status.token()) && other.digest().equals(status.digest()));
  }
}
