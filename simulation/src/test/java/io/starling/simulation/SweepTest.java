package io.starling.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.simulation.command.Simulate;
import io.starling.simulation.command.Sweep;
import io.starling.simulation.command.Tally;
import io.starling.simulation.scenario.Scenario;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A thousand seeds, on all processors, and some that run longer. A failure names the command that
/// reproduces it.
final class SweepTest {

  /// Chosen so that all of it takes about three minutes on two idle cores. A wider sweep: `starling
  /// simulate --scenario all --minutes 60`.
  private static final int SEEDS = 23;

  private static final List<Integer> NODES = List.of(3, 4, 5);
  private static final Duration DURATION = Duration.ofSeconds(8);
  private static final int RATE = 8;

  private static final int LIARS = 60;

  private static final int LONG_SEEDS = 4;
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  @ParameterizedTest
  @EnumSource(value = Scenario.class, mode = EnumSource.Mode.EXCLUDE, names = "BYZANTINE")
  void everySeedHolds(Scenario scenario) {
    var counts = new TreeMap<String, Long>();
    for (int nodes : NODES) {
      var plan = Plan.of(scenario, 1_000L * nodes, nodes, DURATION).at(RATE);
      sweep(plan, SEEDS).counts().forEach((what, count) -> counts.merge(what, count, Long::sum));
    }
    assertThat(counts.keySet())
        .as("a sweep of " + scenario.label() + " in which this never happens has shown nothing")
        .containsAll(sometimes(scenario));
  }

  /// Some of what went wrong here did so only after half a minute. A wider sweep: `starling
  /// simulate --scenario swarm --sweep 100 --duration 60s`.
  @ParameterizedTest
  @EnumSource(value = Scenario.class, mode = EnumSource.Mode.EXCLUDE, names = "BYZANTINE")
  void longerRunsHold(Scenario scenario) {
    sweep(Plan.of(scenario, 2_000, 4, LONG), LONG_SEEDS);
  }

  /// With members that lie, busier and longer runs do not all come together yet: docs/simulation.md
  /// says which, and why.
  @Test
  void liarsHarmNobodyElse() {
    var counts = new TreeMap<String, Long>();
    for (int nodes : List.of(4, 5)) {
      var plan = Plan.of(Scenario.BYZANTINE, 1, nodes, Duration.ofSeconds(5));
      sweep(plan, LIARS).counts().forEach((what, count) -> counts.merge(what, count, Long::sum));
    }
    assertThat(counts.keySet()).containsAll(sometimes(Scenario.BYZANTINE));
  }

  /// One of a hundred runs is done twice: the second time with signatures that are real.
  @Test
  void oneOfAHundredRunsTwiceAndMustBeTheSame() {
    var plan = Plan.of(Scenario.CALM, 301, 2, Duration.ofMillis(100));

    var findings = sweep(plan, 101).findings();

    assertThat(findings.get(Simulate.SAME)).isNotNull();
    assertThat(findings.get(Simulate.SAME).evaluations()).isOne();
  }

  private static Tally sweep(Plan plan, int seeds) {
    var sweep = new Sweep(plan, seeds, Duration.ofHours(1), List.of(), PROCESSORS);
    var tally = Simulate.run(sweep, _ -> {}, _ -> {}).tally();
    assertThat(tally.last().failure()).as(tally.last().plan().command()).isEmpty();
    return tally;
  }

  /// What must have happened in some run of a sweep.
  private static List<String> sometimes(Scenario scenario) {
    return switch (scenario) {
      case DEPARTURES ->
          List.of(
              "left",
              "departures given up",
              "departures resumed",
              "dismissals",
              "fault: store set back while leaving",
              "departures to hand over",
              "fault: lost machine",
              "lapses taken back",
              "log entries truncated");
      case DAMAGES ->
          List.of(
              "damage met while running",
              "fault: table of an earlier moment",
              "stores made anew",
              "batches read from damaged stores",
              "rebuilds that gave something up",
              "states taken over",
              "states taken over as a whole");
      case JOINERS ->
          List.of(
              "joined",
              "batches written while joining",
              "crashes while joining",
              "crashes of whom somebody joins by",
              "states taken over while joining",
              "states taken over as a whole while joining",
              "left",
              "stores made anew",
              "fault: eviction",
              "fault: partition",
              "fault: restore",
              "fault: upgrade",
              "messages to nodes of the older version",
              "messages in a newer form after an upgrade");
      case SPACES ->
          List.of(
              "fault: creation",
              "fault: drop",
              "fault: said twice",
              "fault: crash",
              "fault: partition",
              "joined",
              "spaces begun",
              "spaces begun again",
              "spaces dropped",
              "spaces deleted after a crash",
              "frames for spaces that are not here",
              "batches written where a drop was not heard of yet",
              "log entries truncated",
              "spaces that an older store lacks",
              "spaces that an older store brings back",
              "spaces set aside",
              "rebuilds of who hosts a space alone",
              "stores made anew",
              "spaces handed over",
              "left",
              "spaces lost",
              "batches of evicted members in spaces that are listed",
              "fault: adoption",
              "spaces copied");
      case SWARM -> List.of("spaces begun again", "spaces dropped", "spaces copied", "joined");
      case EVICTIONS -> List.of("fault: eviction", "fault: adoption");
      case COPIES -> List.of("fault: copy");
      case FORKS ->
          List.of(
              "fault: roll-back",
              "fault: partition",
              "fault: crash",
              "alarm: FORK",
              "alarm: LOST_TAIL",
              "forks of which both halves are there");
      case BYZANTINE ->
          List.of(
              "lie: garbage",
              "lie: foreign",
              "lie: replays",
              "lie: forgery",
              "lie: equivocation",
              "lie: nonsense",
              "lie: vectors",
              "lie: withholding",
              "lie: acknowledgements",
              "lie: transfers",
              "frames refused",
              "forks of which both halves are there",
              "alarm: FORK",
              "alarm: INVALID_BATCH",
              "alarm: CLOCK_DRIFT",
              "alarm: DIGEST_MISMATCH",
              "states taken over",
              "fault: partition",
              "fault: crash",
              "fault: eviction",
              "fault: adoption");
      case LOST_LOGS ->
          List.of("fault: log lost", "states taken over", "states proven", "operators helped");
      case SHORT_LOGS ->
          List.of(
              "log entries truncated",
              "states taken over",
              "states proven",
              "operators helped",
              "fault: upgrade",
              "messages to nodes of the older version",
              "messages in a newer form after an upgrade");
      case CALM, SPLIT_BRAIN, CRASHES, RESTORES, LOSSY, CLOCKS -> List.of();
    };
  }
}
