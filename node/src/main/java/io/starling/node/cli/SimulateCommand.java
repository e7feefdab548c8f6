package io.starling.node.cli;

import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.TimeText;
import io.starling.simulation.Plan;
import io.starling.simulation.Report;
import io.starling.simulation.command.HuntBugs;
import io.starling.simulation.command.SearchStates;
import io.starling.simulation.command.Simulate;
import io.starling.simulation.command.Summary;
import io.starling.simulation.exhaustive.Bound;
import io.starling.simulation.exhaustive.DataType;
import io.starling.simulation.scenario.Scenario;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/// `simulate`.
@Command(
    name = "simulate",
    description = {
      "Runs nodes in virtual time and checks what they do.",
      "Network, disks and clocks fail as the seed has it. The same seed gives the same run. Exits 1 if a check fails."
    })
final class SimulateCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--scenario",
      paramLabel = "NAME",
      defaultValue = "split-brain",
      converter = ScenarioName.class,
      completionCandidates = ScenarioNames.class,
      description = "what goes wrong: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
  private Scenario scenario = Scenario.SPLIT_BRAIN;

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
      names = "--sweep",
      paramLabel = "COUNT",
      defaultValue = "1",
      description = "runs so many seeds, one after the other, up to the first that fails")
  private int runs;

  @Option(
      names = "--bug-bank",
      description =
          "hunts for each planted bug with at most 100 seeds, and prints how many each took; of the other options only --json counts")
  private boolean isBugBank;

  @Option(
      names = "--exhaustive",
      description =
          "visits every state that 3 replicas of each data type can come to, without engine, network or chance; of the other options only --type, --depth and --json count")
  private boolean isExhaustive;

  @Option(
      names = "--type",
      paramLabel = "NAME",
      converter = TypeName.class,
      completionCandidates = TypeNames.class,
      description = "of --exhaustive: one data type: ${COMPLETION-CANDIDATES} (default: all)")
  private Optional<DataType> type = Optional.empty();

  @Option(
      names = "--depth",
      paramLabel = "N",
      defaultValue = "4",
      description =
          "of --exhaustive: up to N updates, and N deliveries and joins, 1 to 8 (default: ${DEFAULT-VALUE}); one more takes about 40 times as long")
  private int depth;

  @Option(names = "--json", description = "prints one JSON object: {\"checks\":[...],...}")
  private boolean isJson;

  @Option(names = "--trace", description = "prints every event to standard error as it happens")
  private boolean isTraced;

  @Override
  public Integer call() throws CommandFailure {
    var out = spec.commandLine().getOut();
    if (isExhaustive) {
      return search(out);
    }
    return isBugBank ? huntBugs(out) : simulate(out);
  }

  private int search(PrintWriter out) throws CommandFailure {
    var types = type.map(List::of).orElseGet(() -> List.of(DataType.values()));
    var result =
        SearchStates.run(
            types,
            bound(),
            search -> {
              if (!isJson) {
                out.println(SearchStates.line(search));
                out.flush();
              }
            });
    out.println(isJson ? SearchStates.json(result) : SearchStates.summary(result));
    return result.isOk() ? ExitCode.DONE : ExitCode.REFUSED;
  }

  private Bound bound() throws CommandFailure {
    try {
      return Bound.depth(depth);
    } catch (IllegalArgumentException refused) {
      throw CommandFailure.usage(String.valueOf(refused.getMessage()));
    }
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
    var result = Simulate.run(options(), trace(), progress(out));
    var summary = new Summary(result);
    out.println(isJson ? summary.json() : summary.text().stripTrailing());
    return result.isOk() ? ExitCode.DONE : ExitCode.REFUSED;
  }

  private Simulate.Options options() throws CommandFailure {
    try {
      return new Simulate.Options(Plan.of(scenario, seed, nodes, duration), runs);
    } catch (IllegalArgumentException refused) {
      throw CommandFailure.usage(String.valueOf(refused.getMessage()));
    }
  }

  private Consumer<String> trace() {
    PrintWriter err = spec.commandLine().getErr();
    return isTraced ? err::println : _ -> {};
  }

  /// A line for each hundredth run of a sweep that people watch.
  private Consumer<Report> progress(PrintWriter out) {
    return report -> {
      long done = report.plan().seed() - seed + 1;
      if (!isJson && runs > 1 && done % 100 == 0) {
        out.println(done + " of " + runs + " runs");
        out.flush();
      }
    };
  }

  /// Reads a scenario's name.
  static final class ScenarioName implements ITypeConverter<Scenario> {
    @Override
    public Scenario convert(String label) {
      return Scenario.find(label)
          .orElseThrow(() ->
              new TypeConversionException(
                  "no scenario '"
                      + label
                      + "'; there are "
                      + String.join(", ", new ScenarioNames())));
    }
  }

  /// Reads the name of a data type.
  static final class TypeName implements ITypeConverter<DataType> {
    @Override
    public DataType convert(String label) {
      return Arrays.stream(DataType.values())
          .filter(type -> type.label().equals(label))
          .findFirst()
          .orElseThrow(() ->
              new TypeConversionException(
                  "no data type '" + label + "'; there are " + String.join(", ", new TypeNames())));
    }
  }

  /// The names of all data types.
  static final class TypeNames implements Iterable<String> {
    private static final List<String> LABELS =
        Arrays.stream(DataType.values()).map(DataType::label).toList();

    @Override
    public Iterator<String> iterator() {
      return LABELS.iterator();
    }
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
