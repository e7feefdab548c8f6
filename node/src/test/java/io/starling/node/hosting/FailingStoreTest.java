package io.starling.node.hosting;

import static io.starling.node.hosting.TestNode.read;
import static io.starling.node.hosting.TestNode.set;
import static io.starling.node.hosting.TestNode.text;
import static io.starling.node.hosting.TestNode.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.cell.Path;
import io.starling.crdt.value.Value;
import io.starling.node.loop.QueueLimits;
import io.starling.node.space.Space;
import io.starling.node.status.NodeStatus.SpaceCondition;
import io.starling.node.status.NodeStatus.SpaceEntry;
import io.starling.node.storage.MemoryStore;
import io.starling.replica.batch.RequestKey;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a space does when its store, or its engine, does not do what it should.
final class FailingStoreTest {

  private final MemoryStore store = new MemoryStore();
  private TestNode node = new TestNode(store);

  @AfterEach
  void stop() throws InterruptedException {
    store.beforePersist(() -> {});
    node.close();
  }

  @Test
  void transactionsThatArriveDuringAWriteShareTheNext() throws InterruptedException {
    var gate = new CountDownLatch(1);
    var entered = new CountDownLatch(1);
    store.beforePersist(() -> {
      entered.countDown();
      awaitQuietly(gate);
    });
    int before = store.cellWrites();
    var answers = new ArrayList<CompletableFuture<Outcome>>();
    answers.add(submit("first"));
    entered.await();
    for (int i = 0; i < 100; i++) {
      answers.add(submit("later/" + i));
    }
    gate.countDown();
    answers.forEach(it -> assertThat(it.join()).isInstanceOf(Outcome.Committed.class));
    assertThat(store.cellWrites() - before).isEqualTo(2);
  }

  @Test
  void atTheLimitOfTheQueueTransactionsAreRefusedAtOnce() throws InterruptedException {
    node.close();
    node = new TestNode(store, new QueueLimits(2, 1 << 20, 2, 1 << 20, 1 << 20));
    var gate = new CountDownLatch(1);
    var entered = new CountDownLatch(1);
    store.beforePersist(() -> {
      entered.countDown();
      awaitQuietly(gate);
    });
    var first = submit("first");
    entered.await();
    var second = submit("second");
    var third = submit("third");
    assertThat(submit("fourth"))
        .isCompletedWithValueMatching(outcome ->
            outcome instanceof Outcome.Refused refused
                && refused.reason() == Outcome.Reason.RESOURCE_EXHAUSTED);
    gate.countDown();
    List.of(first, second, third)
        .forEach(it -> assertThat(it.join()).isInstanceOf(Outcome.Committed.class));
  }

  @Test
  void onAFullDiskWritesAreRefusedReadsGoOnAndWritesComeBackByThemselves() {
    write(node.main(), set("a", "1"));
    var before = node.main().status().self();
    store.fillUp();
    assertThat(write(node.main(), set("a", "2")))
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused -> {
              assertThat(refused.reason()).isEqualTo(Outcome.Reason.OUTCOME_UNKNOWN);
              assertThat(refused.message()).contains("the disk is full");
            });
    assertThat(read(node.main(), "a")).isEqualTo(text("1"));
    assertThat(main().condition()).isEqualTo(SpaceCondition.DEGRADED);
    assertThat(main().reason()).contains("the disk is full");
    assertThat(write(node.main(), set("a", "3")))
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo(Outcome.Reason.UNAVAILABLE));
    store.setFull(false);
    await()
        .untilAsserted(() ->
            assertThat(write(node.main(), set("a", "4"))).isInstanceOf(Outcome.Committed.class));
    assertThat(read(node.main(), "a")).isEqualTo(text("4"));
    assertThat(main().condition()).isEqualTo(SpaceCondition.RUNNING);
    assertThat(node.main().status().self()).isNotEqualTo(before);
  }

  @Test
  void aWriteThatWasStoredThoughItsSyncFailedIsAnsweredAsStored() {
    store.failAfterNextWrite();
    assertThat(write(node.main(), set("a", "1"))).isInstanceOf(Outcome.Committed.class);
    await().until(() -> main().condition() == SpaceCondition.RUNNING);
    assertThat(write(node.main(), set("b", "2"))).isInstanceOf(Outcome.Committed.class);
    assertThat(read(node.main(), "a")).isEqualTo(text("1"));
  }

  /// Its name would be found by nobody, and the same request sent again could do what the first did
  /// not.
  @Test
  void aNamedTransactionThatChangedNothingIsNotSaidToBeKeptWhenTheStoreFails() {
    write(node.main(), set("a", "1"));
    store.failAfterNextWrite();
    var nothing =
        new Request(
            "someone",
            Optional.of(new RequestKey("order-1", 1)),
            Optional.empty(),
            Optional.empty(),
            List.of(new Mutation.Remove(Path.of("none"))));
    assertThat(node.main().submit(nothing).toCompletableFuture().join())
        .isInstanceOf(Outcome.Refused.class);
  }

  @Test
  void peersAreCaughtUpWithAfterTheStoreHasRecovered() throws InterruptedException {
    try (var other = TestNode.inMemory()) {
      node.join(other);
      store.setFull(true);
      write(node.main(), set("lost", "x"));
      for (int i = 0; i < 20; i++) {
        write(other.main(), set("other/" + i, "y"));
      }
      store.setFull(false);
      await().untilAsserted(() -> assertThat(read(node.main(), "other/19")).isEqualTo(text("y")));
      assertThat(read(node.main(), "lost")).isEqualTo(new Value.Null());
    }
  }

  @Test
  void aBugStopsTheSpaceAndNoOtherAndReadsGoOn() {
    write(node.main(), set("a", "1"));
    node.links((_, message) -> {
      if (message.space().equals(node.main().id())) {
        throw new IllegalStateException("planted");
      }
    });
    node.spaces().inbox().peerUp(node.fingerprint());
    await().until(() -> main().condition() == SpaceCondition.FAILED);
    assertThat(main().reason()).contains("planted");
    assertThat(write(node.main(), set("a", "2")))
        .isInstanceOfSatisfying(
            Outcome.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo(Outcome.Reason.UNAVAILABLE));
    assertThat(read(node.main(), "a")).isEqualTo(text("1"));
    assertThat(write(node.spaces().system(), set("x", "1"))).isInstanceOf(Outcome.Committed.class);
  }

  @Test
  void aStoppedNodeRefusesWhatStillComes() throws InterruptedException {
    Space main = node.main();
    node.close();
    assertThat(write(main, set("a", "1")))
        .isInstanceOfSatisfying(
            Outcome.Refused.class, refused -> assertThat(refused.message()).contains("stopping"));
  }

  private SpaceEntry main() {
    return node.spaces().entries().stream()
        .filter(entry -> entry.name().equals("main"))
        .findFirst()
        .orElseThrow();
  }

  private CompletableFuture<Outcome> submit(String key) {
    return node.main()
        .submit("someone", Optional.empty(), List.of(set(key, "x")))
        .toCompletableFuture();
  }

  private static void awaitQuietly(CountDownLatch gate) {
    try {
      assertThat(gate.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
