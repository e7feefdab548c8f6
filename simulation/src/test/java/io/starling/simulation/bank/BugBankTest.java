package io.starling.simulation.bank;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.replica.Effect;
import io.starling.simulation.Plan;
import io.starling.simulation.Simulation;
import io.starling.simulation.scenario.Scenario;
import java.time.Duration;
import java.util.Comparator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Each planted bug is found within few seeds: `starling simulate --bug-bank` tries more.
final class BugBankTest {

  private static final int SEEDS = 40;
  private static final int NODES = 4;
  private static final Duration DURATION = Duration.ofSeconds(6);

  @ParameterizedTest
  @EnumSource(Mutant.class)
  void isFound(Mutant mutant) {
    var hunt = BugBank.hunt(mutant, SEEDS);

    assertThat(hunt.finding()).as(mutant + " survives " + SEEDS + " seeds").isPresent();
    assertThat(mutant.story()).endsWith(".");
  }

  /// No check sees this one; the trace hash does.
  @Test
  void orderOfHashesIsFound() {
    var engines = Mutation.factory(BugBankTest::hashOrder);
    var plan = new Plan(Scenario.CALM, 1, NODES, DURATION, engines);

    assertThat(Simulation.run(plan).traceHash()).isNotEqualTo(Simulation.run(plan).traceHash());
  }

  @Test
  void theEngineWithoutABugIsNotAccused() {
    var engines = Mutation.factory(() -> new Mutation() {});
    var report = Simulation.run(new Plan(Scenario.SWARM, 1, NODES, DURATION, engines));

    assertThat(report.failure()).as(report.plan().command()).isEmpty();
  }

  /// Peers are sent to in the order of their hash codes, as a hash set would have it.
  private static Mutation hashOrder() {
    return Mutation.ofEffects(effects ->
        effects.stream()
            .map(effect ->
                effect instanceof Effect.Send(var peers, var message)
                    ? new Effect.Send(
                        peers.stream()
                            .sorted(Comparator.comparingInt(System::identityHashCode))
                            .toList(),
                        message)
                    : effect)
            .toList());
  }
}
