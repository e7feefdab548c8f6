package io.starling.simulation.check;

import io.starling.simulation.workload.Workload;
import io.starling.simulation.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// All checks of a run, with the model they ask.
public final class Checks {

  /// The check that all nodes converge, which the run itself makes.
  public static final String CONVERGENCE = "I11 all nodes converge";

  /// The check that converged nodes have little to say, which the run itself makes.
  public static final String QUIET = "I12 at rest nodes hardly talk";

  private final Model model;
  private final List<Check> checks;

  /// What became of one check.
  ///
  /// @param evaluations how often it was evaluated
  /// @param violations 0 or 1: a run ends with the first
  public record Finding(String name, long evaluations, int violations) {
    public boolean isOk() {
      return violations == 0;
    }
  }

  /// Makes all checks and lets them observe, the model first.
  public Checks(World world, Workload workload) {
    model = new Model(world);
    var oracle = new OracleReads(model);
    var sessions = new Sessions(model, workload);
    checks =
        List.of(
            new DurableFirst(),
            new EqualDigests(model),
            new Intents(model, workload),
            new Acknowledged(model, workload),
            oracle,
            sessions,
            new Availability(world, workload),
            new Bounds(world),
            new CutOffs(model),
            new TrueAlarms(model, world),
            new KnownSums(model, workload),
            new Stamps(model, world),
            new StoreScan(model),
            new Departed(world),
            new Joined(world),
            new Understood(world),
            new Listed(world, model, workload));
    world.judge(model);
    checks.forEach(world::judge);
    world.judge(new RarePaths(world));
    workload.observe(oracle);
    workload.observe(sessions);
  }

  /// What the checks know.
  public Model model() {
    return model;
  }

  /// Whether batches may be gone for good, so that what was built on them waits for ever.
  public boolean hasLost() {
    return model.hasLost();
  }

  /// The last look, after all nodes have converged.
  public void converged(World world) {
    checks.forEach(check -> check.converged(world));
  }

  /// All findings; `failed` names the check that ended the run, if one did.
  public List<Finding> findings(Optional<String> failed, boolean isConverged) {
    var findings = new ArrayList<Finding>();
    Stream.concat(model.evaluations().stream(), checks.stream().map(Check::evaluations))
        .map(each -> finding(each.name(), each.count(), failed))
        .forEach(findings::add);
    findings.add(finding(CONVERGENCE, isConverged ? 1 : 0, failed));
    findings.add(finding(QUIET, isConverged ? 1 : 0, failed));
    failed
        .filter(name -> findings.stream().allMatch(Finding::isOk))
        .ifPresent(name -> findings.add(new Finding(name, 1, 1)));
    return findings;
  }

  private static Finding finding(String name, long evaluations, Optional<String> failed) {
    return new Finding(name, evaluations, failed.filter(name::equals).isPresent() ? 1 : 0);
  }
}
