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

/// `remove KEY [ELEMENT...]`.
@Command(name = "remove", description = "Removes elements of a set, or all that is at a place.")
final class RemoveCommand extends WriteCommand {

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "ELEMENT",
      description = "elements of the set there, as for add; none to remove all that is there")
  private List<String> elements = new ArrayList<>();

  @Option(
      names = "--json",
      description = "the elements are JSON; prints {\"operations\", \"token\"}")
  private boolean isJson;

  @Option(names = "--text", description = "the elements are text, also with --json")
  private boolean isText;

  @Option(
      names = "--remove-wins",
      description = "from a set where removing wins; also what is not there, for others may add it")
  private boolean doesRemoveWin;

  @Override
  boolean isJson() {
    return isJson;
  }

  @Override
  List<Mutation> mutations(Path path) throws IOException, CommandFailure {
    if (elements.isEmpty() && doesRemoveWin) {
      throw CommandFailure.usage("--remove-wins goes with elements of a set");
    }
    if (elements.isEmpty()) {
      return List.of(new Mutation.Remove(path));
    }
    var bias = doesRemoveWin ? Bias.REMOVE : Bias.ADD;
    var mutations = new ArrayList<Mutation>();
    for (var element : input().orLines(elements)) {
      var parsed = ValueText.parse(element, isJson && !isText);
      mutations.add(new Mutation.RemoveElement(path, parsed, bias));
    }
    return mutations;
  }
}
