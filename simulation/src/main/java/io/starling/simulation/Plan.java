package io.starling.simulation;

import io.starling.simulation.chance.Draws;
import io.starling.simulation.network.Signatures;
import io.starling.simulation.scenario.FaultClass;
import io.starling.simulation.scenario.Reduction;
import io.starling.simulation.scenario.Scenario;
import io.starling.simulation.scenario.Setting;
import io.starling.simulation.script.Script;
import io.starling.simulation.workload.WorkloadKind;
import io.starling.simulation.world.Engine;
import java.time.Duration;

/// What a run is asked to be. The same plan gives the same run.
///
/// @param seed decides everything that the rest leaves to chance
/// @param nodes 1 to 16
/// @param duration of the first phase, in which things go wrong; the second lasts until all nodes
///   have converged
/// @param engines what runs on the nodes
/// @param workload what clients are about
/// @param script what is to happen beside what the scenario leaves to the seed
/// @param reduction what the run goes without of what the scenario has
/// @param rate operations of clients for each node and second, about; 0 as the scenario has it
/// @param signatures how nodes sign; of that no trace shows anything
public record Plan(
    Scenario scenario,
    long seed,
    int nodes,
    Duration duration,
    Engine.Factory engines,
    WorkloadKind workload,
    Script script,
    Reduction reduction,
    int rate,
    Signatures signatures) {

  public static final int NODES_MAX = 16;

  /// Operations of clients for each node and second, at most.
  public static final int RATE_MAX = 1_000;

  /// @throws IllegalArgumentException if a value is out of range; the message says which
  public Plan {
    if (nodes < 1 || nodes > NODES_MAX) {
      throw new IllegalArgumentException("1 to " + NODES_MAX + " nodes, not " + nodes);
    }
    if (!duration.isPositive()) {
      throw new IllegalArgumentException("a duration above 0, not " + duration);
    }
    if (rate < 0 || rate > RATE_MAX) {
      throw new IllegalArgumentException(
          "0 to " + RATE_MAX + " operations for each node and second, not " + rate);
    }
    if (!script.isNone() && scenario != Scenario.CALM) {
      throw new IllegalArgumentException(
          "regions and steps go with the scenario calm only, for others cut links and stop nodes"
              + " by themselves; not with "
              + scenario.label());
    }
    if (script.regions().nodes() != nodes) {
      throw new IllegalArgumentException(
          "a script for " + script.regions().nodes() + " nodes, and there are " + nodes);
    }
    for (var step : script.steps()) {
      if (step.span().until().compareTo(duration) > 0) {
        throw new IllegalArgumentException(
            "'" + step.text() + "' ends after the run, which lasts " + duration.toMillis() + "ms");
      }
    }
  }

  /// A plan without a script.
  public Plan(Scenario scenario, long seed, int nodes, Duration duration, Engine.Factory engines) {
    this(
        scenario,
        seed,
        nodes,
        duration,
        engines,
        WorkloadKind.MIXED,
        Script.none(Math.clamp(nodes, 1, NODES_MAX)),
        Reduction.NONE,
        0,
        Signatures.KEYED_HASHES);
  }

  /// The plan with production's engine.
  public static Plan of(Scenario scenario, long seed, int nodes, Duration duration) {
    return new Plan(scenario, seed, nodes, duration, Engine.Factory.PRODUCTION);
  }

  /// The same run from another seed.
  public Plan from(long otherSeed) {
    return new Plan(
        scenario,
        otherSeed,
        nodes,
        duration,
        engines,
        workload,
        script,
        reduction,
        rate,
        signatures);
  }

  /// The same with other clients, and with a script.
  ///
  /// @throws IllegalArgumentException if the script does not fit; the message says why
  public Plan with(WorkloadKind otherWorkload, Script otherScript) {
    return new Plan(
        scenario,
        seed,
        nodes,
        duration,
        engines,
        otherWorkload,
        otherScript,
        reduction,
        rate,
        signatures);
  }

  /// The same without more.
  public Plan with(Reduction other) {
    return new Plan(
        scenario, seed, nodes, duration, engines, workload, script, other, rate, signatures);
  }

  /// The same with more or fewer operations.
  ///
  /// @throws IllegalArgumentException if there are too many
  public Plan at(int otherRate) {
    return new Plan(
        scenario,
        seed,
        nodes,
        duration,
        engines,
        workload,
        script,
        reduction,
        otherRate,
        signatures);
  }

  /// The same with signatures of another kind: the trace is to be the same.
  public Plan signedBy(Signatures others) {
    return new Plan(
        scenario, seed, nodes, duration, engines, workload, script, reduction, rate, others);
  }

  /// The same of another scenario.
  ///
  /// @throws IllegalArgumentException if its script does not go with that
  public Plan of(Scenario other) {
    return new Plan(
        other, seed, nodes, duration, engines, workload, script, reduction, rate, signatures);
  }

  /// The same for a shorter or longer time.
  ///
  /// @throws IllegalArgumentException if the script does not fit; the message says why
  public Plan lasting(Duration other) {
    return new Plan(
        scenario, seed, nodes, other, engines, workload, script, reduction, rate, signatures);
  }

  /// The same with more or fewer nodes, in one region.
  public Plan among(int others) {
    return new Plan(
        scenario,
        seed,
        others,
        duration,
        engines,
        workload,
        Script.none(others),
        reduction,
        rate,
        signatures);
  }

  /// All that the run is made with.
  public Setting setting() {
    return reduction.of(scenario.setting(draws()));
  }

  /// From which all is drawn that is left to chance.
  Draws draws() {
    return Draws.ofSeed(seed).split(scenario.label());
  }

  /// The command that runs it again; its script goes beside it.
  public String command() {
    return "starling simulate --scenario "
        + scenario.label()
        + " --seed "
        + seed
        + (script.regions().isUsual() ? " --nodes " + nodes : "")
        + " --duration "
        + duration.toMillis()
        + "ms"
        + (rate == 0 ? "" : " --rate " + rate)
        + (workload == WorkloadKind.MIXED ? "" : " --workload " + workload.label())
        + (script.isNone() ? "" : ofScript())
        + ofReduction();
  }

  private String ofReduction() {
    var without = reduction.without().stream().map(FaultClass::label).toList();
    return (without.isEmpty() ? "" : " --without " + String.join(",", without))
        + (reduction.clientsMost() == 0 ? "" : " --clients " + reduction.clientsMost());
  }

  private String ofScript() {
    var regions = script.regions();
    var text =
        new StringBuilder(
            regions.isUsual()
                ? " --regions " + regions.names().size()
                : " --sites " + quoted(regions.text()));
    if (!script.wan().equals(Script.WAN)) {
      text.append(" --delay ").append(script.wan().toMillis()).append("ms");
    }
    script.steps().forEach(step -> text.append(" --step ").append(quoted(step.text())));
    return text.toString();
  }

  /// As a shell takes it for one word.
  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
