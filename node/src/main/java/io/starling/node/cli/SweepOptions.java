package io.starling.node.cli;

import io.starling.simulation.Plan;
import io.starling.simulation.command.Sweep;
import io.starling.simulation.scenario.Scenario;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Option;

/// How many runs `simulate` does, for how long, and how many at the same time.
final class SweepOptions {

  private static final Duration LONGEST = Duration.ofDays(365);

  @Option(
      names = "--sweep",
      paramLabel = "COUNT",
      defaultValue = "0",
      description =
          "runs so many seeds, up to the first that fails; of a hundred, one runs twice, the second time with real signatures (default: 1, or with --minutes as many as there is time for)")
  private long runs;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      defaultValue = "0",
      description = "runs one seed after the other until M minutes have gone by")
  private int minutes;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "runs at the same time (default: as many as there are processors; with --trace 1)")
  private int threads;

  /// Whether there may be more than one run.
  boolean isAsked() {
    return runs > 1 || minutes > 0;
  }

  /// What is to be done.
  ///
  /// @param isOfAll whether the scenarios take turns
  /// @throws IllegalArgumentException if a value is out of range; the message says which
  Sweep of(Plan plan, boolean isOfAll, boolean isTraced) {
    if (isOfAll && !isAsked()) {
      throw new IllegalArgumentException(
          "all scenarios are for many runs: add --sweep COUNT or --minutes M");
    }
    if (minutes < 0 || runs < 0) {
      throw new IllegalArgumentException("at least one run, for at least one minute");
    }
    long unbounded = minutes > 0 ? Long.MAX_VALUE : 1;
    return new Sweep(
        plan,
        runs == 0 ? unbounded : runs,
        minutes == 0 ? LONGEST : Duration.ofMinutes(minutes),
        isOfAll ? List.of(Scenario.values()) : List.of(),
        threads == 0 ? usual(isTraced) : threads);
  }

  private int usual(boolean isTraced) {
    return isTraced || !isAsked()
        ? 1
        : Math.min(Sweep.THREADS_MAX, Runtime.getRuntime().availableProcessors());
  }
}
