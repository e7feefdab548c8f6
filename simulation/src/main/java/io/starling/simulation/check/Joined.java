package io.starling.simulation.check;

import io.starling.crdt.causal.VersionVector;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.Changes;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.util.List;
import java.util.TreeMap;

/// Who joins is a member as all others are: at the end each member that is there counts on just
/// those who are there, itself included, whoever was there first.
///
/// Counts what befalls members until they have all that those by whom they join had then.
final class Joined implements Check {

  private final World world;
  private final TreeMap<Integer, Goal> joining = new TreeMap<>();
  private final Evaluations evaluations =
      new Evaluations("I20 each member knows who the members are");

  /// What a member must have to be taken for one that has come.
  private record Goal(List<SimulatedNode> peers, TreeMap<SpaceId, VersionVector> vectors) {}

  Joined(World world) {
    this.world = world;
  }

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  @Override
  public void joined(SimulatedNode node, List<SimulatedNode> peers) {
    var vectors = new TreeMap<SpaceId, VersionVector>();
    for (var space : peers.getFirst().spaces()) {
      vectors.put(space.id(), space.ledger().vector());
    }
    joining.put(node.number(), new Goal(peers, vectors));
  }

  @Override
  public void durable(SimulatedSpace space, List<Effect.Applied> applied) {
    var goal = joining.get(space.node().number());
    if (goal != null && space.node().spaces().stream().allMatch(it -> hasCome(it, goal))) {
      joining.remove(space.node().number());
      world.counts().add("joined");
    }
  }

  private static boolean hasCome(SimulatedSpace space, Goal goal) {
    var wanted = goal.vectors().getOrDefault(space.id(), VersionVector.EMPTY);
    return space.ledger().vector().covers(wanted);
  }

  @Override
  public void crashed(SimulatedNode node) {
    if (joining.containsKey(node.number())) {
      world.counts().add("crashes while joining");
    }
    if (joining.values().stream().anyMatch(goal -> goal.peers().contains(node))) {
      world.counts().add("crashes of whom somebody joins by");
    }
  }

  @Override
  public void handled(SimulatedSpace space, Event event, List<Effect> effects) {
    if (!joining.containsKey(space.node().number())) {
      return;
    }
    for (var effect : effects) {
      switch (effect) {
        case Effect.Adopted _ -> world.counts().add("states taken over while joining");
        case Effect.Persist(var changes) when changes.fresh() == Changes.Fresh.PROMOTED ->
            world.counts().add("states taken over as a whole while joining");
        case Effect.Applied _ when event instanceof Event.Submitted ->
            world.counts().add("batches written while joining");
        default -> {}
      }
    }
  }

  /// An eviction that was stated by who was evicted before others had heard it counts for nobody.
  @Override
  public void converged(World converged) {
    var there = world.members();
    world.remaining().forEach(node -> there.removeAll(node.revocations().keys()));
    world.nodes().stream().filter(SimulatedNode::isGone).forEach(it -> there.remove(it.key()));
    for (var node : world.remaining()) {
      evaluations.require(
          node.members().equals(there),
          () -> node + " counts on " + node.members() + "; there are " + there);
    }
  }
}
