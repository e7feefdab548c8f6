package io.starling.node.cli.top;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.value.Value;
import io.starling.node.cli.RunningNode;
import io.starling.node.cli.Shell;
import io.starling.node.json.JsonText;
import io.starling.node.local.JavaCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `top` against a node, for programs and on a terminal.
final class TopCommandTest {

  private static final String ENTER = "\u001b[?1049h\u001b[?25l";
  private static final String LEAVE = "\u001b[?25h\u001b[?1049l";

  @TempDir private static Path directory;
  private static RunningNode node;

  @TempDir private Path own;

  @BeforeAll
  static void start() throws Exception {
    node = new RunningNode(directory.resolve("data"));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @Test
  void whereThereIsNoTerminalATableIsPrinted() {
    var out = Shell.run("top", "--once", "--interval", "100ms", "--data", node.data()).orFail();
    assertThat(out).contains("1 of 2 nodes ready", "BATCH/S", "_system", "unreachable");
    assertThat(out).doesNotContain("\u001b");
  }

  @Test
  void programsGetRatesAndWhatAProcessUses() throws Exception {
    var out = Shell.run("top", "--once", "--json", "--interval", "100ms", "--data", node.data());
    assertThat(JsonText.parse(out.orFail().strip()))
        .isInstanceOfSatisfying(
            Value.Struct.class, it -> assertThat(it.fields()).containsOnlyKeys("at", "nodes"));
    assertThat(out.out())
        .containsPattern("\"memoryBytes\":[0-9]")
        .containsPattern("\"batchesPerSecond\":[0-9]")
        .containsPattern("\"name\":\"node-1\"");
  }

  /// `top` in a process of its own, on a terminal of its own ('script' makes one).
  private Process onTerminal(Path typescript) throws IOException {
    var top =
        JavaCommand.of(
            "io.starling.node.cli.Main", "top", "--interval", "100ms", "--data", node.data());
    var command = top.stream().map(TopCommandTest::quoted).collect(Collectors.joining(" "));
    // What the terminal is set to afterwards is printed behind it. The shell hears Ctrl-C too: some
    // shells end of it unless they are told to do something else, and a trap is not inherited.
    var all = "trap : INT; stty rows 12 cols 60; " + command + "; echo; echo left $?; stty -a";
    var script =
        new ProcessBuilder("script", "--quiet", "--flush", "--command", all, typescript.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectErrorStream(true);
    // 'script' takes the shell from here; without it, what a machine's user prefers decides.
    script.environment().put("SHELL", "/bin/sh");
    return script.start();
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  private static String text(Path file) throws IOException {
    return Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "";
  }

  private void assertLeftAfter(String keys) throws Exception {
    var typescript = own.resolve("typescript");
    var script = onTerminal(typescript);
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> text(typescript).split("nodes ready", -1).length > 3);
      script.getOutputStream().write(keys.getBytes(StandardCharsets.US_ASCII));
      script.getOutputStream().flush();
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> text(typescript).contains("\nleft ") && text(typescript).contains("isig"));
    } finally {
      script.getOutputStream().close();
      assertThat(script.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
    var drawn = text(typescript);
    assertThat(drawn).contains(ENTER).contains("node-1").contains(LEAVE);
    assertThat(drawn.lastIndexOf(LEAVE)).isGreaterThan(drawn.lastIndexOf("nodes ready"));
    var settings = drawn.substring(drawn.lastIndexOf(LEAVE));
    assertThat(settings).containsPattern("[^-]icanon").containsPattern("[^-]echo ");
    // Nothing was drawn beyond the terminal's width.
    var lines = drawn.replaceAll("\u001b\\[[0-9;?]*[A-Za-z]", "").lines();
    assertThat(lines.filter(line -> line.contains("BATCH/S") || line.contains("STATE")))
        .isNotEmpty()
        .allMatch(line -> line.strip().length() <= 60);
  }

  @Test
  void aTerminalIsDrawnOnInPlaceAndLeftAsItWas() throws Exception {
    assertLeftAfter("q");
  }

  @Test
  void ctrlCLeavesTheTerminalAsItWas() throws Exception {
    assertLeftAfter("\u0003");
  }

  @Test
  void moreLinesThanFitAreCounted() {
    assertThat(Screen.fitting(List.of("a", "b", "c", "d", "e"), 4))
        .containsExactly("a", "b", "… 3 more lines");
    assertThat(Screen.fitting(List.of("a", "b"), 24)).containsExactly("a", "b");
    assertThat(Screen.fitting(List.of("a", "b"), 1)).isEmpty();
  }
}
