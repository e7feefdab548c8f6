package io.starling.simulation.check;

import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.util.List;

/// What waits stays below the limits, and nothing waits at the end.
final class Bounds implements Check {

  private final World world;
  private final Evaluations evaluations = new Evaluations("I12 buffers stay within their limits");

  Bounds(World world) {
    this.world = world;
  }

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  @Override
  public void handled(SimulatedSpace space, Event event, List<Effect> effects) {
    if (!(event instanceof Event.Arrived)) {
      return;
    }
    int buffered = space.position().buffered();
    world.counts().max("most batches buffered", buffered);
    long bound = (long) world.nodes().size() * world.limits().bufferedBatches();
    evaluations.require(
        buffered <= bound,
        () -> space + " buffers " + buffered + " batches; the limits allow " + bound);
  }
}
