package io.starling.simulation.check;

import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.batch.SpaceId;
import io.starling.simulation.workload.Request;
import io.starling.simulation.workload.Workload;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// A space is what was written to it: nothing that was written to one is in another, be it a later
/// one of the same name. At the end each node has just the spaces that are listed and that it
/// hosts, and nothing is left of those that were dropped. One that was dropped is not opened again.
final class Listed implements Check {

  private final Model model;
  private final World world;
  private final Workload workload;
  private final TreeSet<SpaceId> dropped = new TreeSet<>();
  private final TreeSet<String> droppedAt = new TreeSet<>();
  private final Evaluations evaluations =
      new Evaluations("I21 each node has the spaces that are listed, each for itself");

  Listed(World world, Model model, Workload workload) {
    this.world = world;
    this.model = model;
    this.workload = workload;
  }

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  @Override
  public void dropped(SimulatedSpace space) {
    dropped.add(space.id());
    droppedAt.add(space.toString());
  }

  @Override
  public void opened(SimulatedSpace space) {
    evaluations.require(
        !droppedAt.contains(space.toString()), () -> space + " is opened, and was dropped there");
  }

  @Override
  public void handled(SimulatedSpace space, Event event, List<Effect> effects) {
    for (var effect : effects) {
      if (effect instanceof Effect.Applied(var signed, _, _)) {
        signed.batch().transactions().forEach(it -> requireAtHome(space, it.principal()));
        if (event instanceof Event.Submitted && dropped.contains(space.id())) {
          world.counts().add("batches written where a drop was not heard of yet");
        }
      }
    }
  }

  private void requireAtHome(SimulatedSpace space, String principal) {
    var request = workload.request(Request.id(principal));
    evaluations.require(
        request.filter(it -> !it.space().id().equals(space.id())).isEmpty(),
        () -> space + " applied " + principal + ", which was written elsewhere");
  }

  @Override
  public void converged(World converged) {
    var digests = new TreeMap<String, String>();
    for (var node : world.remaining()) {
      evaluations.require(
          node.hosting().isSettled(),
          () -> node + " has " + node.hosting().stored() + " beside what it is to have");
      for (var space : node.spaces()) {
        var digest = space.status().digest() + " of " + space.status().cells();
        var other = digests.putIfAbsent(space.name(), digest);
        evaluations.require(
            other == null || other.equals(digest),
            () -> space + " has " + digest + ", another " + other);
        model.chronicle(space).entries().forEach(it -> requireOf(space, it));
      }
    }
  }

  private void requireOf(SimulatedSpace space, Chronicle.Entry entry) {
    evaluations.require(
        entry.batch().space().equals(space.id()),
        () -> space + " has " + entry.signed().head() + ", which is of another space");
  }
}
