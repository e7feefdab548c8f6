package io.starling.node.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.value.Value;
import io.starling.node.loop.QueueLimits;
import io.starling.node.member.Lapse;
import io.starling.node.member.Member;
import io.starling.node.space.Watch;
import io.starling.node.space.WatchEvent;
import io.starling.node.storage.MemoryStore;
import io.starling.node.storage.NodeStore;
import io.starling.node.storage.rocksdb.RocksStore;
import io.starling.replica.limits.Limits;
import io.starling.replica.limits.LogRetention;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.status.SpaceStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nodes whose logs are small, and one that is away while they are truncated.
final class LogTruncationTest {

  private static final LogRetention SMALL =
      new LogRetention(30_000, Duration.ofDays(1), Duration.ofDays(1));
  private static final String LONG = "x".repeat(1_000);

  @TempDir private Path directory;
  private RocksStore onDisk;
  private TestNode one;
  private final TestNode two = node(new MemoryStore());
  private final TestNode three = node(new MemoryStore());

  private static TestNode node(NodeStore store) {
    return new TestNode(store, QueueLimits.DEFAULT, Limits.DEFAULT.retaining(SMALL));
  }

  @BeforeEach
  void begin() throws Exception {
    var options = new RocksStore.Options(1 << 20, 0);
    onDisk = RocksStore.open(directory, TestNode.CLUSTER, new KeyFingerprint(1, 1), options);
    one = node(onDisk);
    one.join(two);
    one.join(three);
    two.join(three);
    describe(one, "one");
    describe(two, "two");
    describe(three, "three");
    await().until(() -> one.spaces().members().all().size() == 3);
  }

  @AfterEach
  void stop() throws InterruptedException {
    one.close();
    two.close();
    three.close();
    onDisk.close();
  }

  @Test
  void whoComesBackPastTheLogKeepsWhatItWroteAndNothingDeletedReturns() {
    var begin = ((Outcome.Committed) TestNode.write(one.main(), TestNode.set("gone", "1"))).token();
    TestNode.write(two.main(), TestNode.set("kept", "1"));
    await().until(() -> isEqual(one, three) && isEqual(two, three));
    one.part(three);
    two.part(three);

    TestNode.write(three.main(), TestNode.set("own", "mine"));
    TestNode.write(one.main(), new Mutation.Remove(io.starling.crdt.cell.Path.of("gone")));
    for (int i = 0; i < 200; i++) {
      TestNode.write((i % 2 == 0 ? one : two).main(), TestNode.set("k/" + i, LONG));
    }
    await().until(() -> log(one).truncatedUnstable() > 0 && log(one).bytes() <= SMALL.bytes());
    await().until(() -> holds(one, three));

    one.join(three);
    two.join(three);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> isEqual(one, three) && isEqual(two, three) && isWhole(three));
    for (var node : List.of(one, two, three)) {
      assertThat(TestNode.read(node.main(), "own")).isEqualTo(TestNode.text("mine"));
      assertThat(TestNode.read(node.main(), "gone")).isEqualTo(new Value.Null());
      assertThat(TestNode.read(node.main(), "kept")).isEqualTo(TestNode.text("1"));
      assertThat(TestNode.read(node.main(), "k/199")).isEqualTo(TestNode.text(LONG));
    }
    await().until(() -> log(one).holders().isEmpty());

    var told = new ConcurrentLinkedQueue<WatchEvent>();
    try (var _ = one.main().watch("k/", new Watch.From.Resume(begin), new Listening(told))) {
      await()
          .until(() ->
              told.contains(new WatchEvent.Resync(WatchEvent.Cause.BEHIND_LOG))
                  && told.stream().filter(WatchEvent.Row.class::isInstance).count() == 200);
    }
    // Further writes flow by log again.
    TestNode.write(one.main(), TestNode.set("after", "1"));
    await().until(() -> TestNode.read(three.main(), "after").equals(TestNode.text("1")));
  }

  @Test
  void aMemberThatHasLapsedHoldsNothingBackAndTakesTheLapseBackWhenItIsThere() {
    one.part(three);
    two.part(three);
    TestNode.write(one.main(), TestNode.set("a", "1"));
    await().until(() -> holds(one, three));

    TestNode.write(two.spaces().system(), Lapse.of(three.fingerprint(), Instant.now()));
    await().until(() -> !holds(one, three) && !holds(two, three));
    assertThat(one.spaces().members().lapsed()).containsExactly(three.fingerprint());
    assertThat(one.spaces().members().all()).hasSize(3);

    one.join(three);
    two.join(three);
    await().until(() -> one.spaces().members().lapsed().isEmpty());
    one.part(three);
    two.part(three);
    TestNode.write(one.main(), TestNode.set("a", "2"));
    await().until(() -> holds(one, three));
  }

  private static boolean holds(TestNode node, TestNode other) {
    return log(node).holders().stream().anyMatch(it -> it.member().equals(other.fingerprint()));
  }

  private record Listening(Collection<WatchEvent> told) implements Watch.Listener {
    @Override
    public void tell(WatchEvent event) {
      told.add(event);
    }

    @Override
    public void ended(Watch.End end) {}
  }

  private static SpaceStatus.LogStatus log(TestNode node) {
    return node.main().status().log();
  }

  private static boolean isWhole(TestNode node) {
    return node.main().status().catchingUp().isEmpty();
  }

  private static boolean isEqual(TestNode here, TestNode there) {
    var mine = here.main().status();
    var other = there.main().status();
    return mine.active().equals(other.active()) && mine.digest().equals(other.digest());
  }

  private static void describe(TestNode node, String name) throws Exception {
    var member = new Member(node.fingerprint(), name, "", "here", List.of());
    node.spaces().describe(member, List.of()).toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
