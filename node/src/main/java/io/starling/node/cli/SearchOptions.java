package io.starling.node.cli;

import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.simulation.command.SearchStates;
import io.starling.simulation.exhaustive.Bound;
import io.starling.simulation.exhaustive.DataType;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/// Options of `simulate` by which it visits every state of the data types, rather than running
/// nodes.
final class SearchOptions {

  /// Where nothing else is asked for.
  private static final int DEPTH = 4;

  @Option(
      names = "--exhaustive",
      description =
          "visits every state that 3 replicas of each data type can come to, without engine, network or chance; of the other options only --type, --depth and --json count")
  private boolean isExhaustive;

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      converter = TypeName.class,
      completionCandidates = TypeNames.class,
      description = "of --exhaustive: one data type: ${COMPLETION-CANDIDATES} (default: all)")
  private Optional<DataType> type = Optional.empty();

  @Option(
      names = "--depth",
      paramLabel = "N",
      description =
          "of --exhaustive: up to N updates, and N deliveries and joins, 1 to 6 (default: 4); one more takes about 30 times as long, and as much memory: 5 visits 10.9 million states of a set")
  private Optional<Integer> depth = Optional.empty();

  /// Whether a search is asked for.
  ///
  /// @throws CommandFailure if only what belongs to one is
  boolean isAsked() throws CommandFailure {
    if (!isExhaustive && (type.isPresent() || depth.isPresent())) {
      throw CommandFailure.usage("--type and --depth belong to --exhaustive, which is missing");
    }
    return isExhaustive;
  }

  /// Searches, and tells what was found.
  int run(boolean isJson, PrintWriter out) throws CommandFailure {
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
      return Bound.depth(depth.orElse(DEPTH));
    } catch (IllegalArgumentException refused) {
      throw CommandFailure.usage(String.valueOf(refused.getMessage()));
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
}
