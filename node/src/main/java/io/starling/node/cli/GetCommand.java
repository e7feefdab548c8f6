package io.starling.node.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `get KEY`.
@Command(name = "get", description = "Prints what is at a place.")
final class GetCommand extends ReadCommand {

  @Option(names = "--json", description = "prints JSON: null if nothing is there")
  private boolean isJson;

  @Override
  boolean isJson() {
    return isJson;
  }
}
