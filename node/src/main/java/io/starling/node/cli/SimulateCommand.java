package io.starling.node.cli;

import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.outcome.ProgramVersion;
import io.starling.node.cli.terminal.TimeText;
import io.starling.simulation.Plan;
import io.starling.simulation.Report;
import io.starling.simulation.command.HuntBugs;
import io.starling.simulation.command.Simulate;
import io.starling.simulation.command.Summary;
import io.starling.simulation.command.Sweep;
import io.starling.simulation.command.Tally;
import io.starling.simulation.scenario.FaultClass;
import io.starling.simulation.scenario.Reduction;
import io.starling.simulation.scenario.Scenario;
import io.starling.simulation.script.Script;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `simulate`.
@Command(
    name = "simulate",
    description = {
      "Runs nodes in virtual time and checks what they do.",
      "Network, disks and clocks fail as the seed has it. The same seed gives the same run. Exits 1 if a check fails."
    })
final class SimulateCommand implements Callable<Integer> {

  private static final String ALL = "all";
  private static final int TOLD_EVERY = 100;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--scenario",
      paramLabel = "SCENARIO",
      defaultValue = "",
      completionCandidates = ScenarioNames.class,
      description =
          "what goes wrong: ${COMPLETION-CANDIDATES}; all, for one after the other in a sweep, but for byzantine; or a file with steps, one a line, whose name has a dot or a slash"
              + " (default: split-brain, or calm with steps)")
  private String scenario = "";

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "decides everything that is left to chance (default: ${DEFAULT-VALUE})")
  private long seed;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "5",
      description = "1 to 16 (default: ${DEFAULT-VALUE})")
  private int nodes;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      defaultValue = "60s",
      converter = TimeText.class,
      description =
          "virtual time in which things go wrong, as 500ms, 60s, 5m (default: ${DEFAULT-VALUE})")
  private Duration duration = Duration.ZERO;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "operations of clients for each node and second, about; 0 for as many as the scenario has, some 5 (default: ${DEFAULT-VALUE})")
  private int rate;

  @Mixin private final SweepOptions sweep = new SweepOptions();

  @Option(
      names = "--bug-bank",
      description =
          "hunts for each planted bug with at most 100 seeds, and prints how many each took; of the other options only --json counts")
  private boolean isBugBank;

  @Option(
      names = "--without",
      paramLabel = "NAME",
      split = ",",
      description = "kinds of faults that the run goes without, as a shrunk failure names them")
  private List<String> without = new ArrayList<>();

  @Option(
      names = "--clients",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "at most so many clients; 0 for as many as the scenario has (default: ${DEFAULT-VALUE})")
  private int clients;

  @Mixin private final LabOptions lab = new LabOptions();
  @Mixin private final SearchOptions search = new SearchOptions();

  @Option(names = "--json", description = "prints one JSON object: {\"checks\":[...],...}")
  private boolean isJson;

  @Option(names = "--trace", description = "prints every event to standard error as it happens")
  private boolean isTraced;

  @Override
  public Integer call() throws CommandFailure {
    var out = spec.commandLine().getOut();
    if (search.isAsked()) {
      return search.run(isJson, out);
    }
    return isBugBank ? huntBugs(out) : simulate(out);
  }

  private int huntBugs(PrintWriter out) {
    var result =
        HuntBugs.run(hunt -> {
          if (!isJson) {
            out.println(HuntBugs.line(hunt));
            out.flush();
          }
        });
    out.println(isJson ? HuntBugs.json(result) : HuntBugs.summary(result));
    return result.isOk() ? ExitCode.DONE : ExitCode.REFUSED;
  }

  private int simulate(PrintWriter out) throws CommandFailure {
    var plan = plan();
    if (lab.isAsked(plan.script())) {
      if (scenario.equals(ALL)) {
        throw CommandFailure.usage(
            "steps and --report go with the scenario calm only, not with all");
      }
      return lab.run(plan, sweep.isAsked(), trace(), isJson, out);
    }
    var result = Simulate.run(sweep(plan), trace(), progress(out));
    var summary = new Summary(result, ProgramVersion.exact());
    out.println(isJson ? summary.json() : summary.text().stripTrailing());
    return result.isOk() ? ExitCode.DONE : ExitCode.REFUSED;
  }

  private Sweep sweep(Plan plan) throws CommandFailure {
    try {
      return sweep.of(plan, scenario.equals(ALL), isTraced);
    } catch (IllegalArgumentException refused) {
      throw CommandFailure.usage(String.valueOf(refused.getMessage()));
    }
  }

  private Plan plan() throws CommandFailure {
    try {
      boolean hasNodes = spec.commandLine().getParseResult().hasMatchedOption("--nodes");
      var script =
          lab.script(nodes, hasNodes, Optional.of(scenario).filter(SimulateCommand::isFile));
      return Plan.of(scenario(script), seed, script.regions().nodes(), duration)
          .with(lab.workload(), script)
          .with(reduction())
          .at(rate);
    } catch (IllegalArgumentException refused) {
      throw CommandFailure.usage(String.valueOf(refused.getMessage()));
    }
  }

  private Scenario scenario(Script script) {
    var usual = lab.isAsked(script) ? Scenario.CALM : Scenario.SPLIT_BRAIN;
    return scenario.isEmpty() || scenario.equals(ALL) || isFile(scenario)
        ? usual
        : scenario(scenario);
  }

  private Reduction reduction() {
    var faults = new TreeSet<FaultClass>();
    for (var name : without) {
      faults.add(
          FaultClass.find(name)
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "no kind of fault '"
                          + name
                          + "'; there are "
                          + Arrays.stream(FaultClass.values())
                              .map(FaultClass::label)
                              .collect(Collectors.joining(", ")))));
    }
    return new Reduction(faults, clients);
  }

  private static boolean isFile(String name) {
    return name.contains(".") || name.contains("/");
  }

  private static Scenario scenario(String label) {
    return Scenario.find(label)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no scenario '"
                    + label
                    + "'; there are "
                    + String.join(", ", new ScenarioNames())
                    + ", all, or a file, whose name has a dot or a slash"));
  }

  private Consumer<String> trace() {
    PrintWriter err = spec.commandLine().getErr();
    return isTraced ? err::println : _ -> {};
  }

  private Simulate.Progress progress(PrintWriter out) {
    return new Simulate.Progress() {
      // A line for each hundredth run of a sweep that people watch.
      @Override
      public void done(Tally soFar) {
        if (soFar.runs() % TOLD_EVERY == 0) {
          tell(soFar.runs() + " runs, " + soFar.operations() + " operations");
        }
      }

      @Override
      public void shrunk(Report report) {
        tell("fails, too: " + report.plan().command());
      }

      private void tell(String line) {
        if (!isJson) {
          out.println(line);
          out.flush();
        }
      }
    };
  }

  /// The names of all scenarios.
  static final class ScenarioNames implements Iterable<String> {
    private static final List<String> LABELS =
        Arrays.stream(Scenario.values()).map(Scenario::label).toList();

    @Override
    public Iterator<String> iterator() {
      return LABELS.iterator();
    }
  }
}
