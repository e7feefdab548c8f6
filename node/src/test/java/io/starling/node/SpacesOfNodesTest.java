package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.node.hosting.TestNode;
import io.starling.node.space.ListedSpace;
import io.starling.node.space.Space;
import io.starling.node.space.SpaceChange;
import io.starling.node.storage.rocksdb.RocksStore;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.request.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Spaces of three whole nodes, with stores on disk, of which one is away.
final class SpacesOfNodesTest {

  @TempDir private Path directory;
  private Path homeOfThree;
  private Node one;
  private Node two;
  private Node three;

  @BeforeEach
  void start() throws Exception {
    var cluster = new TestCluster(directory);
    one = TestCluster.start(cluster.join("one", List.of()));
    two = TestCluster.start(cluster.join("two", List.of(peer(one))));
    homeOfThree = cluster.join("three", List.of(peer(one), peer(two)));
    three = TestCluster.start(homeOfThree);
    for (var node : List.of(one, two, three)) {
      await().atMost(Duration.ofSeconds(30)).until(() -> node.status().members().size() == 3);
    }
  }

  @AfterEach
  void stop() {
    List.of(three, two, one).forEach(Node::close);
  }

  @Test
  void whatIsDroppedWhileANodeIsStoppedIsDeletedWhenItStarts() throws Exception {
    done(one.spaces().create("someone", "shop"));
    TestNode.write(space(one, "shop"), TestNode.set("a", "old"));
    await().until(() -> has(three, "shop", "a", "old"));
    var old = space(one, "shop").id();
    three.close();

    done(one.spaces().drop("someone", "shop", Optional.empty()));
    await().until(() -> two.spaces().find("shop").isEmpty());
    done(two.spaces().create("someone", "shop"));
    await().until(() -> one.spaces().find("shop").isPresent());
    TestNode.write(space(one, "shop"), TestNode.set("b", "new"));

    three = TestCluster.start(homeOfThree);
    await().atMost(Duration.ofSeconds(30)).until(() -> has(three, "shop", "b", "new"));
    for (var node : List.of(one, two, three)) {
      assertThat(space(node, "shop").generation()).isEqualTo(1);
      assertThat(TestNode.read(space(node, "shop"), "a").toString()).doesNotContain("old");
      assertThat(node.status().alarms()).isEmpty();
    }

    // Dropped, and killed before it could be deleted: the next start does it, and misses nothing.
    var kept = space(three, "shop").id();
    done(three.spaces().drop("someone", "shop", Optional.empty()));
    three.close();
    three = TestCluster.start(homeOfThree);
    assertThat(three.spaces().find("shop")).isEmpty();
    assertThat(three.status().alarms()).isEmpty();
    three.close();
    var config = TestCluster.config(homeOfThree);
    try (var store = open(config)) {
      assertThat(store.spaces()).doesNotContain(old, kept).contains(space(one, SpaceId.MAIN).id());
    } finally {
      three = TestCluster.start(homeOfThree);
    }
  }

  @Test
  void aNodeThatWasTakenOffTheListWhileItWasStoppedHandsOverWhatOnlyItHas() throws Exception {
    done(one.spaces().create("someone", "vault"));
    await().until(() -> three.spaces().find("vault").isPresent());
    await().until(() -> two.spaces().find("vault").isPresent());
    two.close();
    one.close();
    TestNode.write(space(three, "vault"), TestNode.set("mine", "unseen"));
    three.close();

    // The others come back on other ports; the third one finds them when it starts.
    one = TestCluster.start(directory.resolve("one"));
    TestCluster.dial(directory.resolve("two"), List.of(peer(one)));
    two = TestCluster.start(directory.resolve("two"));
    var members =
        new SpaceChange(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of(List.of("one", "two")),
            new TreeSet<>());
    done(one.spaces().change("someone", "vault", members));
    TestCluster.dial(homeOfThree, List.of(peer(one), peer(two)));
    three = TestCluster.start(homeOfThree);
    await().atMost(Duration.ofSeconds(30)).until(() -> has(one, "vault", "mine", "unseen"));
    await().atMost(Duration.ofSeconds(30)).until(() -> three.spaces().find("vault").isEmpty());
    await().until(() -> has(two, "vault", "mine", "unseen"));
    var listed =
        three.spaces().listed().stream()
            .filter(it -> it.name().equals("vault"))
            .findFirst()
            .orElseThrow();
    assertThat(listed.hosting()).isEqualTo(ListedSpace.Hosting.ELSEWHERE);
    // It starts again without what it has handed over, and misses nothing.
    three.close();
    three = TestCluster.start(homeOfThree);
    assertThat(three.status().alarms()).isEmpty();
    assertThat(three.spaces().find("vault")).isEmpty();
  }

  private static RocksStore open(io.starling.node.config.NodeConfig config) throws Exception {
    var identity = io.starling.node.identity.NodeIdentity.open(config.identityDirectory());
    return RocksStore.open(
        config.storeDirectory(),
        identity.cluster(),
        identity.fingerprint(),
        new RocksStore.Options(8 << 20, 0));
  }

  private static String peer(Node node) {
    return node.status().node().addresses().peer();
  }

  private static boolean has(Node node, String space, String key, String value) {
    return node.spaces()
        .find(space)
        .filter(it -> TestNode.read(it, key).toString().contains(value))
        .isPresent();
  }

  private static Space space(Node node, String name) {
    return node.spaces().find(name).orElseThrow();
  }

  private static void done(CompletionStage<Outcome> stage) throws Exception {
    assertThat(stage.toCompletableFuture().get(20, TimeUnit.SECONDS))
        .isInstanceOf(Outcome.Committed.class);
  }
}
