package io.starling.node.cli;

import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.client.ClientException;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.Invitation;
import io.starling.node.identity.JoinRequest;
import io.starling.node.local.LocalException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `member replace NAME REQUEST`.
@Command(
    name = "replace",
    description = {
      "Puts a new machine in the place of a member that is lost: evicts the old key and admits the new",
      "one, which may have the old name. On the new machine: member join NODE-DIR --name NAME first,",
      "and member join NODE-DIR --invitation INVITATION after this."
    })
final class ReplaceCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeOptions node = new NodeOptions();

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description = "the lost member's name, or its id as 'member list' shows it")
  private String name = "";

  @Parameters(
      index = "1",
      paramLabel = "REQUEST",
      description = "the join request of the new machine")
  private Path request = Path.of("");

  @Mixin private InvitationOptions invited = new InvitationOptions();

  @Option(
      names = "--authority",
      paramLabel = "DIR",
      description = "directory with the authority's key (default: that of the local cluster)")
  private Optional<Path> authority = Optional.empty();

  @Option(names = "--yes", description = "it is meant: there is no way back for the old key")
  private boolean isMeant;

  @Option(names = "--json", description = "prints {\"evicted\", \"name\", \"id\", \"invitation\"}")
  private boolean isJson;

  @Override
  public Integer call()
      throws IOException,
          IdentityException,
          CommandFailure,
          ClientException,
          LocalException,
          InterruptedException {
    var signer = node.authorityDirectory(authority);
    var addresses = invited.peers();
    // Before anybody is evicted: one that cannot be admitted replaces nobody.
    var newcomer = JoinRequest.read(request);
    MemberText member;
    try (var client = node.connect()) {
      member = MemberText.find(MemberText.all(client), name);
      if (newcomer.key().fingerprint().equals(member.key())) {
        throw CommandFailure.refused(
            "the request is by the key that is to be replaced; make a new one on the new machine, in"
                + " an empty directory");
      }
      if (!isMeant) {
        throw CommandFailure.usage(
            "this evicts "
                + ViewText.line(member.name())
                + " ("
                + member.fingerprint()
                + ") for good; say --yes if it is meant");
      }
      EvictCommand.evict(node, client, member, signer);
    }
    var invitation = Invitation.issue(signer, request, addresses);
    var out = invited.out();
    invitation.writeTo(out);
    var print = spec.commandLine().getOut();
    var id = invitation.node().fingerprint().toString();
    if (isJson) {
      print.println(
          new Fields()
              .put("evicted", member.fingerprint())
              .put("name", invitation.node().name())
              .put("id", id)
              .put("invitation", out.toString())
              .json());
      return ExitCode.DONE;
    }
    print.println(
        ViewText.line(
            member.name()
                + " ("
                + member.fingerprint()
                + ") is evicted; in its place: node "
                + invitation.node().name()
                + " "
                + id));
    print.println(
        "carry " + out + " to it, then: starling member join NODE-DIR --invitation " + out);
    return ExitCode.DONE;
  }
}
