package io.starling.node.cli;

import io.starling.node.access.TokenFile;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.CommandGroup;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.client.ClientException;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.Invitation;
import io.starling.node.identity.JoinRequest;
import io.starling.node.local.LocalException;
import io.starling.replica.batch.ClusterId;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `member list|invite|join|leave|lapse|evict|replace|held|adopt`.
@Command(
    name = "member",
    description = {
      "Lists the members of a cluster, admits nodes to it, has them leave, and lets go of those that",
      "are away.",
      "A node joins in three steps:",
      "  1. on the node:          starling member join NODE-DIR --name NAME --address HOST",
      "  2. at the authority:     starling member invite AUTHORITY-DIR REQUEST -o INVITATION",
      "  3. on the node again:    starling member join NODE-DIR --invitation INVITATION"
    },
    subcommands = {
      MemberCommand.Members.class,
      MemberCommand.Invite.class,
      MemberCommand.Join.class,
      LapseCommand.class,
      EvictCommand.class,
      ReplaceCommand.class,
      HeldCommand.class,
      AdoptCommand.class,
      LeaveCommand.class
    })
final class MemberCommand extends CommandGroup {

  /// `member list`.
  @Command(
      name = "list",
      description = {
        "Lists the members, as a node knows them: here (linked with it), away (and since when it",
        "was not heard), lapsed (no log is kept for it), left (for good, and when)."
      })
  static final class Members implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private NodeOptions node = new NodeOptions();

    @Option(
        names = "--json",
        description =
            "prints {\"members\":[{\"id\", \"name\", \"site\", \"addresses\", \"state\","
                + " \"since\", \"lapsed\"}]}")
    private boolean isJson;

    @Override
    public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
      try (var client = node.connect()) {
        var members = MemberText.all(client);
        var out = spec.commandLine().getOut();
        if (isJson) {
          var list = members.stream().map(MemberText::json).toList();
          out.println(new Fields().put("members", list).json());
        } else {
          members.forEach(member -> out.println(member.line()));
        }
      }
      return ExitCode.DONE;
    }
  }

  /// `member invite AUTHORITY REQUEST`.
  @Command(name = "invite", description = "Admits the node that made a join request.")
  static final class Invite implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(
        index = "0",
        paramLabel = "AUTHORITY-DIR",
        description = "the authority's directory")
    private Path authority = Path.of("");

    @Parameters(index = "1", paramLabel = "REQUEST", description = "the join request of the node")
    private Path request = Path.of("");

    @Mixin private InvitationOptions invited = new InvitationOptions();

    @Option(names = "--json", description = "prints {\"name\", \"id\", \"invitation\"}")
    private boolean isJson;

    @Override
    public Integer call() throws IOException, IdentityException, CommandFailure {
      var invitation = Invitation.issue(authority, request, invited.peers());
      var out = invited.out();
      invitation.writeTo(out);
      var print = spec.commandLine().getOut();
      if (isJson) {
        var object =
            new Fields()
                .put("name", invitation.node().name())
                .put("id", invitation.node().fingerprint().toString())
                .put("invitation", out.toString());
        print.println(object.json());
        return ExitCode.DONE;
      }
      print.println("node " + invitation.node().name() + " " + invitation.node().fingerprint());
      print.println(
          "carry " + out + " to it, then: starling member join NODE-DIR --invitation " + out);
      return ExitCode.DONE;
    }
  }

  /// `member join NODE-DIR`.
  @Command(
      name = "join",
      description = "On a node: makes its keys and a join request, or accepts an invitation.")
  static final class Join implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(
        paramLabel = "NODE-DIR",
        description = "the node's directory, which holds node.yaml")
    private Path directory = Path.of("");

    @Option(names = "--name", paramLabel = "NAME", description = "what people call the node")
    private Optional<String> name = Optional.empty();

    @Option(
        names = "--site",
        paramLabel = "SITE",
        defaultValue = "default",
        description = "where it stands")
    private String site = "default";

    @Option(
        names = "--address",
        paramLabel = "HOST",
        description = "a host name or address that others reach it by; repeatable")
    private List<String> addresses = new ArrayList<>();

    @Option(names = "--invitation", paramLabel = "FILE", description = "the authority's answer")
    private Optional<Path> invitation = Optional.empty();

    @Option(
        names = "--admin",
        description = "with --invitation: makes admin.token, on the first node of a new cluster")
    private boolean isFirst;

    @Option(names = "--cluster", paramLabel = "ID", description = "the cluster it must be")
    private Optional<String> cluster = Optional.empty();

    @Option(
        names = "--json",
        description =
            "prints {\"name\", \"id\", \"request\"}, or {\"name\", \"cluster\", \"tokenFile\"}")
    private boolean isJson;

    @Override
    public Integer call() throws IOException, IdentityException, CommandFailure {
      var out = spec.commandLine().getOut();
      var identity = directory.resolve("identity");
      if (invitation.isPresent()) {
        accept(out, identity, invitation.get());
        return ExitCode.DONE;
      }
      if (isFirst) {
        throw CommandFailure.usage("--admin goes with --invitation");
      }
      if (name.isEmpty() || addresses.isEmpty()) {
        throw CommandFailure.usage("a join request needs --name and --address; see --help");
      }
      var request = JoinRequest.create(identity, name.get(), site, addresses);
      var fingerprint = JoinRequest.read(request).key().fingerprint();
      if (isJson) {
        var object = new Fields().put("name", name.get()).put("id", fingerprint.toString());
        out.println(object.put("request", request.toString()).json());
        return ExitCode.DONE;
      }
      out.println("node " + name.get() + " " + fingerprint + "; tell it to the authority");
      out.println(
          "carry "
              + request
              + " to the authority, then: "
              + "starling member invite AUTHORITY-DIR "
              + request.getFileName());
      return ExitCode.DONE;
    }

    private void accept(PrintWriter out, Path identity, Path answer)
        throws IOException, IdentityException, CommandFailure {
      var joined = Invitation.accept(identity, answer, expected(), Instant.now());
      var name = joined.certificate().name();
      var token = directory.resolve(TokenFile.NAME);
      if (isFirst) {
        TokenFile.create(directory);
      }
      if (isJson) {
        var object = new Fields().put("name", name).put("cluster", joined.cluster().toString());
        var file = isFirst ? Optional.of(token.toString()) : Optional.<String>empty();
        out.println(object.putText("tokenFile", file).json());
        return;
      }
      out.println("node " + name + " is a member of " + joined.authority());
      if (isFirst) {
        out.println("administrator's token: " + token);
      }
    }

    private Optional<ClusterId> expected() throws CommandFailure {
      try {
        return cluster.map(ClusterId::parse);
      } catch (IllegalArgumentException malformed) {
        throw CommandFailure.usage(String.valueOf(malformed.getMessage()));
      }
    }
  }
}
