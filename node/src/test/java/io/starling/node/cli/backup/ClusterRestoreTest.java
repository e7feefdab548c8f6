package io.starling.node.cli.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.Node;
import io.starling.node.cli.Shell;
import io.starling.node.config.NodeConfig;
import io.starling.node.local.FreePorts;
import io.starling.node.local.LocalCluster;
import io.starling.node.local.LocalNode;
import io.starling.node.local.Preparation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A whole cluster back from one backup of one of its nodes, as `docs/operations.md` says it is
/// done.
final class ClusterRestoreTest {

  @TempDir private Path directory;
  private final List<Node> running = new ArrayList<>();

  private String repository() {
    return directory.resolve("repository").toString();
  }

  private void start(LocalCluster cluster) throws Exception {
    for (var node : cluster.nodes()) {
      running.add(
          Node.start(
              NodeConfig.read(node.config(), Map.of("STARLING_BACKUP_REPOSITORY", repository()))));
    }
  }

  @AfterEach
  void stop() {
    running.forEach(Node::close);
    running.clear();
  }

  private String run(String... words) {
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--data", directory.resolve("data").toString()));
    return Shell.at(directory).execute(all.toArray(String[]::new)).orFail();
  }

  private void awaitOneDigest() {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() ->
            running.stream()
                    .map(node -> node.spaces().find("main").orElseThrow().status().digest())
                    .collect(Collectors.toSet())
                    .size()
                == 1);
  }

  private void restore(LocalNode node) throws Exception {
    Files.move(node.store(), node.directory().resolve("store.before"));
    var restored =
        Shell.at(directory)
            .execute(
                "backup",
                "restore",
                "node",
                "latest",
                "--repository",
                repository(),
                "--config",
                node.config().toString());
    assertThat(restored.orFail()).contains("is restored to");
  }

  @Test
  void everyNodeComesBackFromOneBackupAndGoesOn() throws Exception {
    Shell.at(directory).execute("backup", "init", "--repository", repository()).orFail();
    var cluster =
        Preparation.prepare(
            directory.resolve("data"), Optional.of(3), Optional.of(FreePorts.block()));
    start(cluster);
    run("set", "a", "before", "--node", "2");
    run("incr", "c", "5", "--node", "3");
    Awaitility.await().until(() -> run("get", "a", "--node", "1").contains("before"));
    Awaitility.await().until(() -> run("get", "c", "--node", "1").contains("5"));
    run("backup", "create", "--node", "1");
    run("set", "a", "after", "--node", "3");
    run("incr", "c", "7", "--node", "1");
    stop();
    for (var node : cluster.nodes()) {
      restore(node);
    }
    start(cluster);
    for (var number : List.of("1", "2", "3")) {
      assertThat(run("get", "a", "--node", number)).contains("before");
      assertThat(run("get", "c", "--node", number)).contains("5");
    }
    // New writes of each, under new incarnations, reach all.
    for (var number : List.of("1", "2", "3")) {
      run("incr", "c", "1", "--node", number);
    }
    Awaitility.await().until(() -> run("get", "c", "--node", "2").contains("8"));
    awaitOneDigest();
  }
}
