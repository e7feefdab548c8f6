package io.starling.simulation.command;

import io.starling.simulation.Plan;
import io.starling.simulation.Report;
import io.starling.simulation.Simulation;
import io.starling.simulation.shrink.Shrinker;
import io.starling.simulation.shrink.Shrinker.Shrunk;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Runs a plan, or the same plan with many seeds, and tells how it went and how long it took.
public final class Simulate {

  private Simulate() {}

  /// What to do.
  ///
  /// @param plan of the first run
  /// @param runs how many; each further run takes the next seed
  public record Options(Plan plan, int runs) {
    public Options {
      if (runs < 1) {
        throw new IllegalArgumentException("at least 1 run, not " + runs);
      }
    }
  }

  /// How it went. A sweep ends with the first run that fails.
  ///
  /// @param shrunk the smallest run found that fails as the last one did
  public record Result(List<Report> reports, long realMillis, Optional<Shrunk> shrunk) {

    /// Whether every check of every run held.
    public boolean isOk() {
      return reports.stream().allMatch(Report::isOk);
    }

    /// The last run: the one that failed, if one did.
    public Report last() {
      return reports.getLast();
    }

    /// Virtual seconds for each real one.
    public double speed() {
      long virtualMillis = reports.stream().mapToLong(r -> r.virtual().toMillis()).sum();
      return (double) virtualMillis / Math.max(1, realMillis);
    }
  }

  private static Optional<Shrunk> shrunk(Report last, Progress progress) {
    return last.isOk() ? Optional.empty() : Optional.of(Shrinker.shrink(last, progress::shrunk));
  }

  /// Sees how it comes along.
  public interface Progress {
    /// A run is done.
    void done(Report report);

    /// A smaller run fails as the last one did.
    default void shrunk(Report report) {}
  }

  /// Runs.
  ///
  /// @param trace sees each line of each trace
  public static Result run(Options options, Consumer<String> trace, Progress progress) {
    long begin = System.nanoTime();
    var reports = new ArrayList<Report>();
    var first = options.plan();
    for (int run = 0; run < options.runs(); run++) {
      var report = Simulation.run(first.from(first.seed() + run), trace);
      reports.add(report);
      progress.done(report);
      if (!report.isOk()) {
        break;
      }
    }
    long realMillis = (System.nanoTime() - begin) / 1_000_000;
    return new Result(reports, realMillis, shrunk(reports.getLast(), progress));
  }
}
