package io.starling.node.cli;

import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.client.ClientException;
import io.starling.node.local.LocalException;
import io.starling.proto.v1.DropSpaceRequest;
import io.starling.proto.v1.SpaceEntry;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `space drop NAME`.
@Command(
    name = "drop",
    description = {
      "Drops a space with all that is in it, on all nodes, also on those that are away now.",
      "Nothing of it ever comes back; a backup can be restored into a new space of the name.",
      "Asks for the name once more, unless --yes is given."
    })
final class SpaceDropCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeOptions node = new NodeOptions();

  @Option(names = "--yes", description = "does not ask")
  private boolean isSure;

  @Option(names = "--if-exists", description = "is done, too, if there is no such space")
  private boolean isLenient;

  @Option(names = "--json", description = "prints {\"dropped\", \"id\", \"cells\", \"logBytes\"}")
  private boolean isJson;

  @Parameters(paramLabel = "NAME", description = "of the space")
  private String name = "";

  @Override
  public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
    try (var client = node.connect()) {
      var found =
          client.spaces().getSpacesList().stream()
              .filter(it -> it.getName().equals(name))
              .findFirst();
      var what = found.map(this::what).orElse("'" + ViewText.line(name) + "'");
      // Who asked for nothing that is there is told so by the node.
      if (!isSure && found.isPresent()) {
        confirm(what);
      }
      if (isLenient && found.isEmpty()) {
        print("", found, "there is no space " + what);
        return ExitCode.DONE;
      }
      var request = DropSpaceRequest.newBuilder().setName(name);
      found.map(SpaceEntry::getId).ifPresent(request::setId);
      var dropped = client.dropSpace(request.build());
      print(dropped.getId(), found, "dropped " + what);
    }
    return ExitCode.DONE;
  }

  private void print(String id, Optional<SpaceEntry> found, String line) {
    var fields = new Fields().put("dropped", name).put("id", id);
    fields.put("cells", found.map(SpaceEntry::getCells).orElse(0L));
    fields.put("logBytes", found.map(SpaceEntry::getLogBytes).orElse(0L));
    spec.commandLine().getOut().println(isJson ? fields.json() : line);
  }

  private String what(SpaceEntry space) {
    var size = SpaceText.isHere(space) ? new SpaceText(space).size() : "on other nodes";
    return "'" + ViewText.line(name) + "': " + size;
  }

  private void confirm(String what) throws CommandFailure {
    var console = Optional.ofNullable(System.console()).filter(java.io.Console::isTerminal);
    if (console.isEmpty()) {
      throw CommandFailure.refused(
          "this would delete "
              + what
              + ", on all nodes and for good; nobody can be asked here, so say --yes");
    }
    var typed =
        console
            .get()
            .readLine("This deletes %s, on all nodes and for good. Its name, to go on: ", what);
    if (!name.equals(typed)) {
      throw CommandFailure.refused("nothing was dropped");
    }
  }
}
