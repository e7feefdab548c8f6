package io.starling.node.hosting;

import static io.starling.node.hosting.TestNode.read;
import static io.starling.node.hosting.TestNode.set;
import static io.starling.node.hosting.TestNode.text;
import static io.starling.node.hosting.TestNode.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.node.member.Member;
import io.starling.node.space.Space;
import io.starling.node.space.SpaceChange;
import io.starling.node.storage.MemoryStore;
import io.starling.node.storage.NodeStore;
import io.starling.node.storage.SpaceStore;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.request.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
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
    one.join(two);
    one.join(three);
    two.join(three);
    describe(one, "one");
    describe(two, "two");
    describe(three, "three");
    for (var node : List.of(one, two, three)) {
      await().until(() -> node.spaces().members().all().size() == 3);
    }
    done(one.spaces().create("someone", "vault", SpaceChange.NONE));
    await().until(() -> find(two).isPresent() && find(three).isPresent());
    vault = find(one).orElseThrow().id();
    one.part(two);
    one.part(three);
    write(find(one).orElseThrow(), set("mine", "unseen"));
    one.close();
    done(two.spaces().change("someone", "vault", members("two", "three")));
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
    var failures = new AtomicInteger(2);
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

  private static void describe(TestNode node, String name) throws Exception {
    var member = new Member(node.fingerprint(), name, "", "here", List.of("127.0.0.1:7"));
    done(node.spaces().describe(member, List.of()));
  }

  private static SpaceChange members(String... names) {
    return new SpaceChange(
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(List.of(names)),
        new TreeSet<>());
  }

  private static void done(CompletionStage<Outcome> stage) throws Exception {
    assertThat(stage.toCompletableFuture().get(20, TimeUnit.SECONDS))
        .isInstanceOf(Outcome.Committed.class);
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
