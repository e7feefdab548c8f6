package io.starling.node.cli;

import io.starling.crdt.cell.Path;
import io.starling.replica.request.Mutation;
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
      description = "elements of the set there; none to remove all that is there")
  private List<String> elements = new ArrayList<>();

  @Option(names = "--json", description = "the elements are JSON")
  private boolean isJson;

  @Override
  List<Mutation> mutations(Path path) throws CommandFailure {
    if (elements.isEmpty()) {
      return List.of(new Mutation.Remove(path));
    }
    var mutations = new ArrayList<Mutation>();
    for (var element : elements) {
      mutations.add(new Mutation.RemoveElement(path, ValueText.parse(element, isJson)));
    }
    return mutations;
  }
}
