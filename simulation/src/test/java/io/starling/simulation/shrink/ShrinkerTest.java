package io.starling.simulation.shrink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.simulation.Plan;
import io.starling.simulation.Report;
import io.starling.simulation.Simulation;
import io.starling.simulation.bank.Mutant;
import io.starling.simulation.check.Checks.Finding;
import io.starling.simulation.scenario.Scenario;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ShrinkerTest {

  private static List<String> violated(Report report) {
    return report.findings().stream()
        .filter(finding -> !finding.isOk())
        .map(Finding::name)
        .toList();
  }

  /// Bugs that the swarm of all faults shows: found while it goes on, and only after the end.
  @ParameterizedTest
  @EnumSource(
      value = Mutant.class,
      names = {"KEEPS_WHAT_WAS_REMOVED", "RESETS_TOO_MUCH", "SENDS_ONCE_AND_NEVER_REPAIRS"})
  void whatFailsInASwarmOfFaultsIsShownWithFewer(Mutant mutant) {
    var failed = failing(mutant);
    var told = new ArrayList<Report>();

    var shrunk = Shrinker.shrink(failed, told::add);

    var plan = shrunk.report().plan();
    assertThat(violated(shrunk.report())).isEqualTo(violated(failed));
    assertThat(shrunk.report().lines()).isLessThan(failed.lines() / 2);
    assertThat(plan.reduction().without()).isNotEmpty();
    assertThat(plan.nodes()).isLessThan(5);
    assertThat(told).isNotEmpty().last().isEqualTo(shrunk.report());
    assertThat(shrunk.runs()).isBetween(told.size(), Shrinker.RUNS_MAX);
    assertThat(Simulation.run(plan).traceHash()).isEqualTo(shrunk.report().traceHash());
  }

  private static Report failing(Mutant mutant) {
    for (long seed = 1; seed <= 20; seed++) {
      var report =
          Simulation.run(
              new Plan(Scenario.SWARM, seed, 5, Duration.ofSeconds(10), mutant.engines()));
      if (!report.isOk()) {
        return report;
      }
    }
    throw new AssertionError("no seed shows " + mutant);
  }

  @Test
  void whatHoldsCannotBeShrunk() {
    var report = Simulation.run(Plan.of(Scenario.CALM, 1, 2, Duration.ofMillis(200)));

    assertThatThrownBy(() -> Shrinker.shrink(report, _ -> {}))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
