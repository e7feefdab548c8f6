package io.starling.node.cli;

import io.starling.crdt.cell.Path;
import io.starling.node.cli.outcome.CommandFailure;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Which place in a space a command concerns.
final class KeyArguments {

  @Parameters(index = "0", paramLabel = "KEY", description = "the key; / separates collections")
  private String key = "";

  @Option(
      names = {"-f", "--field"},
      paramLabel = "NAME",
      description = "a field of the document at the key; again for a field of that, and so on")
  private List<String> fields = new ArrayList<>();

  Path path() throws CommandFailure {
    try {
      return new Path(key, fields);
    } catch (IllegalArgumentException refused) {
      throw CommandFailure.usage(String.valueOf(refused.getMessage()));
    }
  }
}
