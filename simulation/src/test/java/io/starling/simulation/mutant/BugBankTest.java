package io.starling.simulation.mutant;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.simulation.Plan;
import io.starling.simulation.Report;
import io.starling.simulation.Simulation;
import io.starling.simulation.scenario.Scenario;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A check that never fails shows nothing. Each planted bug must be found within a few seeds; one
/// that survives is a missing check.
final class BugBankTest {

  private static final int SEEDS = 20;
  private static final int NODES = 4;
  private static final Duration DURATION = Duration.ofSeconds(6);

  @ParameterizedTest
  @EnumSource(Mutant.class)
  void isFound(Mutant mutant) {
    assertThat(firstFinding(mutant)).as(mutant + " survives " + SEEDS + " seeds").isPresent();
  }

  /// No check sees this one; the trace hash does.
  @Test
  void orderOfHashesIsFound() {
    var engines = Mutation.factory(EffectMutations::hashOrder);
    var plan = new Plan(Scenario.CALM, 1, NODES, DURATION, engines);

    assertThat(Simulation.run(plan).traceHash()).isNotEqualTo(Simulation.run(plan).traceHash());
  }

  @Test
  void theEngineWithoutABugIsNotAccused() {
    var engines = Mutation.factory(() -> new Mutation() {});
    var report = Simulation.run(new Plan(Scenario.SWARM, 1, NODES, DURATION, engines));

    assertThat(report.failure()).as(report.plan().command()).isEmpty();
  }

  static Optional<String> firstFinding(Mutant mutant) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Report report =
          Simulation.run(new Plan(mutant.scenario(), seed, NODES, DURATION, mutant.engines()));
      if (!report.isOk()) {
        return report.failure();
      }
    }
    return Optional.empty();
  }
}
