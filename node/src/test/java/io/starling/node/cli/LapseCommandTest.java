package io.starling.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Members let go of at the command line, at a node that runs.
final class LapseCommandTest {

  private static final String AWAY = "0123456789abcdef0123456789abcdef";

  @TempDir private static Path directory;
  private static RunningNode node;
  private static Shell shell;

  @BeforeAll
  static void start() throws Exception {
    node = new RunningNode(directory.resolve("data"));
    shell = Shell.at(directory);
    node.keep(shell, "all");
    shell.execute("context", "use", "all").orFail();
    shell
        .execute("doc", "merge", "members/" + AWAY, "{\"name\":\"away\"}", "--space", "_system")
        .orFail();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static String list(String id) {
    return shell
        .execute("member", "list")
        .orFail()
        .lines()
        .filter(line -> line.startsWith(id) || line.contains(id))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aMemberThatIsAwayHasLapsedUntilThatIsTakenBack() {
    assertThat(list(AWAY)).doesNotContain("lapsed");
    assertThat(shell.execute("member", "lapse", "away").orFail()).isEqualTo("away has lapsed\n");
    assertThat(list(AWAY)).endsWith("lapsed");
    assertThat(shell.execute("member", "list", "--json").orFail())
        .contains("\"id\":\"" + AWAY + "\",\"lapsed\":true,\"name\":\"away\"");
    assertThat(shell.execute("member", "lapse", AWAY, "--end", "--json").orFail())
        .isEqualTo("{\"id\":\"" + AWAY + "\",\"lapsed\":false,\"name\":\"away\"}\n");
    assertThat(list(AWAY)).doesNotContain("lapsed");
  }

  @Test
  void aMemberThatIsThereTakesItBackAtOnce() {
    shell.execute("member", "lapse", "node-1").orFail();
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(list("node-1")).doesNotContain("lapsed"));
  }

  @Test
  void whoIsNoMemberIsRefused() {
    var refused = shell.execute("member", "lapse", "nobody");
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).contains("there is no member 'nobody'");
  }
}
