package io.starling.node.cli;

import io.starling.crdt.value.Value;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.survey.AdminCall;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.client.ClientException;
import io.starling.node.local.LocalException;
import io.starling.replica.batch.SpaceId;
import java.io.IOException;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `member adopt NAME`.
@Command(
    name = "adopt",
    description = {
      "Has what a node holds of an evicted member stand, on all members: what an honest machine wrote",
      "while it was away. Look at member held first: there is no way back."
    })
final class AdoptCommand implements Callable<Integer> {

  // Longer than a node takes to ask for more.
  private static final long PAUSE_MILLIS = 2_000;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeOptions node = new NodeOptions();

  @Parameters(paramLabel = "NAME", description = "its name, or its id as 'member held' shows it")
  private String name = "";

  @Option(
      names = "--space",
      paramLabel = "SPACE",
      description = "in this space only (default: in all that the node hosts)")
  private Optional<String> space = Optional.empty();

  @Option(names = "--json", description = "prints {\"id\", \"name\", \"batches\"}")
  private boolean isJson;

  @Override
  public Integer call()
      throws IOException, CommandFailure, ClientException, LocalException, InterruptedException {
    MemberText member;
    var names = space.stream().toList();
    try (var client = node.connect()) {
      member = MemberText.findEvicted(MemberText.all(client), name);
      if (names.isEmpty()) {
        // Batches of the others name what they had seen of _system.
        names =
            client.spaces().getSpacesList().stream()
                .map(it -> it.getName())
                .sorted(Comparator.comparing(it -> !it.equals(SpaceId.SYSTEM)))
                .toList();
      }
    }
    var admin = AdminCall.to(node.targets());
    long batches = 0;
    for (var each : names) {
      // A node takes in so many at once; the rest comes when those are applied.
      long more;
      do {
        var answer =
            admin.ask(
                "POST",
                "/api/v1/evictions/" + member.key() + "/adopted",
                Optional.of(new Fields().put("space", each).json()));
        more = AdminCall.parse(answer).get("batches") instanceof Value.Int(long n) ? n : 0;
        batches += more;
        if (more > 0) {
          Thread.sleep(PAUSE_MILLIS);
        }
      } while (more > 0);
    }
    var fields = new Fields().put("id", member.fingerprint()).put("name", member.name());
    spec.commandLine()
        .getOut()
        .println(
            isJson
                ? fields.put("batches", batches).json()
                : ViewText.line(
                    "%,d batches of %s stand from now on".formatted(batches, member.name())));
    return ExitCode.DONE;
  }
}
