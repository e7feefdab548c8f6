package io.starling.node.cli;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `add KEY ELEMENT...`.
@Command(name = "add", description = "Adds elements to a set.")
final class AddCommand extends WriteCommand {

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "ELEMENT",
      description = "text, or JSON with --json; - alone reads one a line from standard input")
  private List<String> elements = new ArrayList<>();

  @Option(
      names = "--json",
      description = "the elements are JSON; prints {\"operations\", \"token\"}")
  private boolean isJson;

  @Option(names = "--text", description = "the elements are text, also with --json")
  private boolean isText;

  @Option(
      names = "--remove-wins",
      description = "to a set where removing wins over adding at the same time elsewhere")
  private boolean doesRemoveWin;

  @Override
  boolean isJson() {
    return isJson;
  }

  @Override
  List<Mutation> mutations(Path path) throws IOException, CommandFailure {
    var bias = doesRemoveWin ? Bias.REMOVE : Bias.ADD;
    var mutations = new ArrayList<Mutation>();
    for (var element : input().orLines(elements)) {
      var parsed = ValueText.parse(element, isJson && !isText);
      mutations.add(new Mutation.AddElement(path, parsed, bias));
    }
    return mutations;
  }
}
