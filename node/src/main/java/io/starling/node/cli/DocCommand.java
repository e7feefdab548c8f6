package io.starling.node.cli;

import io.starling.crdt.cell.Path;
import io.starling.replica.request.Mutation;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `doc set|merge|get`.
@Command(
    name = "doc",
    description = "Works with documents: JSON objects that merge field by field.",
    subcommands = {DocCommand.Replace.class, DocCommand.Merge.class, DocCommand.Show.class})
final class DocCommand extends CommandGroup {

  /// A write of a whole document.
  abstract static class Write extends WriteCommand {

    @Parameters(index = "1", paramLabel = "OBJECT", description = "a JSON object")
    private String object = "";

    // Documents are JSON anyway; whoever says so is right.
    @SuppressWarnings("UnusedVariable")
    @Option(names = "--json", hidden = true)
    private boolean isJson;

    abstract List<Mutation> mutations(Path path, io.starling.crdt.value.Value.Struct document);

    @Override
    final List<Mutation> mutations(Path path) throws CommandFailure {
      return mutations(path, ValueText.document(object));
    }
  }

  /// `doc set KEY OBJECT`.
  @Command(name = "set", description = "Makes the document what OBJECT says, and nothing else.")
  static final class Replace extends Write {
    @Override
    List<Mutation> mutations(Path path, io.starling.crdt.value.Value.Struct document) {
      return List.of(new Mutation.Remove(path), new Mutation.Merge(path, document, false));
    }
  }

  /// `doc merge KEY OBJECT`.
  @Command(
      name = "merge",
      description = "Changes the fields that OBJECT names; null takes a field away (RFC 7396).")
  static final class Merge extends Write {
    @Override
    List<Mutation> mutations(Path path, io.starling.crdt.value.Value.Struct document) {
      return List.of(new Mutation.Merge(path, document, true));
    }
  }

  /// `doc get KEY`.
  @Command(name = "get", description = "Prints the document as JSON.")
  static final class Show extends ReadCommand {
    @Override
    boolean isJson() {
      return true;
    }
  }
}
