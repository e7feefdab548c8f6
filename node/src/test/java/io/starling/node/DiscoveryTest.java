package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hazelcast.core.Hazelcast;
import io.starling.crdt.value.Value;
import io.starling.node.access.TokenFile;
import io.starling.node.config.NodeConfig;
import io.starling.node.discovery.DiscoveryStatus.State;
import io.starling.node.hosting.TestNode;
import io.starling.node.local.FreePorts;
import io.starling.node.space.Space;
import io.starling.node.status.NodeStatus;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Whole nodes that nobody told of each other but Hazelcast.
@Timeout(180)
final class DiscoveryTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private TestCluster cluster;
  private int port;

  @BeforeEach
  void found() throws Exception {
    cluster = new TestCluster(directory);
    port = FreePorts.block();
  }

  @Test
  void nodesFindEachOtherByOneListAndReplicateWhateverBecomesOfHazelcast() throws Exception {
    var first = home(1);
    var token = TokenFile.create(first);
    try (var one = TestCluster.start(first)) {
      // Ready at once, Hazelcast or not: a write needs nobody.
      assertThat(one.status().node().state()).isEqualTo(NodeStatus.State.READY);
      assertThat(one.status().discovery().state()).isNotEqualTo(State.OFF);
      write(one, "early");
      try (var two = TestCluster.start(home(2));
          var three = TestCluster.start(home(3))) {
        var nodes = List.of(one, two, three);
        for (var node : nodes) {
          await().atMost(PATIENCE).until(() -> hasUp(node, 2));
          assertThat(node.status().discovery().state()).isEqualTo(State.RUNNING);
        }
        write(two, "found");
        awaitEverywhere(nodes, List.of("early", "found"));
        assertThat(json(one, token.text())).contains("\"discovery\":{\"state\":\"running\"");

        // Hazelcast splits where nothing else does: two is gone for the others, and they for it.
        end(two);
        await().atMost(PATIENCE).until(() -> losses(one) >= 1 && losses(three) >= 1);
        for (int i = 0; i < 20; i++) {
          write(nodes.get(i % 3), "split-" + i);
        }
        awaitEverywhere(nodes, List.of("split-0", "split-18", "split-19"));
        // Longer than a peer that is said to be gone has for a sign of life.
        assertThat(nodes).allMatch(node -> hasUp(node, 2));

        // It starts again by itself, and finds the others.
        await()
            .atMost(PATIENCE)
            .until(() -> two.status().discovery().failures() == 1 && members(two) == 2);

        // And without Hazelcast anywhere, everything goes on.
        nodes.forEach(DiscoveryTest::end);
        write(three, "after");
        awaitEverywhere(nodes, List.of("after"));
        assertThat(nodes).allMatch(node -> hasUp(node, 2));
      }
    }
    await().atMost(PATIENCE).until(() -> Hazelcast.getAllHazelcastInstances().isEmpty());
  }

  @Test
  void withoutBeingAskedForThereIsNoHazelcast() throws Exception {
    try (var node = TestCluster.start(cluster.join("n1", List.of()))) {
      assertThat(node.status().discovery().state()).isEqualTo(State.OFF);
      assertThat(Hazelcast.getAllHazelcastInstances()).isEmpty();
    }
  }

  private Path home(int number) throws Exception {
    var home = cluster.join("n" + number, List.of());
    Files.writeString(
        home.resolve(NodeConfig.FILE),
        """
        listen: {http: 0, grpc: 0, peer: 0}
        limits: {cacheMegabytes: 8, freeMegabytes: 16}
        discovery:
          hazelcast:
            mode: tcp-ip
            listen: 127.0.0.1:%d
            members: ["127.0.0.1:%d", "127.0.0.1:%d", "127.0.0.1:%d"]
        """
            .formatted(port + number, port + 1, port + 2, port + 3));
    return home;
  }

  /// Ends the Hazelcast member in a node, which the node did not ask for.
  private static void end(Node node) {
    var member = Hazelcast.getHazelcastInstanceByName("starling-" + node.status().node().id());
    member.getLifecycleService().terminate();
  }

  private static long losses(Node node) {
    return node.status().discovery().hints().losses();
  }

  private static int members(Node node) {
    return node.status().discovery().members();
  }

  private static boolean hasUp(Node node, int peers) {
    return node.status().spaces().getFirst().status().peers().stream()
            .filter(peer -> peer.isUp())
            .count()
        == peers;
  }

  private static void write(Node node, String key) {
    TestNode.write(main(node), TestNode.set(key, key));
  }

  private static void awaitEverywhere(List<Node> nodes, List<String> keys) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          for (var node : nodes) {
            for (var key : keys) {
              assertThat(TestNode.read(main(node), key)).isEqualTo(new Value.Text(key));
            }
          }
        });
  }

  private static Space main(Node node) {
    return node.spaces().find("main").orElseThrow();
  }

  private static String json(Node node, String token) throws Exception {
    var uri = URI.create("http://" + node.status().node().addresses().http() + "/api/v1/status");
    var request = HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + token).build();
    return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
  }
}
