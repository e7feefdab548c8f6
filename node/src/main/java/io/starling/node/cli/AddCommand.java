package io.starling.node.cli;

import io.starling.crdt.cell.Path;
import io.starling.replica.request.Mutation;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `add KEY ELEMENT...`.
@Command(name = "add", description = "Adds elements to a set.")
final class AddCommand extends WriteCommand {

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "ELEMENT", description = "text, or JSON")
  private List<String> elements = new ArrayList<>();

  @Option(names = "--json", description = "the elements are JSON")
  private boolean isJson;

  @Override
  List<Mutation> mutations(Path path) throws CommandFailure {
    var mutations = new ArrayList<Mutation>();
    for (var element : elements) {
      mutations.add(new Mutation.AddElement(path, ValueText.parse(element, isJson)));
    }
    return mutations;
  }
}
