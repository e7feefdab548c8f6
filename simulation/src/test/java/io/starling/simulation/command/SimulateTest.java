package io.starling.simulation.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.status.Position;
import io.starling.replica.status.SpaceStatus;
import io.starling.simulation.Plan;
import io.starling.simulation.Simulation;
import io.starling.simulation.check.Checks.Finding;
import io.starling.simulation.scenario.Scenario;
import io.starling.simulation.world.Engine;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SimulateTest {

  private static final Plan BROKEN =
      new Plan(
          Scenario.CALM,
          5,
          3,
          Duration.ofSeconds(2),
          (setup, now) -> new Breaking(Engine.Factory.PRODUCTION.open(setup, now)));

  /// A program with a fault of its own, far from where engines are asked.
  private record Breaking(Engine engine) implements Engine {
    @Override
    public List<Effect> on(Event event, Instant now) {
      return engine.on(event, now);
    }

    @Override
    public SpaceStatus status() {
      return engine.status();
    }

    @Override
    public Position position() {
      if (engine.status().active().size() > 1) {
        throw new IllegalStateException("no position");
      }
      return engine.position();
    }
  }

  @Test
  void whatIsThrownInARunIsAFindingLikeAnyOther() {
    var result = Simulate.run(Sweep.of(BROKEN), _ -> {}, _ -> {});

    assertThat(result.isOk()).isFalse();
    assertThat(result.tally().last().findings())
        .filteredOn(finding -> !finding.isOk())
        .extracting(Finding::name)
        .containsExactly(Simulation.UNBROKEN);
    assertThat(result.tally().last().failure().orElseThrow())
        .contains("IllegalStateException: no position, at ", "SimulateTest.java:");
    assertThat(result.shrunk().orElseThrow().report().plan().nodes()).isEqualTo(2);
  }

  @Test
  void aFailureNamesSeedAndVersion() {
    var result = Simulate.run(Sweep.of(BROKEN), _ -> {}, _ -> {});
    var summary = new Summary(result, "1.2.3 (0123abc)");

    assertThat(summary.text())
        .contains("FAILED " + Simulation.UNBROKEN)
        .contains("reproduce: starling simulate --scenario calm --seed 5 --nodes 2")
        .contains("with: starling 1.2.3 (0123abc)");
    assertThat(summary.json())
        .contains("\"version\":\"1.2.3 (0123abc)\"")
        .contains("\"reproduce\":\"starling simulate --scenario calm --seed 5 --nodes 3");
  }
}
