package io.starling.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.access.Principal;
import io.starling.node.access.Role;
import io.starling.node.access.SignInCodes;
import io.starling.node.api.grpc.GrpcApi;
import io.starling.node.memory.MemorySpaces;
import io.starling.replica.batch.ClusterId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands that talk to a node, against the real server and engine in this process.
final class ClientCommandsTest {

  private final MemorySpaces spaces = new MemorySpaces();
  private GrpcApi api;
  private int port;
  private Path token;

  @TempDir private Path directory;

  private record Result(int exit, String out, String err) {}

  @BeforeEach
  void start() throws IOException {
    var offer =
        new GrpcApi.Offer(
            new ClusterId(1, 1),
            spaces,
            text -> Role.ofLabel(text).map(role -> new Principal("token:" + text, role)),
            new SignInCodes(InstantSource.system()),
            spaces,
            "test");
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    api = GrpcApi.start(address, Optional.empty(), offer);
    port = api.port();
    token = Files.writeString(directory.resolve("token"), "admin\n");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private Result run(String... words) {
    return run(Shell.bare(), words);
  }

  private Result run(Shell shell, String... words) {
    var all = new ArrayList<>(List.of(words));
    // What follows "--" is no option.
    int end = all.contains("--") ? all.indexOf("--") : all.size();
    all.addAll(end, List.of("--node", "127.0.0.1:" + port, "--plain"));
    all.addAll(end, List.of("--token-file", token.toString()));
    return read(shell, all.toArray(String[]::new));
  }

  private static Result runBare(String... words) {
    return read(Shell.bare(), words);
  }

  private static Result read(Shell shell, String... words) {
    var result = shell.execute(words);
    return new Result(result.exit(), result.out(), result.err());
  }

  private String out(String... words) {
    var result = run(words);
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
    return result.out();
  }

  private void assertRefused(int exit, String message, String... words) {
    var result = run(words);
    assertThat(result.exit()).isEqualTo(exit);
    assertThat(result.err()).contains(message).doesNotContain("\tat ");
    assertThat(result.err().lines()).hasSize(1);
  }

  @Test
  void aValueIsTextUnlessItIsSaidToBeJson() {
    assertThat(out("set", "greeting", "42")).isEmpty();
    assertThat(out("get", "greeting")).isEqualTo("42\n");
    assertThat(out("get", "greeting", "--json")).isEqualTo("\"42\"\n");
    out("set", "greeting", "42", "--json");
    assertThat(out("get", "greeting", "--json")).isEqualTo("42\n");
  }

  @Test
  void textThatBeginsWithAnAtSignIsTextAndNoFileIsRead() throws IOException {
    var file = "@" + Files.writeString(directory.resolve("mine"), "what nobody else should read");
    assertThat(run("set", file, file).exit()).isZero();
    assertThat(run("get", file).out()).isEqualTo(file + "\n");
    assertThat(run("scan").out()).isEqualTo(file + "\n");
  }

  @Test
  void aDashReadsWhatIsTyped() {
    assertThat(run(Shell.bare().typing("two\nlines\n"), "set", "t", "-").exit()).isZero();
    assertThat(out("get", "t", "--json")).isEqualTo("\"two\\nlines\"\n");
    assertThat(run(Shell.bare().typing("{\"a\":1}"), "doc", "set", "d", "-").exit()).isZero();
    assertThat(out("doc", "get", "d")).isEqualTo("{\"a\":1}\n");
    assertThat(run(Shell.bare().typing("b\n\na\n"), "add", "s", "-").exit()).isZero();
    assertThat(run(Shell.bare().typing("b\n"), "remove", "s", "-").exit()).isZero();
    assertThat(out("get", "s")).isEqualTo("a\n");
    var large = Shell.bare().typing("x".repeat(InputText.BYTES_MAX + 1));
    assertThat(run(large, "set", "t", "-").err()).contains("longer than 1 MiB");
  }

  @Test
  void aWriteTellsProgramsWhatCameOfIt() {
    assertThat(out("set", "x", "plain", "--json", "--text"))
        .matches("\\{\"operations\":1,\"token\":\"[A-Za-z0-9_-]+\"}\n");
    assertThat(out("get", "x")).isEqualTo("plain\n");
    assertThat(out("incr", "n", "--json")).contains("\"operations\":1");
    assertThat(out("space", "list", "--json")).contains("\"id\":\"", "\"name\":\"main\"");
    assertThat(out("space", "create", "shop", "--json")).isEqualTo("{\"created\":\"shop\"}\n");
  }

  @Test
  void countersFlagsAndSetsReadAsTheyAre() {
    out("incr", "visits");
    out("incr", "visits", "5");
    out("incr", "visits", "--", "-2");
    assertThat(out("get", "visits")).isEqualTo("4\n");
    out("set", "--flag", "open", "on");
    assertThat(out("get", "open")).isEqualTo("on\n");
    out("add", "colours", "red", "green", "blue");
    out("remove", "colours", "green");
    assertThat(out("get", "colours")).isEqualTo("blue\nred\n");
    assertThat(out("get", "colours", "--elements", "1")).startsWith("blue\n…");
    assertThat(out("get", "colours", "--after", "blue")).isEqualTo("red\n");
  }

  @Test
  void registersKeepTheirGreatestOrLeast() {
    out("set", "--max", "score", "70");
    out("set", "--max", "score", "9");
    assertThat(out("get", "score")).isEqualTo("70\n");
    out("set", "--min", "--text", "first", "b");
    out("set", "--min", "--text", "first", "a");
    assertThat(out("get", "first")).isEqualTo("a\n");

    assertThat(run("set", "--max", "score", "[1]").err()).contains("numbers and text only");
    assertThat(run("set", "--max", "--min", "score", "1").err()).contains("one at a time");
  }

  @Test
  void removalsWinWhereTheySaySo() {
    out("add", "--remove-wins", "rights", "read", "write");
    out("remove", "--remove-wins", "rights", "write", "never-there");
    assertThat(out("get", "rights")).isEqualTo("read\n");
    assertThat(run("add", "rights", "write").err()).contains("holds a remove-wins-set, not a set");
    out("set", "--flag", "--disable-wins", "open", "on");
    assertThat(out("get", "open")).isEqualTo("on\n");
    out("set", "--flag", "--disable-wins", "open", "off");
    assertThat(run("get", "open").exit()).isEqualTo(run("get", "nothing").exit());

    assertThat(run("set", "--disable-wins", "open", "off").err()).contains("goes with --flag");
    assertThat(run("remove", "--remove-wins", "rights").err()).contains("goes with elements");
  }

  @Test
  void documentsAreReplacedMergedAndRead() {
    out("doc", "set", "user/7", "--json", "{\"name\":\"Ada\",\"langs\":{\"java\":25}}");
    out("doc", "merge", "user/7", "{\"langs\":{\"java\":null,\"c\":99}}");
    assertThat(out("doc", "get", "user/7")).isEqualTo("{\"langs\":{\"c\":99},\"name\":\"Ada\"}\n");
    out("incr", "user/7", "3", "--field", "logins");
    assertThat(out("get", "user/7")).isEqualTo("langs.c: 99\nlogins: 3  (counter)\nname: Ada\n");
    out("doc", "set", "user/7", "{\"name\":\"Bo\"}");
    assertThat(out("doc", "get", "user/7")).contains("\"name\":\"Bo\"").doesNotContain("langs");
    out("remove", "user/7", "-f", "name");
    assertThat(out("get", "user/7", "-f", "name", "--json")).isEqualTo("null\n");
  }

  @Test
  void whatIsNotThereIsSaid() {
    var result = run("get", "nowhere");
    assertThat(result.exit()).isZero();
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).isEqualTo("nothing at 'nowhere'\n");
  }

  @Test
  void keysAreListedByPages() {
    for (var key : List.of("a/1", "a/2", "a/3", "b")) {
      out("set", key, key);
    }
    assertThat(out("scan", "a/")).isEqualTo("a/1\na/2\na/3\n");
    assertThat(out("scan", "--values", "b")).isEqualTo("b\t\"b\"\n");
    assertThat(out("scan", "--json", "--values", "b"))
        .isEqualTo("{\"key\":\"b\",\"value\":\"b\"}\n");
    var page = run("scan", "a/", "--limit", "2");
    assertThat(page.out()).isEqualTo("a/1\na/2\n");
    assertThat(page.err()).contains("--after 'a/2'");
    assertThat(out("scan", "a/", "--after", "a/2")).isEqualTo("a/3\n");
  }

  @Test
  void spacesAreCreatedAndListed() {
    out("space", "create", "shop");
    assertThat(out("space", "list"))
        .isEqualTo(
            """
            _system  0 cells, 0 B of log; on all nodes
            main  0 cells, 0 B of log; on all nodes
            shop  0 cells, 0 B of log; on all nodes
            """);
    out("set", "x", "1", "--space", "shop");
    assertThat(out("scan")).isEmpty();
    assertThat(out("scan", "-s", "shop")).isEqualTo("x\n");
  }

  @Test
  void aSpaceIsDroppedByWhoSaysThatHeIsSure() throws IOException {
    out("space", "create", "shop");
    out("set", "x", "1", "--space", "shop");
    assertRefused(1, "this would delete 'shop'", "space", "drop", "shop");
    assertThat(out("get", "x", "--space", "shop")).isEqualTo("1\n");
    assertThat(out("space", "drop", "shop", "--yes")).startsWith("dropped 'shop': ");
    assertRefused(1, "no space 'shop'", "get", "x", "--space", "shop");
    assertRefused(1, "no space 'shop'", "space", "drop", "shop", "--yes");
    assertRefused(1, "say what is to be set", "space", "set", "main");
    assertRefused(1, "'cells' cannot be reset", "space", "set", "main", "--reset", "cells");
    assertRefused(2, "no size like 512MiB", "space", "set", "main", "--retention-size", "9");
    assertRefused(2, "no time like 90s", "space", "set", "main", "--stable-age", "soon");
  }

  @Test
  void controlCharactersOfOthersDoNotReachTheTerminal() {
    out("set", "bad", "\u001b[31mred");
    assertThat(out("get", "bad")).isEqualTo("\\u001b[31mred\n");
  }

  @Test
  void refusalsAreOneLineAndOneCode() throws IOException {
    out("set", "x", "1");
    assertRefused(1, "register", "incr", "x");
    assertRefused(1, "no space 'nowhere'", "get", "x", "--space", "nowhere");
    assertRefused(2, "malformed JSON", "set", "x", "{", "--json");
    assertRefused(2, "a document is a JSON object", "doc", "set", "x", "[1]");
    assertRefused(2, "at most 1024", "set", "k".repeat(2_000), "1");
    assertRefused(2, "not a token", "watch", "--token", "rubbish");
    assertRefused(2, "Unknown option", "set", "x", "1", "--sapce", "main");
    Files.writeString(token, "reader\n");
    assertRefused(1, "takes the role 'writer'", "set", "x", "2");
    Files.writeString(token, "nobody\n");
    assertRefused(1, "does not know the bearer token", "get", "x");
  }

  @Test
  void aKeyOfSeveralLinesIsListedOnOne() {
    out("set", "a\nb\tc", "x\u009by");
    assertThat(out("scan", "--values")).isEqualTo("a\\nb\\tc\t\"x\\u009by\"\n");
  }

  @Test
  void whatIsNoBearerTokenIsNotSent() throws IOException {
    for (var text : List.of("", "two words", "a\nb", "\u0000\u00ff")) {
      Files.writeString(token, text);
      assertRefused(1, "holds no bearer token", "get", "x");
    }
    Files.delete(token);
    assertRefused(1, "no such file", "get", "x");
    Files.createDirectory(token);
    assertRefused(1, "is a directory", "get", "x");
  }

  @Test
  void whatIsNoCertificateIsSaid() throws IOException {
    for (var text : List.of("", "127.0.0.1 localhost")) {
      var file = Files.writeString(directory.resolve("ca.pem"), text).toString();
      var words = List.of("get", "x", "--node", "127.0.0.1:" + port, "--ca", file);
      var all = new ArrayList<>(words);
      all.addAll(List.of("--token-file", token.toString()));
      var result = runBare(all.toArray(String[]::new));
      assertThat(result.exit()).isEqualTo(1);
      assertThat(result.err()).contains("holds no certificate").hasLineCount(1);
    }
  }

  @Test
  void whatCannotBeReachedIsToldApart() {
    api.close();
    assertRefused(3, "does not answer", "get", "x");
    var none = runBare("get", "x", "--data", directory.resolve("none").toString());
    assertThat(none.exit()).isEqualTo(1);
    assertThat(none.err()).contains("'starling up' makes one");
  }

  @Test
  void aWatchPrintsChangesAndATokenToGoOnWith() throws InterruptedException {
    var lines = new StringBuffer();
    var watching =
        Thread.ofVirtual().start(() -> lines.append(run("watch", "a/", "--limit", "2").out()));
    Awaitility.await().until(() -> spaces.space("main").watchCount() == 1);
    out("set", "a/1", "one");
    Awaitility.await().until(() -> spaces.space("main").watchCount() == 1);
    out("remove", "a/1");
    out("set", "a/2", "two");
    watching.join();

    assertThat(lines.toString()).contains("a/1\t").containsPattern("\ntoken [A-Za-z0-9_-]+\n$");
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text, StandardCharsets.UTF_8);
  }

  @Test
  void anImportIsRunAgainWithoutHarm() throws IOException {
    var text = new StringBuilder();
    for (int i = 0; i < 3_000; i++) {
      text.append("{\"id\":\"p-").append(i).append("\",\"n\":").append(i).append("}\n");
    }
    var plain = file("places.ndjson", text.toString());
    var zipped = directory.resolve("places.ndjson.gz");
    try (var out = new GZIPOutputStream(Files.newOutputStream(zipped))) {
      out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    var first = run("import", zipped.toString(), "--key", "id");
    assertThat(first.exit()).isZero();
    assertThat(first.err()).contains("3,000 lines imported");
    var before = spaces.space("main").status().token();
    assertThat(run("import", plain.toString(), "--key", "id").exit()).isZero();

    assertThat(spaces.space("main").status().token()).isEqualTo(before);
    assertThat(out("doc", "get", "p-2999")).isEqualTo("{\"id\":\"p-2999\",\"n\":2999}\n");
    assertThat(out("scan", "--limit", "0").lines()).hasSize(3_000);
  }

  @Test
  void aBadLineStopsAnImportAndSaysHowToGoOn() throws IOException {
    var broken = file("broken.ndjson", "{\"id\":\"a\"}\n\n{\"id\":}\n{\"id\":\"b\"}\n");

    var stopped = run("import", broken.toString(), "--key", "id");
    assertThat(stopped.exit()).isEqualTo(1);
    assertThat(stopped.err()).contains("line 3: malformed JSON").contains("--skip-bad");

    var skipped = run("import", broken.toString(), "--key", "id", "--skip-bad");
    assertThat(skipped.exit()).isZero();
    assertThat(skipped.err())
        .contains("line 3:")
        .contains("2 lines imported")
        .contains("1 were skipped");
  }

  @Test
  void whatStoodBeforeABadLineIsImportedAndCounted() throws IOException {
    var file = file("late.ndjson", "{\"id\":\"a\"}\n{\"id\":\"b\"}\n[1]\n{\"id\":\"c\"}\n");
    assertRefused(
        1,
        "line 3: not a JSON object; 2 lines were imported",
        "import",
        file.toString(),
        "-k",
        "id");
    assertThat(out("scan")).isEqualTo("a\nb\n");
  }

  @Test
  void whatIsNotUtf8IsABadLine() throws IOException {
    var file = directory.resolve("latin.ndjson");
    Files.write(file, "{\"id\":\"Z\u00fcrich\"}\n".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(1, "line 1: not UTF-8; 0 lines", "import", file.toString(), "-k", "id");
    assertThat(out("scan")).isEmpty();
  }

  @Test
  void aGzippedFileThatIsCutOffIsSaidWithWhatWasImported() throws IOException {
    var random = new Random(7);
    var packed = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(packed)) {
      for (int i = 0; i < 2_000; i++) {
        var line = "{\"id\":\"p-" + i + "\",\"n\":" + random.nextLong() + "}\n";
        out.write(line.getBytes(StandardCharsets.UTF_8));
      }
    }
    var cut = directory.resolve("cut.ndjson.gz");
    Files.write(cut, Arrays.copyOf(packed.toByteArray(), packed.size() / 2));
    var result = run("import", cut.toString(), "-k", "id");
    assertThat(result.exit()).isEqualTo(1);
    long imported = out("scan", "--limit", "0").lines().count();
    assertThat(imported).isPositive();
    assertThat(result.err())
        .contains("cut.ndjson.gz cannot be read on behind line " + imported)
        .contains(String.format(Locale.ROOT, "%,d lines were imported", imported));

    Files.write(cut, new byte[] {0x1f, (byte) 0x8b, 'x'});
    assertRefused(1, "begins as a gzipped file does", "import", cut.toString(), "-k", "id");
  }

  @Test
  void everyKindOfBadLineIsNamed() throws IOException {
    var lines =
        List.of(
            "[1]",
            "{\"x\":1}",
            "{\"id\":1.5}",
            "{\"id\":\"\"}",
            "{\"id\":\"k\",\"x\":\"" + "y".repeat(NdjsonFile.LINE_BYTES_MAX) + "\"}",
            "{\"id\":\"taken\",\"x\":1}",
            "{\"id\":7}");
    out("incr", "taken");
    var file = file("bad.ndjson", String.join("\n", lines));

    var result = run("import", file.toString(), "--key", "id", "--skip-bad");

    assertThat(result.exit()).isZero();
    assertThat(result.err())
        .contains("line 1: not a JSON object")
        .contains("line 2: no field 'id'")
        .contains("line 3: no field 'id'")
        .contains("line 4: a key must not be empty")
        .contains("line 5: longer than")
        .contains("line 6: ")
        .contains("1 lines imported");
    assertThat(out("doc", "get", "7")).isEqualTo("{\"id\":7}\n");
  }

  @Test
  void aFileThatIsNotThereIsSaid() {
    assertRefused(1, "no such file", "import", "nowhere.ndjson", "--key", "id");
  }
}
