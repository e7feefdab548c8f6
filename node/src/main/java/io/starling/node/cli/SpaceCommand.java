package io.starling.node.cli;

import io.starling.crdt.value.Value;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.CommandGroup;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.client.ClientException;
import io.starling.node.local.LocalException;
import io.starling.proto.v1.SpaceEntry;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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

    @Option(names = "--json", description = "prints {\"spaces\":[{\"name\", \"id\"}]}")
    private boolean isJson;

    @Override
    public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
      try (var client = node.connect()) {
        var out = spec.commandLine().getOut();
        var spaces = client.spaces().getSpacesList();
        if (isJson) {
          out.println(new Fields().put("spaces", spaces.stream().map(Names::json).toList()).json());
        } else {
          spaces.forEach(space -> out.println(space.getName()));
        }
      }
      return ExitCode.DONE;
    }

    private static Value json(SpaceEntry space) {
      return new Fields().put("name", space.getName()).put("id", space.getId()).struct();
    }
  }

  /// `space create NAME`.
  @Command(name = "create", description = "Creates a space in the cluster, unless it exists.")
  static final class Create implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private NodeOptions node = new NodeOptions();

    @Option(names = "--json", description = "prints {\"created\"}")
    private boolean isJson;

    @Parameters(paramLabel = "NAME", description = "1 to 64 of a-z 0-9 - _ .")
    private String name = "";

    @Override
    public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
      try (var client = node.connect()) {
        client.createSpace(name);
      }
      if (isJson) {
        spec.commandLine().getOut().println(new Fields().put("created", name).json());
      }
      return ExitCode.DONE;
    }
  }
}
