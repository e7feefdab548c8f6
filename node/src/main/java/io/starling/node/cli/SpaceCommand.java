package io.starling.node.cli;

import io.starling.node.client.ClientException;
import io.starling.node.local.LocalException;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `space list|create`.
@Command(
    name = "space",
    description = "Lists and creates spaces.",
    subcommands = {SpaceCommand.Names.class, SpaceCommand.Create.class})
final class SpaceCommand extends CommandGroup {

  /// `space list`.
  @Command(name = "list", description = "Lists the spaces of a node.")
  static final class Names implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private NodeOptions node = new NodeOptions();

    @Override
    public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
      try (var client = node.connect()) {
        var out = spec.commandLine().getOut();
        client.spaces().getSpacesList().forEach(space -> out.println(space.getName()));
      }
      return ExitCode.DONE;
    }
  }

  /// `space create NAME`.
  @Command(name = "create", description = "Creates a space in the cluster, unless it exists.")
  static final class Create implements Callable<Integer> {

    @Mixin private NodeOptions node = new NodeOptions();

    @Parameters(paramLabel = "NAME", description = "1 to 64 of a-z 0-9 - _ .")
    private String name = "";

    @Override
    public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
      try (var client = node.connect()) {
        client.createSpace(name);
      }
      return ExitCode.DONE;
    }
  }
}
