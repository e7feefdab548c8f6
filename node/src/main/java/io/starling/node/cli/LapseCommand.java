package io.starling.node.cli;

import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.client.ClientException;
import io.starling.node.local.LocalException;
import io.starling.node.member.Lapse;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `member lapse NAME`.
@Command(
    name = "lapse",
    description = {
      "Lets go of a member that is away: no log is kept for it any more than for nobody.",
      "It stays a member. When it comes back it takes over state, keeps all that it wrote, and",
      "the lapse ends by itself; a member that is there ends it at once."
    })
final class LapseCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeOptions node = new NodeOptions();

  @Parameters(paramLabel = "NAME", description = "its name, or its id as 'member list' shows it")
  private String name = "";

  @Option(names = "--end", description = "takes it back: log is kept for the member again")
  private boolean isEnd;

  @Option(names = "--json", description = "prints {\"id\", \"name\", \"lapsed\"}")
  private boolean isJson;

  @Override
  public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
    MemberText member;
    try (var client = node.connect()) {
      member = MemberText.find(MemberText.all(client), name);
      if (member.hasLeft()) {
        throw CommandFailure.refused(
            "'" + ViewText.line(name) + "' has left the cluster; nobody keeps log for it");
      }
      var key = member.key();
      SystemWrite.apply(client, isEnd ? Lapse.end(key) : Lapse.of(key, Instant.now()));
    }
    var fields = new Fields().put("id", member.fingerprint()).put("name", member.name());
    spec.commandLine()
        .getOut()
        .println(
            isJson
                ? fields.put("lapsed", !isEnd).json()
                : ViewText.line(member.name() + (isEnd ? " has not lapsed" : " has lapsed")));
    return ExitCode.DONE;
  }
}
