package io.starling.node.lab;

import io.starling.simulation.Plan;
import io.starling.simulation.scenario.Scenario;
import io.starling.simulation.script.Regions;
import io.starling.simulation.script.Script;
import io.starling.simulation.script.ScriptText;
import io.starling.simulation.workload.WorkloadKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// What the lab is to run.
///
/// @param sites the cluster's shape, as in `berlin: n1,n2 | oslo: n3`
/// @param steps what happens, as in `10s..40s: split berlin | oslo`
/// @param workload what clients are about
/// @param duration how long clients work, in virtual time
/// @param seed decides what is left to chance
public record LabRequest(
    String sites, List<String> steps, WorkloadKind workload, Duration duration, long seed) {

  /// Steps of one run.
  public static final int STEPS_MAX = 50;

  /// The longest run, in virtual time.
  public static final Duration DURATION_MAX = Duration.ofMinutes(2);

  /// Characters of all sites.
  public static final int SITES_MAX = 2_000;

  /// @throws IllegalArgumentException if it cannot be run; the message says why
  public LabRequest {
    steps = List.copyOf(steps);
    if (sites.length() > SITES_MAX) {
      throw new IllegalArgumentException("at most " + SITES_MAX + " characters for all sites");
    }
    if (steps.size() > STEPS_MAX) {
      throw new IllegalArgumentException("at most " + STEPS_MAX + " steps, not " + steps.size());
    }
    if (duration.compareTo(DURATION_MAX) > 0) {
      throw new IllegalArgumentException(
          "at most " + DURATION_MAX.toSeconds() + " s, not " + duration.toSeconds());
    }
    plan(sites, steps, workload, duration, seed);
  }

  private static Plan plan(
      String sites, List<String> steps, WorkloadKind workload, Duration duration, long seed) {
    var regions = Regions.read(sites);
    var reader = new ScriptText(regions);
    var read = steps.stream().map(reader::step).toList();
    return Plan.of(Scenario.CALM, seed, regions.nodes(), duration)
        .with(workload, new Script(regions, Script.WAN, read));
  }

  /// The command that does the same on any machine.
  public String command() {
    return plan(sites, steps, workload, duration, seed).command();
  }

  /// The words of the command line, after `starling`.
  List<String> arguments() {
    var words =
        new ArrayList<>(
            List.of(
                "simulate",
                "--scenario",
                Scenario.CALM.label(),
                "--sites",
                sites,
                "--seed",
                Long.toString(seed),
                "--duration",
                duration.toMillis() + "ms",
                "--workload",
                workload.label()));
    for (var step : steps) {
      words.add("--step");
      words.add(step);
    }
    return words;
  }
}
