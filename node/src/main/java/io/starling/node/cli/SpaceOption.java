package io.starling.node.cli;

import picocli.CommandLine.Option;

/// Which space a command works in.
final class SpaceOption {

  @Option(
      names = {"-s", "--space"},
      paramLabel = "SPACE",
      defaultValue = "main",
      description = "space (default: main)")
  private String space = "main";

  String name() {
    return space;
  }
}
