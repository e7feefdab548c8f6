package io.starling.node.cli.context;

import io.starling.node.cli.outcome.CommandFailure;
import java.io.IOException;
import java.util.Optional;
import picocli.CommandLine.Option;

/// Which space a command works in.
public final class SpaceOption {

  static final String MAIN = "main";

  @Option(
      names = {"-s", "--space"},
      paramLabel = "SPACE",
      description = "space (default: that of the context, or main)")
  private Optional<String> space = Optional.empty();

  /// The space, of the cluster that the command is about.
  public String name(NodeOptions node) throws IOException, CommandFailure {
    return space.isPresent() ? space.get() : node.space();
  }
}
