package io.starling.node.hosting;

import static io.starling.node.hosting.TestNode.acquaint;
import static io.starling.node.hosting.TestNode.done;
import static io.starling.node.hosting.TestNode.hosts;
import static io.starling.node.hosting.TestNode.read;
import static io.starling.node.hosting.TestNode.set;
import static io.starling.node.hosting.TestNode.text;
import static io.starling.node.hosting.TestNode.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.node.space.Space;
import io.starling.node.space.SpaceChange;
import io.starling.node.storage.MemoryStore;
import io.starling.node.storage.NodeStore;
import io.starling.node.storage.SpaceStore;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.StorageFailure;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A node that is taken off the hosts of a space, and cannot open what it has of it, or must read
/// it from a damaged store first.
final class HandOverTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final MemoryStore store = new MemoryStore();
  private final TestNode two = TestNode.inMemory();
  private final TestNode three = TestNode.inMemory();
  private SpaceId vault;

  /// One node has what no other has when it stops, and is taken off then.
  @BeforeEach
  void begin() throws Exception {
    var one = new TestNode(store);
    acquaint(one, two, three);
    done(one.spaces().create("someone", "vault", SpaceChange.NONE));
    await().until(() -> find(two).isPresent() && find(three).isPresent());
    vault = find(one).orElseThrow().id();
    one.part(two);
    one.part(three);
    write(find(one).orElseThrow(), set("mine", "unseen"));
    one.close();
    done(two.spaces().change("someone", "vault", hosts("two", "three")));
  }

  @AfterEach
  void stop() throws InterruptedException {
    two.close();
    three.close();
  }

  @Test
  void whatCannotBeOpenedAtAStartIsNotTakenForHandedOver() throws Exception {
    var failing = new Store(store, Set.of(vault));
    var again = new TestNode(failing);
    again.join(two);
    await().until(() -> again.spaces().absence("vault").message("vault").contains("not kept"));
    again.close();
    var broken = new TestNode(failing);
    await()
        .during(Duration.ofMillis(300))
        .atMost(PATIENCE)
        .until(() -> failing.spaces().contains(vault));
    assertThat(broken.spaces().find("vault")).isEmpty();
    broken.close();
  }

  @Test
  void whatIsInADamagedStoreIsReadAndHandedOver() throws Exception {
    var rebuilding = new TestDamage(store);
    var again = new TestNode(rebuilding.store(new MemoryStore()));
    again.join(two);
    again.join(three);
    await().atMost(PATIENCE).until(() -> has(two) && has(three));
    await().atMost(PATIENCE).until(() -> find(again).isEmpty());
    await().atMost(PATIENCE).until(() -> rebuilding.isDone(vault));
    again.close();
  }

  @Test
  void aStoreThatCannotBeReadForAMomentEndsNoHandOver() throws Exception {
    var rebuilding = new TestDamage(store);
    var failures = new AtomicInteger(1);
    rebuilding.whenAsked(() -> {
      if (Thread.currentThread().getName().startsWith("move-") && failures.getAndDecrement() > 0) {
        throw new StorageFailure("a test", new IOException("I/O error"));
      }
    });
    var again = new TestNode(rebuilding.store(new MemoryStore()));
    again.join(two);
    again.join(three);
    await().atMost(PATIENCE).until(() -> has(two) && has(three));
    await().atMost(PATIENCE).until(() -> find(again).isEmpty());
    assertThat(failures).hasValueLessThanOrEqualTo(0);
    again.close();
  }

  @Test
  void aDamagedStoreThatCannotBeOpenedForAMomentIsReadLater() throws Exception {
    var rebuilding = new TestDamage(store);
    var isFirst = new AtomicBoolean(true);
    // Who makes a space anew could open it.
    rebuilding.opensIf(
        () -> Thread.currentThread().getName().startsWith("rebuild-") || !isFirst.getAndSet(false));
    var again = new TestNode(rebuilding.store(new MemoryStore()));
    again.join(two);
    again.join(three);
    await().atMost(PATIENCE).until(() -> has(two) && has(three));
    await().atMost(PATIENCE).until(() -> rebuilding.isDone(vault));
    again.close();
  }

  private static boolean has(TestNode node) {
    return read(find(node).orElseThrow(), "mine").equals(text("unseen"));
  }

  private static Optional<Space> find(TestNode node) {
    return node.spaces().find("vault");
  }

  /// A store of which some spaces cannot be opened.
  private record Store(MemoryStore memory, Set<SpaceId> broken) implements NodeStore {

    @Override
    public SpaceStore space(SpaceId id) {
      if (broken.contains(id)) {
        throw new StorageFailure("a test", new IOException("I/O error"));
      }
      return memory.space(id);
    }

    @Override
    public Set<SpaceId> spaces() {
      return memory.spaces();
    }

    @Override
    public void drop(SpaceId id) {
      memory.drop(id);
    }

    @Override
    public void close() {
      memory.close();
    }
  }
}
