package io.starling.simulation.bank;

import io.starling.simulation.Plan;
import io.starling.simulation.Report;
import io.starling.simulation.Simulation;
import java.time.Duration;
import java.util.Optional;

/// Hunts for planted bugs. A check that never fails shows nothing: each bug must be found within a
/// few seeds, and one that survives is a missing check.
public final class BugBank {

  /// How many seeds are tried for each.
  public static final int SEEDS_MAX = 100;

  private static final int NODES = 4;
  private static final Duration DURATION = Duration.ofSeconds(6);

  private BugBank() {}

  /// How a hunt ended.
  ///
  /// @param seeds how many were tried, the one that found it included
  /// @param finding what was found, and the plan's seed; empty if the bug survived
  public record Hunt(Mutant mutant, int seeds, Optional<String> finding) {
    public boolean isFound() {
      return finding.isPresent();
    }
  }

  /// Tries one seed after the other until a check fails.
  ///
  /// @param seedsMax at least 1
  public static Hunt hunt(Mutant mutant, int seedsMax) {
    for (int seed = 1; seed <= seedsMax; seed++) {
      var report =
          Simulation.run(new Plan(mutant.scenario(), seed, NODES, DURATION, mutant.engines()));
      if (!report.isOk() && !isBroken(report)) {
        return new Hunt(mutant, seed, report.failure());
      }
    }
    return new Hunt(mutant, seedsMax, Optional.empty());
  }

  /// Whether the run could not go on: that shows nothing of the checks.
  private static boolean isBroken(Report report) {
    return report.failure().filter(it -> it.startsWith(Simulation.UNBROKEN)).isPresent();
  }
}
