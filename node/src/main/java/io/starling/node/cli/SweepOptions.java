package io.starling.node.cli;

import io.starling.simulation.Plan;
import io.starling.simulation.command.Sweep;
import io.starling.simulation.scenario.Scenario;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// How many runs `simulate` does, for how long, and how many at the same time.
final class SweepOptions {

  // Longer runs with liars have not been swept (docs/simulation.md).
  private static final List<Scenario> SETTLED =
      Arrays.stream(Scenario.values()).filter(it -> it != Scenario.BYZANTINE).toList();
  private static final Duration LONGEST = Duration.ofDays(365);

  @Option(
      names = "--sweep",
      paramLabel = "COUNT",
      description =
          "runs so many seeds, up to the first that fails; of 101, one runs twice, the second time with real signatures (default: 1, or with --minutes as many as there is time for)")
  private Optional<Long> runs = Optional.empty();

  @Option(
      names = "--minutes",
      paramLabel = "M",
      description = "runs one seed after the other until M minutes have gone by")
  private Optional<Integer> minutes = Optional.empty();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "runs at the same time (default: as many as there are processors; with --trace 1)")
  private Optional<Integer> threads = Optional.empty();

  /// Whether there may be more than one run.
  boolean isAsked() {
    return runs.orElse(1L) > 1 || minutes.isPresent();
  }

  /// What is to be done.
  ///
  /// @param isOfAll whether the scenarios take turns
  /// @throws IllegalArgumentException if a value is out of range; the message says which
  Sweep of(Plan plan, boolean isOfAll, boolean isTraced) {
    if (isOfAll && runs.isEmpty() && minutes.isEmpty()) {
      throw new IllegalArgumentException(
          "all scenarios are for many runs: add --sweep COUNT or --minutes M");
    }
    long unbounded = minutes.isPresent() ? Long.MAX_VALUE : 1;
    return new Sweep(
        plan,
        runs.orElse(unbounded),
        minutes.map(Duration::ofMinutes).orElse(LONGEST),
        isOfAll ? SETTLED : List.of(),
        threads.orElse(usual(isTraced)));
  }

  private int usual(boolean isTraced) {
    return isTraced || !isAsked()
        ? 1
        : Math.min(Sweep.THREADS_MAX, Runtime.getRuntime().availableProcessors());
  }
}
