package io.starling.node.cli;

import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.survey.AdminCall;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.client.ClientException;
import io.starling.node.client.ClusterClient;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.SignedRevocation;
import io.starling.node.local.LocalException;
import io.starling.node.member.Eviction;
import io.starling.replica.membership.Revocation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `member evict NAME`.
@Command(
    name = "evict",
    description = {
      "Takes a member out for good whose key is not to be trusted any more, or that is lost. The",
      "authority signs the statement. What the asked node has applied of the member stands, and what",
      "any other has applied before it hears of this; all else is held: see member held and member",
      "adopt. An evicted key is never admitted again."
    })
final class EvictCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeOptions node = new NodeOptions();

  @Parameters(paramLabel = "NAME", description = "its name, or its id as 'member list' shows it")
  private String name = "";

  @Option(
      names = "--authority",
      paramLabel = "DIR",
      description = "directory with the authority's key (default: that of the local cluster)")
  private Optional<Path> authority = Optional.empty();

  @Option(names = "--yes", description = "it is meant: there is no way back for this key")
  private boolean isMeant;

  @Option(names = "--json", description = "prints {\"id\", \"name\", \"evicted\"}")
  private boolean isJson;

  @Override
  public Integer call()
      throws IOException, CommandFailure, ClientException, LocalException, InterruptedException {
    var signer = node.authorityDirectory(authority);
    MemberText member;
    try (var client = node.connect()) {
      member = MemberText.find(MemberText.all(client), name);
      if (!isMeant) {
        throw CommandFailure.usage(
            "this evicts "
                + ViewText.line(member.name())
                + " ("
                + member.fingerprint()
                + ") for good; say --yes if it is meant");
      }
      evict(node, client, member, signer);
    }
    var fields = new Fields().put("id", member.fingerprint()).put("name", member.name());
    spec.commandLine()
        .getOut()
        .println(
            isJson
                ? fields.put("evicted", true).json()
                : ViewText.line(member.name() + " is evicted"));
    return ExitCode.DONE;
  }

  /// Has the authority sign what leaves a member what the node has of it, and tells the cluster.
  static void evict(NodeOptions node, ClusterClient client, MemberText member, Path authority)
      throws IOException, CommandFailure, ClientException, LocalException, InterruptedException {
    var key = member.key();
    var answer =
        AdminCall.parse(
            AdminCall.to(node.targets())
                .ask("GET", "/api/v1/members/" + key + "/cut-off", Optional.empty()));
    byte[] statement;
    try {
      var revocation =
          Revocation.fromBytes(
              Base64.getDecoder()
                  .decode(answer.get("statement") instanceof Value.Text(var text) ? text : ""));
      if (!revocation.key().equals(key)) {
        throw CommandFailure.refused("the node answers for another member than was asked for");
      }
      statement = SignedRevocation.issue(authority, revocation).toBytes();
    } catch (MalformedException | IllegalArgumentException foreign) {
      throw CommandFailure.refused("an answer that cannot be read", foreign);
    } catch (IdentityException unusable) {
      throw CommandFailure.refused(String.valueOf(unusable.getMessage()), unusable);
    }
    SystemWrite.apply(client, Eviction.of(key, statement));
  }
}
