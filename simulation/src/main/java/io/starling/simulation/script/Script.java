package io.starling.simulation.script;

import java.time.Duration;
import java.util.List;

/// What is to happen in a run, beside what its scenario leaves to the seed.
///
/// @param regions where the nodes are
/// @param wan how long a frame takes from one region to another, one way
public record Script(Regions regions, Duration wan, List<Step> steps) {

  /// How long a frame takes between regions if nothing else is said.
  public static final Duration WAN = Duration.ofMillis(40);

  public static final int STEPS_MAX = 1_000;

  public Script {
    steps = List.copyOf(steps);
    if (steps.size() > STEPS_MAX) {
      throw new IllegalArgumentException("at most " + STEPS_MAX + " steps, not " + steps.size());
    }
  }

  /// One region in which nothing happens.
  public static Script none(int nodes) {
    return new Script(Regions.of(nodes, 1), WAN, List.of());
  }

  /// Whether nothing is said: no region, no step.
  public boolean isNone() {
    return steps.isEmpty() && regions.names().size() == 1;
  }
}
