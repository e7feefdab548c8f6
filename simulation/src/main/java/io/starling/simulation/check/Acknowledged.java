package io.starling.simulation.check;

import io.starling.crdt.causal.VersionVector;
import io.starling.simulation.workload.Request;
import io.starling.simulation.workload.Workload;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;

/// What was acknowledged is there at the end, on every node, once; what was refused never happened;
/// what got no answer happened once or not at all.
final class Acknowledged implements Check {

  private final Model model;
  private final Workload workload;
  private final Evaluations evaluations =
      new Evaluations("I6 nothing acknowledged is lost, nothing refused is done");

  Acknowledged(Model model, Workload workload) {
    this.model = model;
    this.workload = workload;
  }

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  @Override
  public void converged(World world) {
    for (var request : workload.requests()) {
      if (world.liars().has(request.space().node())) {
        continue;
      }
      for (var node : world.remaining()) {
        node.find(request.space().id())
            .ifPresentOrElse(
                space -> require(request, space), () -> requireElsewhere(request, node, world));
      }
    }
  }

  /// One that an operator has dropped is nowhere, nor is one on a node that does not host it; and
  /// one that was created where that was lost again has gone with it.
  private void requireElsewhere(Request request, SimulatedNode node, World world) {
    var space = request.space().id();
    evaluations.require(
        !request.isWritten()
            || world.statements().isDropped(space)
            || !world.statements().isHost(node, space)
            || model.mayBeLost(request),
        () ->
            "request "
                + request.id()
                + " was acknowledged by "
                + request.space()
                + ", which nobody dropped, and "
                + node
                + " does not have it");
  }

  private void require(Request request, SimulatedSpace space) {
    var chronicle = model.chronicle(space);
    VersionVector vector = space.ledger().vector();
    long done = chronicle.done(request.principal()).stream().filter(vector::covers).count();
    if (request.isWritten()) {
      boolean mayBeLost = model.mayBeLost(request);
      evaluations.require(
          done == 1 || (done == 0 && mayBeLost),
          () ->
              "request "
                  + request.id()
                  + " was acknowledged, and "
                  + space
                  + " has it "
                  + done
                  + " times");
    } else {
      long most = request.isUnknown() ? 1 : 0;
      evaluations.require(
          done <= most,
          () ->
              "request "
                  + request.id()
                  + " was not acknowledged, and "
                  + space
                  + " has it "
                  + done
                  + " times: "
                  + request.outcome());
    }
  }
}
