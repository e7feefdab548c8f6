package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.value.Value;
import io.starling.node.hosting.TestNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node that is killed in the middle of writing, again and again.
final class KillTest {

  private static final int KILLS = 3;
  private static final int WRITES = 150;

  @TempDir private Path directory;

  @Test
  void everyAcknowledgedWriteIsThereAfterAKill() throws Exception {
    var home = new TestCluster(directory).join("n1", List.of());
    var temporary = Files.createDirectory(directory.resolve("tmp"));
    var acknowledged = new ArrayList<String>();
    for (int round = 0; round < KILLS; round++) {
      acknowledged.addAll(writeAndKill(home, temporary, "round-" + round));
    }
    assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(KILLS * WRITES);
    try (var node = TestCluster.start(home)) {
      var main = node.spaces().find("main").orElseThrow();
      for (var key : acknowledged) {
        assertThat(TestNode.read(main, key)).as(key).isEqualTo(new Value.Text(key));
      }
    }
    // RocksDB's library is unpacked into the node's directory, not left behind here.
    try (var left = Files.list(temporary)) {
      assertThat(left.filter(file -> file.getFileName().toString().contains("rocksdb"))).isEmpty();
    }
  }

  private static List<String> writeAndKill(Path home, Path temporary, String prefix)
      throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Djava.io.tmpdir=" + temporary,
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                WritingProcess.class.getName(),
                home.toString(),
                prefix)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    var keys = new ArrayList<String>();
    try (BufferedReader out = process.inputReader()) {
      for (var line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith(prefix + "/")) {
          keys.add(line);
        }
        if (keys.size() == WRITES) {
          // By its handle, which leaves open what it has said and was not read yet.
          process.toHandle().destroyForcibly();
        }
      }
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return keys;
  }
}
