package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.value.Value;
import io.starling.node.hosting.TestNode;
import io.starling.node.member.Member;
import io.starling.node.space.Space;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Members are added while others are away. Nobody has to be told of a newcomer: its certificate
/// travels with what it wrote.
final class NewcomersTest {

  @TempDir private Path directory;
  private TestCluster cluster;

  @BeforeEach
  void found() throws Exception {
    cluster = new TestCluster(directory);
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(40)).pollInterval(Duration.ofMillis(20));
  }

  private static String peer(Node node) {
    return node.status().node().addresses().peer();
  }

  private static Space main(Node node) {
    return node.spaces().find("main").orElseThrow();
  }

  private static void set(Node node, String key) {
    TestNode.write(main(node), TestNode.set(key, key));
  }

  private static void awaitRead(Node node, String... keys) {
    for (var key : keys) {
      soon().until(() -> new Value.Text(key).equals(TestNode.read(main(node), key)));
    }
  }

  private static void awaitMembers(Node node, String... names) {
    soon()
        .until(() ->
            node.status().members().stream()
                .map(Member::name)
                .sorted()
                .toList()
                .equals(List.of(names)));
  }

  @Test
  void whoWasAwayTakesTheBatchesOfANewcomerFromAnyOneAndTheNewcomerIts() throws Exception {
    var first = cluster.join("n1", List.of());
    var second = cluster.join("n2", List.of());
    var third = cluster.join("n3", List.of());
    var fourth = cluster.join("n4", List.of());
    try (var three = TestCluster.start(third)) {
      try (var one = begin(first, three)) {
        try (var two = begin(second, three)) {
          awaitMembers(two, "n1", "n2", "n3");
          awaitMembers(one, "n1", "n2", "n3");
          set(two, "before");
          awaitRead(one, "before");
          awaitRead(three, "before");
        }
        // n2 is away, and writes on its own.
        TestCluster.dial(second, List.of());
        try (var two = TestCluster.start(second)) {
          set(two, "alone");
        }
        try (var four = begin(fourth, one)) {
          awaitMembers(four, "n1", "n2", "n3", "n4");
          awaitRead(four, "before");
          set(four, "of the newcomer");
          awaitRead(three, "of the newcomer");
        }
      }
      // Neither the newcomer nor the one by which it came is there.
      try (var two = begin(second, three)) {
        awaitRead(two, "before", "alone", "of the newcomer");
        awaitMembers(two, "n1", "n2", "n3", "n4");
        awaitRead(three, "alone");
        assertThat(identities(two)).isEqualTo(identities(three)).hasSize(4);
      }
      // Nor is it, who was away, when the newcomer comes back.
      try (var four = begin(fourth, three)) {
        awaitRead(four, "alone");
        soon().until(() -> main(four).status().digest().equals(main(three).status().digest()));
        assertThat(main(four).status().active().size())
            .isEqualTo(main(three).status().active().size());
      }
    }
  }

  private static List<String> identities(Node node) {
    return node.status().members().stream().map(it -> it.key().toString()).sorted().toList();
  }

  private static Node begin(Path home, Node peer) throws Exception {
    TestCluster.dial(home, List.of(peer(peer)));
    return TestCluster.start(home);
  }
}
