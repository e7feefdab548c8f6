package io.starling.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.simulation.scenario.Scenario;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Some hundreds of seeds. A failure names the command that reproduces it.
final class SweepTest {

  /// Chosen so that all of it takes about a minute on two idle cores. A wider sweep: `starling
  /// simulate --scenario swarm --sweep 10000`.
  private static final int SEEDS = 50;

  private static final Duration DURATION = Duration.ofSeconds(5);

  @ParameterizedTest
  @EnumSource(Scenario.class)
  void everySeedHolds(Scenario scenario) {
    for (long seed = 1_000; seed < 1_000 + SEEDS; seed++) {
      int nodes = 3 + (int) (seed % 3);
      var report = Simulation.run(Plan.of(scenario, seed, nodes, DURATION));
      assertThat(report.failure()).as(report.plan().command()).isEmpty();
    }
  }
}
