package io.starling.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.node.config.HazelcastConfig;
import io.starling.node.config.NodeConfig;
import io.starling.node.discovery.Advertisement;
import io.starling.node.discovery.HintBook;
import io.starling.node.discovery.hazelcast.HazelcastDiscovery;
import io.starling.node.identity.PeerAddress;
import io.starling.node.local.FreePorts;
import io.starling.node.local.JavaCommand;
import io.starling.node.transport.Flock.Bird;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A node that stands still, whole: its process is stopped, its connections stay open. TCP says
/// nothing of it. Two peers of it look on; one has Hazelcast, the other has not.
@Timeout(180)
final class FrozenPeerTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path root;

  @Test
  void theLossIsNoticedSoonerWithHazelcastThanWithout() throws Exception {
    int port = FreePorts.block();
    try (var flock = new Flock(root, "flock")) {
      var with = flock.join("with");
      var without = flock.join("without");
      var process = start(flock.home("frozen"), port);
      var peer = new PeerAddress("127.0.0.1", port + 2);
      // Both would wait ten times as long for a word of the peer.
      without.start(peer);
      with.start();
      try (var discovery = discover(with, port)) {
        await()
            .atMost(PATIENCE)
            .until(() -> with.inbox.up.size() == 1 && !without.inbox.up.isEmpty());
        assertThat(with.inbox.up).isEqualTo(without.inbox.up);
        assertThat(discovery.status().members()).isEqualTo(1);

        signal(process, "STOP");
        await().atMost(PATIENCE).until(() -> with.inbox.up.isEmpty());
        assertThat(without.inbox.up).hasSize(1);
        assertThat(discovery.status().hints().losses()).isEqualTo(1);

        // It goes on, and is found again although its hint was gone.
        signal(process, "CONT");
        await().atMost(PATIENCE).until(() -> with.inbox.up.size() == 1);
      } finally {
        process.destroyForcibly();
      }
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static Process start(Path home, int port) throws IOException {
    Files.writeString(
        home.resolve(NodeConfig.FILE),
        """
        listen: {http: %d, grpc: %d, peer: %d}
        limits: {cacheMegabytes: 8, freeMegabytes: 16}
        discovery:
          hazelcast: {mode: tcp-ip, listen: "127.0.0.1:%d", members: ["127.0.0.1:%d"]}
        """
            .formatted(port, port + 1, port + 2, port + 3, port + 13));
    var command =
        JavaCommand.of(
            "io.starling.node.cli.Main",
            "node",
            "run",
            "--config",
            home.resolve(NodeConfig.FILE).toString());
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(home.resolve("node.log").toFile())
        .start();
  }

  private static HazelcastDiscovery discover(Bird bird, int port) {
    var members = new HazelcastConfig.Join.Members(List.of(new PeerAddress("127.0.0.1", port + 3)));
    var listen = new InetSocketAddress("127.0.0.1", port + 13);
    var own = new Advertisement(bird.address(), bird.identity.fingerprint(), "here");
    return HazelcastDiscovery.start(
        new HazelcastConfig(listen, members),
        bird.identity.cluster(),
        own,
        new HintBook(bird.transport(), own));
  }

  private static void signal(Process process, String name) throws Exception {
    var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }
}
