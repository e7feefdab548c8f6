package io.starling.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.simulation.check.Checks.Finding;
import io.starling.simulation.scenario.Scenario;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Each scenario does to the nodes what it says, and they withstand it.
final class ScenarioTest {

  private static final List<Long> SEEDS = List.of(1L, 2L, 3L, 4L);
  private static final Duration DURATION = Duration.ofSeconds(12);

  @Test
  void nothingGoesWrongInTheCalm() {
    assertThat(withstands(Scenario.CALM)).doesNotContainKeys("fault: cut", "fault: crash");
  }

  @Test
  void partitionsAreSurvived() {
    assertThat(withstands(Scenario.SPLIT_BRAIN))
        .containsKeys("fault: partition", "fault: cut", "fault: flapping");
  }

  @Test
  void crashesAreSurvived() {
    assertThat(withstands(Scenario.CRASHES))
        .containsKeys("fault: crash", "fault: disk failure", "unknown");
  }

  @Test
  void olderStoresAreTakenForWhatTheyAre() {
    assertThat(withstands(Scenario.RESTORES)).containsKeys("fault: crash", "fault: restore");
  }

  @Test
  void aBadNetworkIsSurvived() {
    assertThat(withstands(Scenario.LOSSY))
        .containsKeys(
            "fault: drop",
            "fault: duplicate",
            "fault: reorder",
            "fault: replay",
            "fault: corrupt",
            "frames refused");
  }

  @Test
  void wrongClocksAreSurvived() {
    assertThat(withstands(Scenario.CLOCKS)).containsKeys("fault: clock jump");
  }

  @Test
  void shortLogsAreSurvived() {
    var counts = withstands(Scenario.SHORT_LOGS);
    assertThat(counts).containsKeys("fault: crash", "fault: restore", "states taken over");
    assertThat(counts.get("log entries truncated")).isGreaterThan(100);
  }

  @Test
  void aCopyStartedBesideTheOriginalIsSurvived() {
    var counts = withstands(Scenario.COPIES);
    assertThat(counts).containsKeys("fault: copy", "alarm: LOST_TAIL");
    // Two processes that end each other's incarnations do not go on saying so.
    assertThat(counts.get("alarm: LOST_TAIL")).isLessThan(40 * counts.get("fault: copy"));
  }

  @Test
  void machinesThatAreSetBackWhileTheyRunAreSurvived() {
    assertThat(withstands(Scenario.FORKS))
        .containsKeys(
            "fault: roll-back",
            "alarm: FORK",
            "forks of which both halves are there",
            "fault: crash");
  }

  @Test
  void membersThatLieHarmNobodyElse() {
    assertThat(withstands(Scenario.BYZANTINE))
        .containsKeys("lie: nonsense", "lie: withholding", "frames refused", "fault: crash");
  }

  @Test
  void membersThatGoAreNotMissed() {
    assertThat(withstands(Scenario.DEPARTURES))
        .containsKeys("fault: departure", "left", "fault: absence", "fault: lapse", "fault: crash");
  }

  @Test
  void damagedStoresAreMadeAnew() {
    assertThat(withstands(Scenario.DAMAGES))
        .containsKeys("fault: damage", "damage met while running", "stores made anew");
  }

  @Test
  void whoJoinsIsAMemberAsAllOthersAre() {
    assertThat(withstands(Scenario.JOINERS))
        .containsKeys(
            "fault: join",
            "joined",
            "batches written while joining",
            "crashes while joining",
            "states taken over while joining");
  }

  @Test
  void spacesComeAndGo() {
    assertThat(withstands(Scenario.SPACES))
        .containsKeys(
            "fault: creation",
            "fault: drop",
            "spaces begun",
            "spaces begun again",
            "spaces dropped",
            "frames for spaces that are not here",
            "batches written where a drop was not heard of yet");
  }

  @Test
  void everythingAtOnceIsSurvived() {
    assertThat(withstands(Scenario.SWARM))
        .containsKeys("fault: crash", "fault: partition", "fault: pause", "fault: clog");
  }

  @Test
  void oneNodeAloneNeedsNobody() {
    var report = Simulation.run(Plan.of(Scenario.CRASHES, 1, 1, DURATION));

    assertThat(report.failure()).as(report.plan().command()).isEmpty();
  }

  private static TreeMap<String, Long> withstands(Scenario scenario) {
    var counts = new TreeMap<String, Long>();
    for (long seed : SEEDS) {
      var report = Simulation.run(Plan.of(scenario, seed, 5, DURATION));
      assertThat(report.failure()).as(report.plan().command()).isEmpty();
      assertThat(report.findings())
          .as("every check is evaluated: " + report.plan().command())
          .filteredOn(finding -> !finding.name().startsWith("I16"))
          .allMatch(finding -> finding.evaluations() > 0)
          .allMatch(Finding::isOk);
      report.counts().forEach((what, count) -> counts.merge(what, count, Long::sum));
    }
    return counts;
  }
}
