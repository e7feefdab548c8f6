package io.starling.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.access.Principal;
import io.starling.node.access.Role;
import io.starling.node.access.SignInCodes;
import io.starling.node.api.grpc.GrpcApi;
import io.starling.node.memory.MemorySpaces;
import io.starling.replica.batch.ClusterId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Contexts as commands use them, with several nodes of which some are silent.
final class ContextCommandTest {

  @TempDir private Path directory;

  private final MemorySpaces spaces = new MemorySpaces();
  private final List<AutoCloseable> open = new ArrayList<>();
  private GrpcApi api;
  private Shell shell;
  private Path token;

  @BeforeEach
  void start() throws IOException {
    shell = Shell.at(directory);
    token = Files.writeString(directory.resolve("token"), "admin\n");
    api = serve(spaces);
  }

  @AfterEach
  void stop() throws Exception {
    for (var one : open) {
      one.close();
    }
  }

  private GrpcApi serve(MemorySpaces served) throws IOException {
    var offer =
        new GrpcApi.Offer(
            new ClusterId(1, 1),
            served,
            text -> Role.ofLabel(text).map(role -> new Principal("token:" + text, role)),
            new SignInCodes(InstantSource.system()),
            served,
            "test");
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var started = GrpcApi.start(address, Optional.empty(), offer);
    open.add(started);
    return started;
  }

  /// A port that nobody listens on.
  private static int silentPort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /// A port where connections are taken and broken off, as by a node that dies.
  private int breakingPort() throws IOException {
    var socket = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    open.add(socket);
    Thread.ofVirtual()
        .start(() -> {
          while (!socket.isClosed()) {
            try (var taken = socket.accept()) {
              int first = taken.getInputStream().read();
              assertThat(first).isGreaterThanOrEqualTo(-1);
            } catch (IOException closed) {
              return;
            }
          }
        });
    return socket.getLocalPort();
  }

  private void keep(int... ports) {
    var words = new ArrayList<>(List.of("context", "set", "c", "--token-file", token.toString()));
    for (int port : ports) {
      words.addAll(List.of("--node", "127.0.0.1:" + port));
    }
    shell.execute(words.toArray(String[]::new)).orFail();
  }

  private Shell.Result plain(String... words) {
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--context", "c", "--plain"));
    return shell.execute(all.toArray(String[]::new));
  }

  @Test
  void contextsAreKeptListedUsedShownAndRemoved() {
    assertThat(shell.execute("context", "list").orFail())
        .isEqualTo("* local            (this machine)\n");
    keep(1, 2);
    shell.execute("context", "use", "c").orFail();
    assertThat(shell.execute("context", "list").orFail())
        .isEqualTo(
            "  local            (this machine)\n* c                127.0.0.1:1 127.0.0.1:2\n");
    shell
        .typing("st_abcdefghijkl_SECRETsecret\n")
        .execute("context", "set", "c", "--token-stdin", "--space", "shop")
        .orFail();
    var shown = shell.execute("context", "show").orFail();
    assertThat(shown).contains("127.0.0.1:2", "st_abcdefghijkl_…", "shop").doesNotContain("SECRET");
    assertThat(shell.execute("context", "show", "--json").orFail())
        .contains("\"nodes\":[\"127.0.0.1:1\",\"127.0.0.1:2\"]", "\"tokenFile\":null")
        .doesNotContain("SECRET");
    assertThat(shell.execute("context", "remove", "c").orFail())
        .isEqualTo("removed 'c'; commands are now about 'local'\n");
    assertThat(shell.execute("context", "show", "c").exit()).isEqualTo(1);
    assertThat(shell.execute("context", "use", "c").err()).contains("no context 'c'");
  }

  @Test
  void whatCannotBeAContextIsRefusedAndNothingIsKept() {
    assertThat(shell.execute("context", "set", "c").err()).contains("needs --node");
    assertThat(shell.execute("context", "set", "local", "-n", "h:1").exit()).isEqualTo(2);
    assertThat(shell.execute("context", "set", "c", "-n", "h").exit()).isEqualTo(2);
    var none = shell.execute("context", "set", "c", "-n", "h:1", "--ca", "nowhere.pem");
    assertThat(none.err()).isEqualTo("starling: no such file: nowhere.pem\n");
    assertThat(directory.resolve("starling")).doesNotExist();
  }

  @Test
  void aReadGoesOnToTheNextNode() throws Exception {
    keep(silentPort(), breakingPort(), api.port());
    assertThat(plain("set", "x", "1", "--node", "3").orFail()).isEmpty();
    assertThat(plain("get", "x").orFail()).isEqualTo("1\n");
    assertThat(plain("scan").orFail()).isEqualTo("x\n");
    assertThat(plain("space", "list").orFail()).contains("main");
  }

  @Test
  void aWriteGoesOnOnlyIfItHasNotLeft() throws Exception {
    keep(silentPort(), api.port());
    plain("incr", "hits").orFail();
    assertThat(plain("get", "hits").orFail()).isEqualTo("1\n");

    keep(breakingPort(), api.port());
    var broken = plain("incr", "hits");
    assertThat(broken.exit()).isEqualTo(3);
    assertThat(broken.err()).contains("does not answer").hasLineCount(1);
    assertThat(plain("get", "hits").orFail()).isEqualTo("1\n");
  }

  @Test
  void anImportStaysWithANodeThatAnswers() throws Exception {
    keep(silentPort(), breakingPort(), api.port());
    var file = Files.writeString(directory.resolve("a.ndjson"), "{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
    var done = plain("import", file.toString(), "--key", "id", "--json");
    assertThat(done.orFail())
        .startsWith("{\"imported\":2,\"seconds\":")
        .endsWith("\"skipped\":0}\n");
    assertThat(done.err()).isEmpty();
  }

  @Test
  void whereNoNodeAnswersAllAreNamed() throws Exception {
    int one = silentPort();
    int other = silentPort();
    keep(one, other);
    var result = plain("get", "x");
    assertThat(result.exit()).isEqualTo(3);
    assertThat(result.err())
        .isEqualTo(
            "starling: no node answers; tried 127.0.0.1:" + one + ", 127.0.0.1:" + other + "\n");
  }

  @Test
  void whatIsNearerToTheCommandWins() throws Exception {
    keep(api.port());
    plain("set", "x", "there").orFail();
    shell
        .execute(
            "context",
            "set",
            "silent",
            "-n",
            "127.0.0.1:" + silentPort(),
            "--token-file",
            token.toString())
        .orFail();
    shell.execute("context", "use", "silent").orFail();
    // The current context, the environment's, the command's.
    assertThat(shell.execute("get", "x", "--plain").exit()).isEqualTo(3);
    var inherited = shell.with("STARLING_CONTEXT", "c");
    assertThat(inherited.execute("get", "x", "--plain").orFail()).isEqualTo("there\n");
    assertThat(inherited.execute("get", "x", "--plain", "--context", "silent").exit()).isEqualTo(3);
    // A directory that is named beats the current context, not one that is named.
    var data = directory.resolve("none").toString();
    assertThat(shell.with("STARLING_DATA", data).execute("get", "x").err())
        .contains("no cluster in " + data);
    assertThat(inherited.with("STARLING_DATA", data).execute("get", "x", "--plain").orFail())
        .isEqualTo("there\n");
    assertThat(inherited.execute("get", "x", "--data", data).err())
        .contains("no cluster in " + data);
    assertThat(shell.execute("get", "x", "--data", data, "--context", "c").exit()).isEqualTo(2);
    assertThat(shell.execute("get", "x", "--context", "local").err()).contains("no cluster in");
    // An address is dialled with what the context knows of its cluster.
    assertThat(shell.execute("get", "x", "--node", "127.0.0.1:" + api.port(), "--plain").orFail())
        .isEqualTo("there\n");
    // So are tokens: of the command, of the environment, of the context.
    assertThat(inherited.with("STARLING_TOKEN", "nobody").execute("get", "x", "--plain").exit())
        .isEqualTo(1);
    assertThat(
            inherited
                .with("STARLING_TOKEN", "nobody")
                .execute("get", "x", "--plain", "--token-file", token.toString())
                .orFail())
        .isEqualTo("there\n");
  }

  @Test
  void aWatchGoesOnAtTheNextNode() throws Exception {
    var other = serve(spaces);
    keep(api.port(), other.port());
    var lines = new StringBuffer();
    var watching =
        Thread.ofVirtual().start(() -> lines.append(plain("watch", "--limit", "2").out()));
    Awaitility.await().until(() -> spaces.space("main").watchCount() == 1);
    plain("set", "a", "1", "--node", "2").orFail();
    api.close();
    plain("set", "b", "2", "--node", "2").orFail();
    watching.join();

    assertThat(lines.toString()).matches("(?s)a\t\"1\"\nb\t\"2\"\ntoken .*");
  }

  @Test
  void aContextsSpaceIsWorkedIn() {
    keep(api.port());
    plain("space", "create", "shop").orFail();
    shell.execute("context", "set", "c", "--space", "shop").orFail();
    plain("set", "x", "1").orFail();
    assertThat(plain("scan").orFail()).isEqualTo("x\n");
    assertThat(plain("scan", "--space", "main").orFail()).isEmpty();
  }

  @Test
  void aTokenIsNotSentInPlainTextToOtherMachines() {
    keep(api.port());
    var far = shell.execute("get", "x", "--context", "c", "--plain", "--node", "192.0.2.1:7411");
    assertThat(far.exit()).isEqualTo(2);
    assertThat(far.err()).contains("anyone could read the token");
    assertThat(shell.execute("get", "x", "--context", "c").err())
        .contains("no certificate of its authority");
  }
}
