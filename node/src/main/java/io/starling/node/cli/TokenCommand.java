package io.starling.node.cli;

import io.starling.crdt.encoding.MalformedException;
import io.starling.node.access.BearerToken;
import io.starling.node.access.Role;
import io.starling.node.access.TokenRecord;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.CommandGroup;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.client.ClientException;
import io.starling.node.client.ClusterClient;
import io.starling.node.json.JsonText;
import io.starling.node.local.LocalException;
import io.starling.proto.v1.Entry;
import io.starling.proto.v1.Form;
import io.starling.proto.v1.ScanRequest;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.request.Mutation;
import java.io.IOException;
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

/// `token create|list|revoke`.
///
/// A token is drawn here, and only its record, with a salted hash, goes to the cluster: an ordinary
/// transaction in `_system`, which administrators alone may read and write. So it travels to all
/// nodes as any write does, and so does its end.
@Command(
    name = "token",
    description = "Creates, lists and revokes the tokens by which clients are let in.",
    subcommands = {TokenCommand.Create.class, TokenCommand.Names.class, TokenCommand.Revoke.class})
final class TokenCommand extends CommandGroup {

  private static final int PAGE = 1_000;
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

  /// A token that the cluster knows.
  private record Known(String id, TokenRecord record) {

    /// What people call it: those of before names had come are known by their id.
    String name() {
      return record.name().isEmpty() ? id : record.name();
    }
  }

  private static List<Known> known(ClusterClient client) throws ClientException, IOException {
    var request =
        ScanRequest.newBuilder()
            .setSpace(SpaceId.SYSTEM)
            .setPrefix(TokenRecord.PREFIX)
            .setLimit(PAGE)
            .setValues(true)
            .setForm(Form.FORM_JSON);
    var all = new ArrayList<Known>();
    boolean hasMore = true;
    while (hasMore) {
      var page = client.scan(request.build());
      for (var entry : page.getEntriesList()) {
        read(entry).ifPresent(all::add);
        request.setAfter(entry.getKey());
      }
      hasMore = page.getMore();
    }
    return all;
  }

  // What is no record lets nobody in, and is none of this command's.
  private static Optional<Known> read(Entry entry) throws IOException {
    try {
      var id = entry.getKey().substring(TokenRecord.PREFIX.length());
      return TokenRecord.read(JsonText.parse(entry.getReading().getJson()))
          .map(record -> new Known(id, record));
    } catch (MalformedException malformed) {
      throw new IOException("the node answered with what is no JSON", malformed);
    }
  }

  /// `token create --role ROLE --name NAME`.
  @Command(
      name = "create",
      description = {
        "Creates a token and prints it, once: the cluster keeps only a salted hash of it.",
        "It is good on every node as soon as that has heard of it."
      })
  static final class Create implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private NodeOptions node = new NodeOptions();

    @Option(
        names = "--role",
        required = true,
        paramLabel = "ROLE",
        description = "reader, writer or admin")
    private String role = "";

    @Option(
        names = "--name",
        required = true,
        paramLabel = "NAME",
        description = "whose it is, to revoke it by: 1 to 64 of A-Z a-z 0-9 - _ .")
    private String name = "";

    @Option(names = "--json", description = "prints {\"name\", \"id\", \"role\", \"token\"}")
    private boolean isJson;

    @Override
    public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
      var wanted =
          Role.ofLabel(role)
              .orElseThrow(() ->
                  CommandFailure.usage(
                      "there is no role '" + ViewText.line(role) + "': reader, writer or admin"));
      if (!name.matches(NAME)) {
        throw CommandFailure.usage("--name is 1 to 64 of A-Z a-z 0-9 - _ .");
      }
      var token = BearerToken.generate();
      try (var client = node.connect()) {
        if (known(client).stream().anyMatch(it -> it.name().equals(name))) {
          throw CommandFailure.refused(
              "a token '" + name + "' exists; revoke it first, or choose another name");
        }
        var record = TokenRecord.of(token, wanted, name, Instant.now());
        SystemWrite.apply(client, record.write(token.id()));
      }
      var fields = new Fields().put("name", name).put("id", token.id());
      spec.commandLine()
          .getOut()
          .println(
              isJson
                  ? fields.put("role", wanted.label()).put("token", token.text()).json()
                  : token.text());
      return ExitCode.DONE;
    }
  }

  /// `token list`.
  @Command(name = "list", description = "Lists the tokens that the cluster knows, not the secrets.")
  static final class Names implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private NodeOptions node = new NodeOptions();

    @Option(
        names = "--json",
        description = "prints {\"tokens\":[{\"name\", \"id\", \"role\", \"created\"}]}")
    private boolean isJson;

    @Override
    public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
      List<Known> all;
      try (var client = node.connect()) {
        all = known(client);
      }
      var out = spec.commandLine().getOut();
      if (isJson) {
        out.println(
            new Fields()
                .put("tokens", all.stream().map(it -> fields(it).struct()).toList())
                .json());
      } else {
        for (var it : all) {
          var created = Instant.ofEpochMilli(it.record().created());
          var role = it.record().role().label();
          out.println(ViewText.line("%-20s %-7s %s".formatted(it.name(), role, created)));
        }
      }
      return ExitCode.DONE;
    }

    private static Fields fields(Known it) {
      return new Fields()
          .put("name", it.name())
          .put("id", it.id())
          .put("role", it.record().role().label())
          .put("created", Instant.ofEpochMilli(it.record().created()).toString());
    }
  }

  /// `token revoke NAME`.
  @Command(
      name = "revoke",
      description = {
        "Ends a token, on every node as soon as that has heard of it; streams that were opened with",
        "it end within 15 seconds. The last administrator's token is not revoked."
      })
  static final class Revoke implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private NodeOptions node = new NodeOptions();

    @Option(names = "--json", description = "prints {\"revoked\"}")
    private boolean isJson;

    @Parameters(paramLabel = "NAME", description = "its name, or its id as 'token list' shows it")
    private String name = "";

    @Override
    public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
      List<Known> meant;
      try (var client = node.connect()) {
        var all = known(client);
        meant = all.stream().filter(it -> it.name().equals(name) || it.id().equals(name)).toList();
        if (meant.isEmpty()) {
          throw CommandFailure.refused("there is no token '" + ViewText.line(name) + "'");
        }
        boolean leavesAnAdministrator =
            all.stream().anyMatch(it -> it.record().role() == Role.ADMIN && !meant.contains(it));
        if (!leavesAnAdministrator) {
          throw CommandFailure.refused(
              "this is the last token of an administrator; create another one first");
        }
        SystemWrite.apply(
            client,
            meant.stream()
                .map(it -> new Mutation.Remove(TokenRecord.path(it.id())))
                .toArray(Mutation[]::new));
      }
      if (isJson) {
        var ids = meant.stream().map(Known::id).toList();
        spec.commandLine().getOut().println(new Fields().putTexts("revoked", ids).json());
      }
      return ExitCode.DONE;
    }
  }
}
