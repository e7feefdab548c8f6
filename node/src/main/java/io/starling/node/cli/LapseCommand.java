package io.starling.node.cli;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.api.wire.WireMutations;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.client.ClientException;
import io.starling.node.client.ClusterClient;
import io.starling.node.local.LocalException;
import io.starling.node.member.Lapse;
import io.starling.proto.v1.ApplyRequest;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
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
      member = find(MemberText.all(client));
      apply(client, mutation(member));
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

  private MemberText find(List<MemberText> members) throws CommandFailure {
    var meant =
        members.stream()
            .filter(it -> it.name().equals(name) || it.fingerprint().equals(name))
            .toList();
    if (meant.isEmpty()) {
      throw CommandFailure.refused("there is no member '" + ViewText.line(name) + "'");
    }
    if (meant.size() > 1) {
      throw CommandFailure.refused(
          "several members are called '" + ViewText.line(name) + "'; name one by its id");
    }
    return meant.getFirst();
  }

  private Mutation mutation(MemberText member) throws CommandFailure {
    try {
      var key = KeyFingerprint.parse(member.fingerprint());
      return isEnd ? Lapse.end(key) : Lapse.of(key, Instant.now());
    } catch (IllegalArgumentException notAFingerprint) {
      throw CommandFailure.refused("the member's id is none", notAFingerprint);
    }
  }

  private static void apply(ClusterClient client, Mutation mutation)
      throws ClientException, IOException {
    var request = ApplyRequest.newBuilder().setSpace(SpaceId.SYSTEM);
    request.getTransactionBuilder().addMutations(WireMutations.write(mutation));
    client.apply(request.build());
  }
}
