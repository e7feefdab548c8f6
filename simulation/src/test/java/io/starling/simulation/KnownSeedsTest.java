package io.starling.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.simulation.scenario.Scenario;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Runs that once failed, and are longer than those of the sweeps.
final class KnownSeedsTest {

  /// 7013: a question for a state that came twice began two transfers. 8029: two had closed the
  /// same replica, and neither knew the other; answers of ten batches began at the first each time.
  /// 8001: what the full buffer gave up was still said to be held.
  @ParameterizedTest
  @CsvSource({"SWARM, 7013, 5", "COPIES, 8029, 4", "EVICTIONS, 8001, 3"})
  void theyHold(Scenario scenario, long seed, int nodes) {
    var report = Simulation.run(Plan.of(scenario, seed, nodes, Duration.ofSeconds(60)));
    assertThat(report.failure()).as(report.plan().command()).isEmpty();
  }
}
