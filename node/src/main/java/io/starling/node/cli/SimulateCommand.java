package io.starling.node.cli;

import io.starling.simulation.Plan;
import io.starling.simulation.command.Simulate;
import io.starling.simulation.command.Summary;
import io.starling.simulation.scenario.Scenario;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `simulate`.
@Command(
    name = "simulate",
    description = {
      "Runs the engine in virtual time over a network and disks that fail, and checks it.",
      "The same seed gives the same run."
    })
final class SimulateCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--scenario", defaultValue = "split-brain", description = "which faults")
  private String scenario = "split-brain";

  @Option(names = "--seed", defaultValue = "1", description = "of the first run (default: 1)")
  private long seed = 1;

  @Option(names = "--nodes", defaultValue = "5", description = "how many (default: 5)")
  private int nodes = 5;

  @Option(
      names = "--duration",
      defaultValue = "60000ms",
      description = "virtual time with faults, as 60s or 500ms (default: 60s)")
  private String duration = "60000ms";

  @Option(names = "--sweep", defaultValue = "1", description = "how many seeds, one after another")
  private int sweep = 1;

  @Option(names = "--json", description = "prints one JSON object")
  private boolean isJson;

  @Option(names = "--trace", description = "prints each event")
  private boolean isTraced;

  @Override
  public Integer call() throws CommandFailure {
    var out = spec.commandLine().getOut();
    Consumer<String> trace = isTraced ? out::println : _ -> {};
    var result = Simulate.run(options(), trace, _ -> {});
    var summary = new Summary(result);
    out.println(isJson ? summary.json() : summary.text());
    out.flush();
    return result.isOk() ? ExitCode.DONE : ExitCode.REFUSED;
  }

  private Simulate.Options options() throws CommandFailure {
    var known = Arrays.stream(Scenario.values()).map(Scenario::label);
    var chosen =
        Scenario.find(scenario)
            .orElseThrow(() ->
                CommandFailure.usage(
                    "--scenario is one of " + known.collect(Collectors.joining(", "))));
    try {
      return new Simulate.Options(Plan.of(chosen, seed, nodes, time()), sweep);
    } catch (IllegalArgumentException refused) {
      throw CommandFailure.usage(String.valueOf(refused.getMessage()));
    }
  }

  private Duration time() {
    if (!duration.matches("[0-9]{1,9}(ms|s)")) {
      throw new IllegalArgumentException("--duration is a number with ms or s: " + duration);
    }
    return duration.endsWith("ms")
        ? Duration.ofMillis(Long.parseLong(duration.substring(0, duration.length() - 2)))
        : Duration.ofSeconds(Long.parseLong(duration.substring(0, duration.length() - 1)));
  }
}
