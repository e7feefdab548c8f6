package io.starling.simulation;

import io.starling.simulation.scenario.Scenario;
import io.starling.simulation.world.Engine;
import java.time.Duration;

/// What a run is asked to be. The same plan gives the same run.
///
/// @param seed decides everything that the rest leaves to chance
/// @param nodes 1 to 16
/// @param duration of the first phase, in which things go wrong; the second lasts until all nodes
///   have converged
/// @param engines what runs on the nodes
public record Plan(
    Scenario scenario, long seed, int nodes, Duration duration, Engine.Factory engines) {

  public static final int NODES_MAX = 16;

  /// @throws IllegalArgumentException if a value is out of range; the message says which
  public Plan {
    if (nodes < 1 || nodes > NODES_MAX) {
      throw new IllegalArgumentException("1 to " + NODES_MAX + " nodes, not " + nodes);
    }
    if (!duration.isPositive()) {
      throw new IllegalArgumentException("a duration above 0, not " + duration);
    }
  }

  /// The plan with production's engine.
  public static Plan of(Scenario scenario, long seed, int nodes, Duration duration) {
    return new Plan(scenario, seed, nodes, duration, Engine.Factory.PRODUCTION);
  }

  /// The command that runs it again.
  public String command() {
    return "starling simulate --scenario "
        + scenario.label()
        + " --seed "
        + seed
        + " --nodes "
        + nodes
        + " --duration "
        + duration.toMillis()
        + "ms";
  }
}
