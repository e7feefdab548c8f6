package io.starling.simulation.command;

import io.starling.simulation.Plan;
import io.starling.simulation.scenario.Scenario;
import java.time.Duration;
import java.util.List;

/// Which runs are to be done: one for each seed, from that of a plan on.
///
/// @param plan of the first run
/// @param runs how many at most; each takes the next seed
/// @param most after that much real time no run begins
/// @param scenarios that take turns, by the seed; none for that of the plan
/// @param threads runs at the same time
public record Sweep(Plan plan, long runs, Duration most, List<Scenario> scenarios, int threads) {

  /// Runs at the same time, at most.
  public static final int THREADS_MAX = 64;

  // Not a multiple of how many scenarios take turns: each has its share.
  private static final int AGAIN_EVERY = 101;

  /// @throws IllegalArgumentException if a value is out of range; the message says which
  public Sweep {
    if (runs < 1) {
      throw new IllegalArgumentException("at least 1 run, not " + runs);
    }
    if (!most.isPositive()) {
      throw new IllegalArgumentException("more time than " + most);
    }
    if (threads < 1 || threads > THREADS_MAX) {
      throw new IllegalArgumentException("1 to " + THREADS_MAX + " threads, not " + threads);
    }
    scenarios = List.copyOf(scenarios);
  }

  /// One run.
  public static Sweep of(Plan plan) {
    return new Sweep(plan, 1, Duration.ofDays(1), List.of(), 1);
  }

  /// The plan of one of the runs.
  ///
  /// @param run from 0
  Plan plan(long run) {
    var next = plan.from(plan.seed() + run);
    return scenarios.isEmpty()
        ? next
        : next.of(scenarios.get(Math.floorMod(next.seed(), scenarios.size())));
  }

  /// Whether a run is done twice, and must come to the same: one of a hundred or so, by its seed.
  boolean isTwice(Plan run) {
    return runs > 1 && Math.floorMod(run.seed(), AGAIN_EVERY) == 0;
  }
}
