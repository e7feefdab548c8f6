package io.starling.node.cli;

import io.starling.crdt.cell.Path;
import io.starling.replica.request.Mutation;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `incr KEY [AMOUNT]`.
@Command(name = "incr", description = "Counts up, or down by a negative amount (after --).")
final class IncrCommand extends WriteCommand {

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "AMOUNT",
      defaultValue = "1",
      description = "how much (default: 1)")
  private long amount = 1;

  @Option(names = "--json", description = "prints {\"operations\", \"token\"}")
  private boolean isJson;

  @Override
  boolean isJson() {
    return isJson;
  }

  @Override
  List<Mutation> mutations(Path path) {
    return List.of(new Mutation.Increment(path, amount));
  }
}
