package io.starling.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.node.local.FreePorts;
import io.starling.node.local.JavaCommand;
import io.starling.node.local.LocalCluster;
import io.starling.node.local.LocalProcess;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class UpCommandTest {

  @TempDir private Path directory;

  private Path data() {
    return directory.resolve("data");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-5", "65436", "70000"})
  void portsThatDoNotExistAreRefused(String port) {
    var result = Shell.run("up", "--port", port, "--data", data().toString());
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.err()).isEqualTo("starling: --port is 1 to 65435\n");
    assertThat(data()).doesNotExist();
  }

  @Test
  void aPortInUseIsSaidAndLeavesNoClusterBoundToIt() throws Exception {
    int first = FreePorts.block();
    try (var taken = new ServerSocket(first + 22, 1, InetAddress.getLoopbackAddress())) {
      var result =
          Shell.run(
              "up", "--detach", "--port", Integer.toString(first), "--data", data().toString());
      assertThat(result.exit()).isEqualTo(1);
      assertThat(result.err()).contains("port " + taken.getLocalPort()).hasLineCount(1);
    }
    assertThat(data()).doesNotExist();
  }

  @Test
  void somethingElseThanAClusterIsLeftAlone() throws Exception {
    Files.createDirectories(data());
    Files.writeString(data().resolve("letter.txt"), "Dear");
    var result = Shell.run("up", "--detach", "--data", data().toString());
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.err()).contains("holds something else than a cluster").hasLineCount(1);
    assertThat(data()).isDirectoryNotContaining("glob:**/authority");
  }

  @Test
  void stoppingItWhileNodesStartLeavesNoneBehind() throws Exception {
    var command =
        JavaCommand.of(
            "io.starling.node.cli.Main",
            "up",
            "--nodes",
            "1",
            "--port",
            Integer.toString(FreePorts.block()),
            "--data",
            data().toString());
    var up = discarding(command).start();
    var pid = data().resolve("node-1").resolve("node.pid");
    await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(pid) || !up.isAlive());
    var node = LocalCluster.find(data()).orElseThrow().nodes().getFirst();
    var process = new LocalProcess(node).running().orElseThrow();

    up.destroy();

    assertThat(up.waitFor(60, TimeUnit.SECONDS)).isTrue();
    await().atMost(Duration.ofSeconds(30)).until(() -> !process.isAlive());
  }

  private static ProcessBuilder discarding(List<String> command) {
    return new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD);
  }
}
