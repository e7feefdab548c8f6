package io.starling.node.cli;

import io.starling.crdt.cell.Path;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.CommandGroup;
import io.starling.replica.request.Mutation;
import java.io.IOException;
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

    @Parameters(
        index = "1",
        paramLabel = "OBJECT",
        description = "a JSON object; - reads it from standard input")
    private String object = "";

    @Option(names = "--json", description = "prints {\"operations\", \"token\"}")
    private boolean isJson;

    @Override
    final boolean isJson() {
      return isJson;
    }

    abstract List<Mutation> mutations(Path path, io.starling.crdt.value.Value.Struct document);

    @Override
    final List<Mutation> mutations(Path path) throws IOException, CommandFailure {
      return mutations(path, ValueText.document(input().or(object)));
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

    // A document is JSON anyway; whoever says so is right.
    @SuppressWarnings("UnusedVariable")
    @Option(names = "--json", description = "what it prints anyway: null if nothing is there")
    private boolean isAsked;

    @Override
    boolean isJson() {
      return true;
    }
  }
}
