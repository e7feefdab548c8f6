package io.starling.node.cli;

import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.CommandGroup;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.client.ClientException;
import io.starling.node.local.LocalException;
import io.starling.proto.v1.CreateSpaceRequest;
import io.starling.proto.v1.SetSpaceRequest;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `space list|create|set|drop`.
@Command(
    name = "space",
    description = "Lists, creates, changes and drops spaces.",
    subcommands = {
      SpaceCommand.Names.class,
      SpaceCommand.Create.class,
      SpaceCommand.Change.class,
      SpaceDropCommand.class
    })
final class SpaceCommand extends CommandGroup {

  /// `space list`.
  @Command(
      name = "list",
      description = "Lists the spaces of the cluster: what is in them here, and who hosts them.")
  static final class Names implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private NodeOptions node = new NodeOptions();

    @Option(
        names = "--json",
        description =
            "prints {\"spaces\":[{\"name\", \"id\", \"generation\", \"cells\", \"logBytes\","
                + " \"hosting\", \"retention\", \"members\", \"hosts\"}]}")
    private boolean isJson;

    @Override
    public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
      try (var client = node.connect()) {
        var out = spec.commandLine().getOut();
        var spaces = client.spaces().getSpacesList().stream().map(SpaceText::new).toList();
        if (isJson) {
          out.println(
              new Fields().put("spaces", spaces.stream().map(SpaceText::json).toList()).json());
        } else {
          spaces.forEach(space -> out.println(space.line()));
        }
      }
      return ExitCode.DONE;
    }
  }

  /// `space create NAME`.
  @Command(
      name = "create",
      description = {
        "Creates a space in the cluster, unless it exists; then its settings stay as they are.",
        "A name whose space was dropped stands for a new, empty space from then on."
      })
  static final class Create implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private NodeOptions node = new NodeOptions();
    @Mixin private SpaceOptions settings = new SpaceOptions();

    @Option(names = "--json", description = "prints {\"created\"}")
    private boolean isJson;

    @Parameters(paramLabel = "NAME", description = "1 to 64 of a-z 0-9 - _ .")
    private String name = "";

    @Override
    public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
      var request = CreateSpaceRequest.newBuilder().setName(name);
      if (!settings.isEmpty()) {
        request.setSettings(settings.message());
      }
      try (var client = node.connect()) {
        client.createSpace(request.build());
      }
      if (isJson) {
        spec.commandLine().getOut().println(new Fields().put("created", name).json());
      }
      return ExitCode.DONE;
    }
  }

  /// `space set NAME`.
  @Command(
      name = "set",
      description = {
        "Changes how much log of a space is kept, and who hosts it, while all nodes run.",
        "What is not named stays as it is."
      })
  static final class Change implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private NodeOptions node = new NodeOptions();
    @Mixin private SpaceOptions settings = new SpaceOptions();

    @Option(
        names = "--reset",
        paramLabel = "WHAT",
        split = ",",
        description =
            "takes back what was set, to what each node's configuration says: retention-size,"
                + " retention-age, stable-age, members")
    private List<String> reset = List.of();

    @Option(names = "--json", description = "prints {\"set\"}")
    private boolean isJson;

    @Parameters(paramLabel = "NAME", description = "of the space")
    private String name = "";

    @Override
    public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
      if (settings.isEmpty() && reset.isEmpty()) {
        throw CommandFailure.refused("say what is to be set, or taken back with --reset");
      }
      var request = SetSpaceRequest.newBuilder().setName(name).setSettings(settings.message());
      for (var what : reset) {
        request.addReset(field(what));
      }
      try (var client = node.connect()) {
        client.setSpace(request.build());
      }
      if (isJson) {
        spec.commandLine().getOut().println(new Fields().put("set", name).json());
      }
      return ExitCode.DONE;
    }

    private static String field(String what) throws CommandFailure {
      return switch (what) {
        case "retention-size" -> "log_bytes";
        case "retention-age" -> "log_age";
        case "stable-age" -> "log_stable_age";
        case "members" -> "members";
        default ->
            throw CommandFailure.refused(
                "'"
                    + what
                    + "' cannot be reset; there are retention-size, retention-age, stable-age and"
                    + " members");
      };
    }
  }
}
