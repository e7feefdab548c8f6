package io.starling.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tokens made at the command line, against a node that runs.
final class TokenCommandTest {

  @TempDir private static Path directory;
  private static RunningNode node;
  private static Shell shell;

  @BeforeAll
  static void start() throws Exception {
    node = new RunningNode(directory.resolve("data"));
    shell = Shell.at(directory);
    node.keep(shell, "all");
    shell.execute("context", "use", "all").orFail();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static Shell.Result as(String token, String... words) throws Exception {
    var file = directory.resolve("as.token");
    Files.writeString(file, token);
    var other = Shell.at(directory.resolve("other"));
    other
        .execute(
            "context",
            "set",
            "it",
            "--node",
            "127.0.0.1:" + node.first().grpcPort(),
            "--ca",
            node.cluster().certificate().toString(),
            "--token-file",
            file.toString())
        .orFail();
    other.execute("context", "use", "it").orFail();
    return other.execute(words);
  }

  private static String create(String role, String name) {
    return shell.execute("token", "create", "--role", role, "--name", name).orFail().strip();
  }

  @Test
  void aTokenMayWhatItsRoleMayUntilItIsRevoked() throws Exception {
    var reader = create("reader", "board");
    var writer = create("writer", "importer");
    assertThat(as(writer, "set", "k", "v").exit()).isZero();
    assertThat(as(reader, "get", "k").orFail()).isEqualTo("v\n");
    assertThat(as(reader, "set", "k", "w").err()).contains("takes the role 'writer'");
    shell.execute("token", "revoke", "board").orFail();
    assertThat(as(reader, "get", "k").exit()).isEqualTo(1);
    assertThat(as(writer, "get", "k").exit()).isZero();
  }

  @Test
  void onlyAdministratorsCreateListAndRevoke() throws Exception {
    var writer = create("writer", "mere");
    for (var command : new String[] {"create --role admin --name me", "list", "revoke mere"}) {
      var words = ("token " + command).split(" ");
      var refused = as(writer, words);
      assertThat(refused.exit()).as(command).isEqualTo(1);
      assertThat(refused.err()).as(command).contains("takes the role 'admin'");
    }
    var admin = create("admin", "second");
    assertThat(as(admin, "token", "list").orFail()).contains("mere", "writer", "second");
  }

  @Test
  void theSecretIsShownOnce() throws Exception {
    var json = shell.execute("token", "create", "--role", "reader", "--name", "once", "--json");
    var created = new ObjectMapper().readTree(json.orFail());
    var token = created.get("token").asText();
    var known = "st_" + created.get("id").asText() + "_";
    assertThat(token).startsWith(known);
    // The secret may itself have underscores in it.
    var secret = token.substring(known.length());
    var listed = shell.execute("token", "list", "--json").orFail();
    assertThat(listed).contains("\"name\":\"once\"").doesNotContain(secret, "hash", "salt");
    var stored = shell.execute("scan", "tokens/", "--values", "-s", "_system").orFail();
    assertThat(stored).contains("once").doesNotContain(secret);
    var revoked = shell.execute("token", "revoke", "once", "--json").orFail();
    assertThat(new ObjectMapper().readTree(revoked).get("revoked").get(0).asText())
        .isEqualTo(created.get("id").asText());
    assertThat(shell.execute("token", "list").orFail()).doesNotContain("once");
  }

  @Test
  void whatCannotBeIsRefused() {
    create("reader", "taken");
    var twice = shell.execute("token", "create", "--role", "admin", "--name", "taken");
    assertThat(twice.exit()).isEqualTo(1);
    assertThat(twice.err()).contains("'taken' exists");
    assertThat(shell.execute("token", "create", "--role", "king", "--name", "a").exit())
        .isEqualTo(2);
    assertThat(shell.execute("token", "create", "--role", "reader", "--name", "a b").exit())
        .isEqualTo(2);
    assertThat(shell.execute("token", "revoke", "nobodys").err()).contains("no token 'nobodys'");
  }

  @Test
  void theLastAdministratorStays() throws Exception {
    var tokens = new ObjectMapper().readTree(shell.execute("token", "list", "--json").orFail());
    for (var token : tokens.get("tokens")) {
      boolean isFirst = token.get("name").asText().equals(token.get("id").asText());
      if (token.get("role").asText().equals("admin") && !isFirst) {
        shell.execute("token", "revoke", token.get("name").asText()).orFail();
      }
    }
    for (var token : tokens.get("tokens")) {
      if (token.get("name").asText().equals(token.get("id").asText())) {
        var refused = shell.execute("token", "revoke", token.get("id").asText());
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.err()).contains("last token of an administrator");
      }
    }
  }
}
