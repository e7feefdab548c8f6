package io.starling.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.value.Value;
import io.starling.node.json.JsonText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Exit codes of every command: 0 done, 1 refused or failed, 2 usage, 3 unreachable; and that a
/// failure is one line for people, one object for programs.
final class ExitCodeTest {

  /// Each command with words that make it do something. Those in [#CLIENTS] talk to a node.
  private static final Map<String, List<String>> WORDS = new TreeMap<>();

  private static final List<String> CLIENTS =
      List.of(
          "add",
          "doc get",
          "doc merge",
          "doc set",
          "export",
          "get",
          "import",
          "incr",
          "log level",
          "log list",
          "member held",
          "member lapse",
          "member list",
          "remove",
          "scan",
          "set",
          "space create",
          "space drop",
          "space list",
          "space set",
          "token create",
          "token list",
          "token revoke",
          "watch");

  /// They ask all nodes of a cluster.
  private static final List<String> SURVEYS = List.of("status", "top");

  static {
    WORDS.put("add", List.of("s", "a"));
    WORDS.put("backup create", List.of());
    WORDS.put("backup init", List.of("--repository", "DIR/repository"));
    WORDS.put("backup list", List.of("--repository", "DIR/none"));
    WORDS.put("backup prune", List.of("--repository", "DIR/none", "--keep-last", "1"));
    WORDS.put("backup restore keys", List.of("latest", "--all", "--repository", "DIR/none"));
    WORDS.put("backup restore node", List.of("latest", "--config", "DIR/none.yaml"));
    WORDS.put("backup verify", List.of("--repository", "DIR/none"));
    WORDS.put("bench catchup", List.of());
    WORDS.put("bench reconnect", List.of());
    WORDS.put("bench size", List.of());
    WORDS.put("bench spaces", List.of());
    WORDS.put("bench startup", List.of());
    WORDS.put("bench wire", List.of());
    WORDS.put("bench write", List.of());
    WORDS.put("cluster init", List.of("DIR/authority"));
    WORDS.put("completion", List.of("bash"));
    WORDS.put("context list", List.of());
    WORDS.put("context remove", List.of("kept"));
    WORDS.put("context set", List.of("made", "--node", "h:1"));
    WORDS.put("context show", List.of("kept"));
    WORDS.put("context use", List.of("local"));
    WORDS.put("doc get", List.of("d"));
    WORDS.put("doc merge", List.of("d", "{}"));
    WORDS.put("doc set", List.of("d", "{}"));
    WORDS.put("doctor", List.of());
    WORDS.put("down", List.of());
    WORDS.put("get", List.of("k"));
    WORDS.put("export", List.of("DIR/exported.ndjson.gz"));
    WORDS.put("import", List.of("DIR/lines.ndjson", "--key", "id"));
    WORDS.put("incr", List.of("c"));
    WORDS.put("log level", List.of("io.starling.tried.cli", "INFO"));
    WORDS.put("log list", List.of());
    WORDS.put("member invite", List.of("DIR/none", "DIR/none"));
    WORDS.put("member join", List.of("DIR/n", "--name", "n", "--address", "h"));
    WORDS.put("member adopt", List.of("node-1"));
    WORDS.put("member evict", List.of("node-1", "--authority", "DIR/none", "--yes"));
    WORDS.put("member held", List.of());
    WORDS.put("member lapse", List.of("node-1"));
    WORDS.put("member leave", List.of());
    WORDS.put("member list", List.of());
    WORDS.put("member replace", List.of("node-1", "DIR/none", "--authority", "DIR/none"));
    WORDS.put("node run", List.of("--config", "DIR/none.yaml"));
    WORDS.put("receipt verify", List.of("DIR/none.json"));
    WORDS.put("remove", List.of("k"));
    WORDS.put("scan", List.of());
    WORDS.put("set", List.of("k", "1"));
    WORDS.put("simulate", List.of("--duration", "1s", "--nodes", "2"));
    WORDS.put("space create", List.of("fresh"));
    WORDS.put("space drop", List.of("shop", "--yes", "--if-exists"));
    WORDS.put("space set", List.of("main", "--retention-age", "7d"));
    WORDS.put("space list", List.of());
    WORDS.put("status", List.of());
    WORDS.put("support-bundle", List.of("--out", "DIR/bundle.zip"));
    WORDS.put("token create", List.of("--role", "reader", "--name", "fresh"));
    WORDS.put("token list", List.of());
    WORDS.put("token revoke", List.of("nobodys"));
    WORDS.put("top", List.of("--once", "--interval", "100ms"));
    WORDS.put("up", List.of());
    WORDS.put("version", List.of());
    WORDS.put("watch", List.of("--limit", "1"));
  }

  @TempDir private static Path directory;
  private static RunningNode node;

  @BeforeAll
  static void start() throws Exception {
    node = new RunningNode(directory.resolve("data"));
    Files.writeString(directory.resolve("lines.ndjson"), "{\"id\":\"a\"}\n");
    Files.writeString(directory.resolve("wrong"), "st_abcdefghijkl_" + "x".repeat(32));
    Shell.at(directory).execute("context", "set", "kept", "--node", "h:1").orFail();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  static Stream<String> commands() {
    return Commands.names().stream();
  }

  static Stream<String> clients() {
    return CLIENTS.stream();
  }

  static Stream<String> asking() {
    return Stream.concat(CLIENTS.stream(), SURVEYS.stream());
  }

  private static Shell.Result run(Shell shell, String command, String... more) {
    var words = new ArrayList<>(List.of(command.split(" ")));
    for (var word : WORDS.get(command)) {
      words.add(word.replace("DIR", directory.toString()));
    }
    words.addAll(List.of(more));
    return shell.execute(words.toArray(String[]::new));
  }

  private static Shell shell() {
    return Shell.at(directory);
  }

  private static void assertFailed(Shell.Result result, int exit) {
    assertThat(result.exit()).as(result.err()).isEqualTo(exit);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("starling: ").hasLineCount(1).doesNotContain("\tat ");
  }

  @Test
  void theTableHasEveryCommand() {
    assertThat(WORDS.keySet()).containsExactlyInAnyOrderElementsOf(Commands.names());
  }

  @ParameterizedTest
  @MethodSource("commands")
  void wordsThatAreNoneAreUsage(String command) {
    assertFailed(run(shell(), command, "--no-such-option"), 2);
    var all = new ArrayList<>(List.of(command.split(" ")));
    all.addAll(List.of("--no-such-option", "--json"));
    var result = shell().execute(all.toArray(String[]::new));
    assertThat(result.exit()).isEqualTo(2);
    assertThat(error(result)).containsEntry("reason", new Value.Text("USAGE"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandSpeaksJson(String command) {
    var options =
        Commands.all().stream()
            .filter(it -> it.getCommandSpec().qualifiedName().equals("starling " + command))
            .findFirst()
            .orElseThrow()
            .getCommandSpec();
    assertThat(options.findOption("--json")).isNotNull();
    assertThat(options.findOption("--json").hidden()).isFalse();
    assertThat(options.findOption("--color")).isNotNull();
  }

  @ParameterizedTest
  @MethodSource("asking")
  void anUnknownClusterIsRefused(String command) {
    var none = directory.resolve("nothing-here").toString();
    assertFailed(run(shell(), command, "--data", none), 1);
    assertFailed(run(shell(), command, "--context", "unknown"), 2);
  }

  @ParameterizedTest
  @MethodSource("clients")
  void anUnknownNodeIsRefused(String command) {
    assertFailed(run(shell(), command, "--data", node.data(), "--node", "7"), 1);
    assertFailed(run(shell(), command, "--data", node.data(), "--node", "h:x"), 2);
  }

  /// Those that end by themselves, and at once: a watch waits for a change, an import 90 s for its
  /// node.
  static Stream<String> prompt() {
    return CLIENTS.stream().filter(it -> !it.equals("watch") && !it.equals("import"));
  }

  // A token of one name is created once and revoked once: TokenCommandTest does.
  static Stream<String> ending() {
    var others = List.of("watch", "token create", "token revoke");
    return CLIENTS.stream().filter(it -> !others.contains(it));
  }

  // The words of WORDS are text.
  private static List<String> json(String command) {
    return List.of("add", "remove", "set").contains(command)
        ? List.of("--json", "--text")
        : List.of("--json");
  }

  @ParameterizedTest
  @MethodSource("prompt")
  void aNodeThatIsDownIsUnreachable(String command) {
    assertFailed(run(shell(), command, "--data", node.data(), "--node", "2"), 3);
    var more = new ArrayList<>(json(command));
    more.addAll(List.of("--data", node.data(), "--node", "2"));
    var result = run(shell(), command, more.toArray(String[]::new));
    assertThat(result.exit()).isEqualTo(3);
    assertThat(error(result)).containsEntry("reason", new Value.Text("UNREACHABLE"));
  }

  @ParameterizedTest
  @MethodSource("asking")
  void aWrongTokenIsRefused(String command) throws Exception {
    var wrong = Files.readString(directory.resolve("wrong"));
    var result = run(shell().with("STARLING_TOKEN", wrong), command, "--data", node.data());
    assertThat(result.exit()).as(result.err()).isEqualTo(1);
    assertThat(result.out() + result.err()).contains("does not know the bearer token");
  }

  @ParameterizedTest
  @MethodSource("ending")
  void whatWorksIsDone(String command) throws Exception {
    var result = run(shell(), command, "--data", node.data());
    assertThat(result.exit()).as(result.err()).isZero();
    var spoken = run(shell(), command, more(json(command)));
    assertThat(spoken.exit()).as(spoken.err()).isZero();
    for (var line : spoken.out().lines().toList()) {
      assertThat(JsonText.parse(line)).isNotNull();
    }
  }

  private static String[] more(List<String> words) {
    var all = new ArrayList<>(List.of("--data", node.data()));
    all.addAll(words);
    return all.toArray(String[]::new);
  }

  @Test
  void aClusterThatIsDownIsUnreachable() throws Exception {
    shell()
        .execute(
            "context",
            "set",
            "down",
            "--node",
            "127.0.0.1:" + node.stopped().grpcPort(),
            "--ca",
            node.cluster().certificate().toString(),
            "--token-file",
            node.cluster().tokenFile().toString())
        .orFail();
    assertThat(run(shell(), "status", "--context", "down").exit()).isEqualTo(3);
    assertThat(run(shell(), "top", "--context", "down").exit()).isEqualTo(3);
    // They are asked what is wrong, and say so.
    assertThat(run(shell(), "doctor", "--context", "down").exit()).isEqualTo(1);
    assertThat(run(shell(), "support-bundle", "--context", "down").exit()).isZero();
  }

  @Test
  void whatTheOthersCannotDoIsRefused() {
    assertFailed(run(shell(), "node run"), 1);
    assertFailed(run(shell(), "backup create", "--data", node.data()), 1);
    for (var command : List.of("list", "prune", "restore keys", "restore node", "verify")) {
      assertFailed(run(shell(), "backup " + command), 1);
    }
    run(shell(), "backup init").orFail();
    assertFailed(run(shell(), "backup init"), 1);
    assertFailed(shell().execute("backup", "list"), 2);
    assertFailed(run(shell(), "member invite"), 1);
    assertFailed(shell().execute("context", "use", "unknown"), 1);
    assertFailed(shell().execute("down", "--data", directory.resolve("nothing").toString()), 1);
    assertFailed(shell().execute("bench", "write", "--pairs", "0"), 2);
    assertFailed(shell().execute("bench", "catchup", "--cells", "5"), 2);
    assertFailed(shell().execute("bench", "reconnect", "--batches", "0"), 2);
    assertFailed(shell().execute("bench", "spaces", "--pairs", "0"), 2);
    assertFailed(shell().execute("bench", "size", "--elements", "5"), 2);
    assertFailed(shell().execute("simulate", "--nodes", "99"), 2);
    assertFailed(shell().execute("simulate", "--exhaustive", "--depth", "7"), 2);
    assertFailed(shell().execute("simulate", "--type", "set", "--depth", "2"), 2);
    assertFailed(shell().execute("simulate", "--depth", "4"), 2);
    assertFailed(shell().execute("simulate", "--exhaustive", "--type", "tree"), 2);
    assertFailed(shell().execute("up", "--nodes", "99"), 2);
    assertFailed(shell().execute("completion", "tcsh"), 2);
    assertFailed(shell().execute("top", "--interval", "1ms"), 2);
    run(shell(), "cluster init").orFail();
    assertFailed(run(shell(), "cluster init"), 1);
    assertFailed(shell().execute("member", "join", directory.resolve("j").toString()), 2);
    assertFailed(shell().execute("down", "surplus"), 2);
    assertFailed(shell().execute("version", "surplus"), 2);
  }

  @Test
  void theOthersAreDone() throws Exception {
    for (var command :
        List.of(
            "completion",
            "version",
            "context list",
            "context show",
            "context use",
            "simulate",
            "status",
            "top")) {
      var more = SURVEYS.contains(command) ? new String[] {"--data", node.data()} : new String[0];
      assertThat(run(shell(), command, more).exit()).as(command).isZero();
    }
    for (var command : List.of("version", "context list", "context show", "context use")) {
      assertThat(JsonText.parse(run(shell(), command, "--json").orFail().strip()))
          .isInstanceOf(Value.Struct.class);
    }
  }

  @Test
  void aRefusalOfANodeHasItsReason() {
    run(shell(), "incr", "--data", node.data()).orFail();
    var result = shell().execute("set", "c", "1", "--json", "--data", node.data());
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(error(result)).containsEntry("exit", new Value.Int(1));
    assertThat(error(result).get("reason")).isNotEqualTo(new Value.Text("REFUSED"));
  }

  @Test
  void aMistypedCommandIsGuessed() {
    assertThat(Shell.run("stauts").err()).contains("Did you mean 'status'?");
    assertThat(Shell.run("contxt", "list").err()).contains("Did you mean 'context'?");
    assertThat(Shell.run("space", "lst").err()).contains("Did you mean");
    assertThat(Shell.run("status", "--jsno").err()).contains("Did you mean '--json'?");
  }

  private static Map<String, Value> error(Shell.Result result) {
    try {
      assertThat(result.err()).hasLineCount(1);
      return JsonText.parse(result.err().strip()) instanceof Value.Struct(var fields)
              && fields.get("error") instanceof Value.Struct(var error)
          ? error
          : Map.of();
    } catch (io.starling.crdt.encoding.MalformedException foreign) {
      throw new AssertionError(result.err(), foreign);
    }
  }
}
