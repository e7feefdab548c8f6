package io.starling.simulation.script;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/// What is to happen in a run, beside what its scenario leaves to the seed.
///
/// @param regions where the nodes are
/// @param wan how long a frame takes from one region to another, one way
public record Script(Regions regions, Duration wan, List<Step> steps) {

  /// How long a frame takes between regions if nothing else is said.
  public static final Duration WAN = Duration.ofMillis(40);

  /// The longest that a frame may take, one way.
  public static final Duration DELAY_MAX = Duration.ofSeconds(2);

  public static final int STEPS_MAX = 1_000;

  public Script {
    steps = List.copyOf(steps);
    if (wan.compareTo(DELAY_MAX) > 0) {
      throw new IllegalArgumentException(
          "a delay of at most " + DELAY_MAX.toSeconds() + "s, not " + wan.toMillis() + "ms");
    }
    if (steps.size() > STEPS_MAX) {
      throw new IllegalArgumentException("at most " + STEPS_MAX + " steps, not " + steps.size());
    }
  }

  /// One region in which nothing happens.
  public static Script none(int nodes) {
    return new Script(Regions.of(nodes, 1), WAN, List.of());
  }

  /// When its last step ends.
  public Duration end() {
    return steps.stream()
        .map(step -> step.span().until())
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  /// Whether nothing is said: no region, no name, no step.
  public boolean isNone() {
    return steps.isEmpty() && regions.names().size() == 1 && regions.isUsual();
  }
}
