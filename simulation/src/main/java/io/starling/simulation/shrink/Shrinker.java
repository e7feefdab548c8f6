package io.starling.simulation.shrink;

import io.starling.simulation.Plan;
import io.starling.simulation.Report;
import io.starling.simulation.Simulation;
import io.starling.simulation.check.Checks.Finding;
import io.starling.simulation.scenario.FaultClass;
import io.starling.simulation.script.Script;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.function.Consumer;

/// Looks for the smallest run that violates the same check: first one that is shorter, then with
/// fewer kinds of faults and steps, then with fewer clients, then with fewer nodes; again until
/// nothing more can go, from few other seeds and at last from many.
///
/// Another run may fail for another reason; what it is has to be the same check.
public final class Shrinker {

  /// Runs that are tried at most.
  public static final int RUNS_MAX = 300;

  private static final int SEEDS_FIRST = 10;
  private static final int SEEDS_MOST = 90;
  private static final int NODES_LEAST = 2;
  private static final long DURATION_LEAST = 100;

  private final String check;
  private final Consumer<Report> progress;
  private Report smallest;
  private int runs;
  private int seeds = SEEDS_FIRST;

  /// What came of it.
  ///
  /// @param report of the smallest run that was found
  /// @param runs that were tried
  public record Shrunk(Report report, int runs) {}

  private Shrinker(Report failed, String check, Consumer<Report> progress) {
    this.smallest = failed;
    this.check = check;
    this.progress = progress;
  }

  /// Shrinks a run that has failed.
  ///
  /// @param progress sees each smaller run that fails, too
  /// @throws IllegalArgumentException if it has not failed
  public static Shrunk shrink(Report failed, Consumer<Report> progress) {
    var check =
        violated(failed).orElseThrow(() -> new IllegalArgumentException("a run that did not fail"));
    var shrinker = new Shrinker(failed, check, progress);
    shrinker.shrink();
    return new Shrunk(shrinker.smallest, shrinker.runs);
  }

  private static Optional<String> violated(Report report) {
    return report.findings().stream()
        .filter(finding -> !finding.isOk())
        .map(Finding::name)
        .findFirst();
  }

  private void shrink() {
    while (seeds <= SEEDS_MOST && runs < RUNS_MAX) {
      boolean hasShrunk = shorten();
      hasShrunk |= leaveOutFaults();
      hasShrunk |= leaveOutSteps();
      hasShrunk |= sendClientsAway();
      hasShrunk |= takeNodesAway();
      seeds = hasShrunk ? SEEDS_FIRST : seeds * 3;
    }
  }

  /// Ends the run where it failed; or, if that was after its end, sooner and sooner.
  private boolean shorten() {
    var plan = smallest.plan();
    if (smallest.virtual().compareTo(plan.duration()) < 0) {
      return lasts(Duration.ofMillis(smallest.virtual().toMillis() + 1));
    }
    boolean hasShrunk = false;
    long half = plan.duration().toMillis() / 2;
    while (half >= DURATION_LEAST && lasts(Duration.ofMillis(half))) {
      hasShrunk = true;
      half /= 2;
    }
    return hasShrunk;
  }

  private boolean lasts(Duration duration) {
    var plan = smallest.plan();
    return plan.script().end().compareTo(duration) <= 0 && tries(plan.lasting(duration));
  }

  private boolean leaveOutFaults() {
    boolean hasShrunk = false;
    for (var fault : FaultClass.values()) {
      if (fault.isIn(smallest.plan().setting())) {
        var plan = smallest.plan();
        hasShrunk |= tries(plan.with(plan.reduction().and(fault)));
      }
    }
    return hasShrunk;
  }

  private boolean leaveOutSteps() {
    boolean hasShrunk = false;
    for (var step : smallest.plan().script().steps()) {
      var plan = smallest.plan();
      var steps = new ArrayList<>(plan.script().steps());
      steps.remove(step);
      var script = new Script(plan.script().regions(), plan.script().wan(), steps);
      hasShrunk |= tries(plan.with(plan.workload(), script));
    }
    return hasShrunk;
  }

  private boolean sendClientsAway() {
    boolean hasShrunk = false;
    int clients = smallest.plan().setting().workload().sessions() / 2;
    while (clients >= 1) {
      var plan = smallest.plan();
      if (!tries(plan.with(plan.reduction().withClients(clients)))) {
        break;
      }
      hasShrunk = true;
      clients /= 2;
    }
    return hasShrunk;
  }

  private boolean takeNodesAway() {
    boolean hasShrunk = false;
    while (smallest.plan().script().isNone()
        && smallest.plan().nodes() > NODES_LEAST
        && tries(smallest.plan().among(smallest.plan().nodes() - 1))) {
      hasShrunk = true;
    }
    return hasShrunk;
  }

  /// Whether a smaller run fails in the same way: from the same seed, or else from another, since
  /// with fewer clients or nodes all else is drawn otherwise.
  private boolean tries(Plan plan) {
    for (int seed = 0; seed < seeds; seed++) {
      if (fails(plan.from(plan.seed() + seed))) {
        return true;
      }
    }
    return false;
  }

  private boolean fails(Plan plan) {
    if (runs >= RUNS_MAX || plan.equals(smallest.plan())) {
      return false;
    }
    runs++;
    var report = Simulation.run(plan);
    boolean isSame = violated(report).equals(Optional.of(check));
    if (isSame) {
      smallest = report;
      progress.accept(report);
    }
    return isSame;
  }
}
