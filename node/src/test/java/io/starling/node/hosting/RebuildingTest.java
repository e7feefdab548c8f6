package io.starling.node.hosting;

import static io.starling.node.hosting.TestNode.acquaint;
import static io.starling.node.hosting.TestNode.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.node.space.Space;
import io.starling.node.space.SpaceChange;
import io.starling.node.storage.MemoryStore;
import io.starling.replica.batch.SpaceId;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A node whose store is made anew but for one space, which waits for a member that is away.
final class RebuildingTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final MemoryStore store = new MemoryStore();
  private final TestDamage damage = new TestDamage(store);
  private final TestNode two = TestNode.inMemory();
  private final TestNode three = TestNode.inMemory();
  private TestNode one;

  @BeforeEach
  void begin() throws Exception {
    var before = new TestNode(store);
    acquaint(before, two, three);
    done(two.spaces().create("someone", "vault", SpaceChange.NONE));
    await().until(() -> vault(before).isPresent() && vault(three).isPresent());
    var vault = vault(before).orElseThrow().id();
    before.close();
    damage.breaks(vault::equals);
  }

  private void start() {
    one = new TestNode(damage.store(new MemoryStore()));
    one.join(two);
    await()
        .atMost(PATIENCE)
        .until(() -> damage.isDone(id(SpaceId.SYSTEM)) && damage.isDone(id(SpaceId.MAIN)));
    await().atMost(PATIENCE).until(() -> vault(one).isPresent());
  }

  @AfterEach
  void stop() throws InterruptedException {
    one.close();
    two.close();
    three.close();
  }

  @Test
  void itIsOverWhenTheLastSpaceIsDropped() {
    start();
    assertThat(one.spaces().isRebuilding()).isTrue();
    done(two.spaces().drop("someone", "vault", Optional.empty()));
    await().atMost(PATIENCE).until(damage::isOver);
    assertThat(one.spaces().isRebuilding()).isFalse();
    assertThat(one.spaces().incomplete()).isEmpty();
  }

  /// All that is open here serves; a space that the damaged store had is not listed here yet.
  @Test
  void whatServesIsNotCompleteBeforeAllIsMadeAnew() {
    store.space(new SpaceId(1, 2));
    start();
    done(two.spaces().drop("someone", "vault", Optional.empty()));
    await().atMost(PATIENCE).until(() -> vault(one).isEmpty());
    assertThat(damage.isOver()).isFalse();
    assertThat(one.spaces().incomplete().orElseThrow()).contains("damaged store");
  }

  private static SpaceId id(String name) {
    return SpaceId.of(TestNode.CLUSTER, name, 0);
  }

  private static Optional<Space> vault(TestNode node) {
    return node.spaces().find("vault");
  }
}
