package io.starling.simulation.command;

import io.starling.simulation.Plan;
import io.starling.simulation.Report;
import io.starling.simulation.Simulation;
import io.starling.simulation.network.Signatures;
import io.starling.simulation.shrink.Shrinker;
import io.starling.simulation.shrink.Shrinker.Shrunk;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/// Runs a plan, or the same plan with many seeds, and tells how it went and how long it took.
///
/// Runs at the same time share nothing. They are told of and summed up in the order of seeds, so
/// that a sweep of so many seeds is the same on any number of threads.
public final class Simulate {

  /// The check that a run which is done twice, the second time with real signatures, is the same.
  public static final String SAME = "one seed, one trace";

  private static final int WAITING_PER_THREAD = 4;

  private Simulate() {}

  /// How it went. A sweep ends with the first run that fails.
  ///
  /// @param shrunk the smallest run found that fails as the last one did
  public record Result(Tally tally, long realMillis, Optional<Shrunk> shrunk) {

    /// Whether every check of every run held.
    public boolean isOk() {
      return tally.isOk();
    }

    /// Virtual seconds for each real one.
    public double speed() {
      return (double) tally.virtual().toMillis() / Math.max(1, realMillis);
    }
  }

  /// Sees how it comes along.
  public interface Progress {
    /// A run is done.
    void done(Tally soFar);

    /// A smaller run fails as the last one did.
    default void shrunk(Report report) {}
  }

  /// Runs.
  ///
  /// @param trace sees each line of each trace; from several threads at once, if there are several
  public static Result run(Sweep sweep, Consumer<String> trace, Progress progress) {
    long begin = System.nanoTime();
    var tally = new Tally();
    // When a run has failed, those beside it need not end.
    var threads =
        Executors.newFixedThreadPool(
            sweep.threads(), Thread.ofPlatform().daemon().name("run-", 0).factory());
    try {
      run(sweep, trace, tally, threads, progress);
    } finally {
      threads.shutdownNow();
    }
    long realMillis = (System.nanoTime() - begin) / 1_000_000;
    return new Result(tally, realMillis, shrunk(tally.last(), progress));
  }

  private static void run(
      Sweep sweep,
      Consumer<String> trace,
      Tally tally,
      ExecutorService threads,
      Progress progress) {
    long begin = System.nanoTime();
    var waiting = new ArrayDeque<Future<Report>>();
    long begun = 0;
    do {
      boolean isMore =
          begun < sweep.runs()
              && (begun == 0
                  || Duration.ofNanos(System.nanoTime() - begin).compareTo(sweep.most()) < 0);
      if (isMore) {
        var plan = sweep.plan(begun++);
        waiting.addLast(threads.submit(() -> run(plan, sweep.isTwice(plan), trace)));
      }
      if (!isMore || waiting.size() >= sweep.threads() * WAITING_PER_THREAD) {
        tally.add(done(waiting.removeFirst()));
        progress.done(tally);
      }
    } while (!waiting.isEmpty() && (tally.runs() == 0 || tally.isOk()));
  }

  private static Report run(Plan plan, boolean isTwice, Consumer<String> trace) {
    var report = Simulation.run(plan, trace);
    if (!isTwice || !report.isOk()) {
      return report;
    }
    var again = Simulation.run(plan.signedBy(Signatures.ED25519));
    var found =
        "the trace hash was "
            + report.traceHash()
            + ", and the second time "
            + again.traceHash()
            + again.failure().map(it -> ", where it ended by " + it).orElse("");
    boolean isSame = again.traceHash().equals(report.traceHash());
    return report.with(SAME, Optional.of(found).filter(_ -> !isSame));
  }

  private static Report done(Future<Report> run) {
    try {
      return run.get();
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(String.valueOf(failure.getMessage()), failure);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("it was interrupted", stop);
    }
  }

  private static Optional<Shrunk> shrunk(Report last, Progress progress) {
    // A single run cannot be unlike itself.
    boolean isOfOneRun = last.failure().filter(it -> !it.startsWith(SAME)).isPresent();
    return isOfOneRun ? Optional.of(Shrinker.shrink(last, progress::shrunk)) : Optional.empty();
  }
}
