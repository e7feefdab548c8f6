package io.starling.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.node.config.NodeConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nodes that run are taken out of their cluster at the command line.
final class LeaveCommandTest {

  @TempDir private Path directory;
  private RunningNode node;
  private Shell shell;

  @BeforeEach
  void start() throws Exception {
    node = new RunningNode(directory.resolve("data"));
    shell = Shell.at(directory);
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private Shell.Result leave(String... more) {
    var words = new ArrayList<>(List.of("member", "leave"));
    words.addAll(List.of("--data", node.data()));
    words.addAll(List.of(more));
    return shell.execute(words.toArray(String[]::new));
  }

  private String list() {
    return shell.execute("member", "list", "--data", node.data(), "--node", "1").orFail();
  }

  private io.starling.node.RunningNode startSecond() throws Exception {
    var second =
        io.starling.node.RunningNode.start(NodeConfig.read(node.stopped().config(), Map.of()));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> list().lines().filter(line -> line.endsWith("  here")).count() == 2);
    return second;
  }

  @Test
  void aNodeLeavesAndIsShownAsLeftAndDoesNotComeBack() throws Exception {
    try (var second = startSecond()) {
      shell.execute("set", "k", "v", "--data", node.data(), "--node", "2").orFail();
      var end = CompletableFuture.supplyAsync(second::awaitEnd);
      assertThat(leave("--node", "2").orFail())
          .isEqualTo("node-2 has left the cluster, and stops\n");
      assertThat(end).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(Optional.empty());
    }
    assertThat(shell.execute("get", "k", "--data", node.data(), "--node", "1").orFail())
        .contains("v");
    assertThat(list())
        .containsPattern("node-1 .* here\n")
        .containsPattern("node-2 .* left on 20[^ ]+Z\n");
    assertThat(
            shell
                .execute("member", "list", "--json", "--data", node.data(), "--node", "1")
                .orFail())
        .containsPattern(
            "\"name\":\"node-2\",\"since\":\"20[^\"]+Z\",\"site\":\"[^\"]*\",\"state\":\"left\"")
        .contains("\"state\":\"here\"");
    var again = shell.execute("node", "run", "--config", node.stopped().config().toString());
    assertThat(again.exit()).isEqualTo(1);
    assertThat(again.err())
        .hasLineCount(1)
        .contains("this node left its cluster on 20", "join anew in a new directory");
    // What shows all nodes of a local cluster shows it no more.
    assertThat(shell.execute("status", "--data", node.data()).orFail()).doesNotContain("node-2");
    assertThat(shell.execute("member", "lapse", "node-2", "--data", node.data()).err())
        .contains("'node-2' has left the cluster");
    assertThat(Files.readString(node.stopped().identity().resolve("departure")))
        .startsWith("left 20");
  }

  @Test
  void aNodeThatIsAwayIsShownAsAwaySinceItWasHeard() throws Exception {
    try (var second = startSecond()) {
      assertThat(second.node().status().members()).hasSize(2);
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(list()).containsPattern("node-2 .* away since 20[^ ]+Z\n"));
  }

  @Test
  void theLastMemberStays() {
    var refused = leave("--node", "1");
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err()).hasLineCount(1).contains("the last member of its cluster");
  }

  @Test
  void whatIsMissingWhereIsSaidWhenTheTimeIsOver() throws Exception {
    try (var second = startSecond()) {
      assertThat(second.node().status().members()).hasSize(2);
    }
    shell.execute("set", "k", "v", "--data", node.data(), "--node", "1").orFail();
    var late = leave("--node", "1", "--timeout", "1s");
    assertThat(late.exit()).isEqualTo(1);
    assertThat(late.err())
        .hasLineCount(1)
        .contains("node-1 stays a member: the time is over: ")
        .contains("main is missing at node-2 (not reachable)");
    shell.execute("set", "k", "w", "--data", node.data(), "--node", "1").orFail();
    assertThat(leave("--node", "1", "--cancel").err()).contains("this node is not leaving");
    assertThat(leave("--node", "1", "--copies", "2").err())
        .contains("2 other members are to have all that this node has, but there are 1");
  }

  @Test
  void whichNodeIsMeantMustBeSaid() {
    var unsaid = leave();
    assertThat(unsaid.exit()).isEqualTo(2);
    assertThat(unsaid.err()).contains("--node is needed");
    assertThat(leave("--node", "2").exit()).as("it is down").isEqualTo(3);
    assertThat(leave("--node", "7").exit()).isEqualTo(1);
    assertThat(leave("--node", "1", "--timeout", "soon").exit()).isEqualTo(2);
    assertThat(leave("--node", "1", "--copies", "0").exit()).isEqualTo(1);
  }
}
