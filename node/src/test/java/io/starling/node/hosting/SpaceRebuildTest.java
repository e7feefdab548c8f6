package io.starling.node.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.VersionVector;
import io.starling.node.space.Space;
import io.starling.node.storage.MemoryStore;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.hosting.Company;
import io.starling.replica.hosting.MakingAnew.Around;
import io.starling.replica.status.SpaceStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What one space waits for, and what it does not wait for, when its store is made anew.
final class SpaceRebuildTest {

  private static final SpaceId SYSTEM = SpaceId.of(TestNode.CLUSTER, SpaceId.SYSTEM, 0);

  private final MemoryStore store = new MemoryStore();
  private final MemoryStore damaged = new MemoryStore();
  private final List<SignedBatch> given = new CopyOnWriteArrayList<>();
  private final List<Optional<String>> over = new CopyOnWriteArrayList<>();
  private final TestDamage rebuilding = new TestDamage(damaged);
  private final DamagedStores stores =
      new DamagedStores(rebuilding.store(store), SYSTEM, Duration.ofMillis(1));
  private volatile Company company = Company.AMONG_HOSTS;
  private final Set<KeyFingerprint> members = new ConcurrentSkipListSet<>();
  private volatile boolean isSystemLost;
  private TestNode node;
  private TestNode other;
  private TestNode before;

  @BeforeEach
  void begin() {
    node = new TestNode(store);
    other = TestNode.inMemory();
    before = new TestNode(damaged);
  }

  @AfterEach
  void stop() throws InterruptedException {
    node.close();
    other.close();
    before.close();
  }

  @Test
  void withNobodyInReachItGoesOnWaiting() {
    var rebuild = rebuild(Duration.ZERO, _ -> true);
    for (int i = 0; i < 50; i++) {
      rebuild.told(node.main().status());
    }
    assertThat(rebuild.objection().orElseThrow()).contains("(a test)", "ask another node");
    assertThat(over).isEmpty();
    rebuild.stopped();
  }

  @Test
  void itIsOverOnceAllIsHereThatTheDamagedStoreHad() {
    var rebuild = rebuild(Duration.ofMinutes(1), _ -> true);
    node.join(other);
    untilOver(rebuild);
    assertThat(over).containsExactly(Optional.empty());
    assertThat(given).isEmpty();
  }

  @Test
  void whatIsNowhereToBeHadIsNamedAndTheSpaceServes() {
    TestNode.write(before.main(), TestNode.set("a", "1"));
    TestNode.write(before.main(), TestNode.set("a", "2"));
    var replica = before.main().status().self();
    // Nothing of it is genuine, so nothing is given.
    var rebuild = rebuild(Duration.ofMillis(100), _ -> false);
    node.join(other);
    untilOver(rebuild);
    assertThat(given).isEmpty();
    assertThat(over)
        .containsExactly(
            Optional.of(
                "batches 1 to 2 of "
                    + replica
                    + " cannot be read, and no member in reach has them"));
  }

  /// It names what this node wrote into `_system`, which cannot be read and which it had told
  /// nobody.
  @Test
  void whatFollowsOnWhatIsLostIsGivenUp() {
    TestNode.write(before.spaces().system(), TestNode.set("a", "1"));
    TestNode.write(before.main(), TestNode.set("a", "1"));
    TestNode.write(before.main(), TestNode.set("a", "2"));
    var replica = before.main().status().self();
    members.add(other.fingerprint());
    var rebuild = rebuild(Duration.ofMillis(100), _ -> true);
    node.join(other);
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return given.size() >= 6;
        });
    assertThat(rebuilding.isDone(node.main().id())).isFalse();
    isSystemLost = true;
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return rebuilding.isDone(node.main().id());
        });
    assertThat(over.getLast().orElseThrow())
        .isEqualTo(
            "batches 1 to 2 of "
                + replica
                + " cannot be read, or follow on what cannot be, and no other member has that");
  }

  /// A member that is away may have what is missing.
  @Test
  void whatFollowsOnWhatIsLostWaitsForAllMembers() {
    TestNode.write(before.spaces().system(), TestNode.set("a", "1"));
    TestNode.write(before.main(), TestNode.set("a", "1"));
    isSystemLost = true;
    var newcomer = TestNode.inMemory();
    members.addAll(List.of(other.fingerprint(), newcomer.fingerprint()));
    var rebuild = rebuild(Duration.ofMillis(100), _ -> true);
    node.join(other);
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return given.size() >= 6;
        });
    assertThat(rebuilding.isDone(node.main().id())).isFalse();
    node.join(newcomer);
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return rebuilding.isDone(node.main().id());
        });
    assertThat(over.getLast().orElseThrow()).contains("follow on");
  }

  @Test
  void whatCanBeReadIsGivenAndWaitedForHoweverLong() {
    TestNode.write(before.main(), TestNode.set("a", "1"));
    TestNode.write(before.main(), TestNode.set("a", "2"));
    // It takes the batches, and they never come to be applied.
    var rebuild = rebuild(Duration.ZERO, _ -> true);
    node.join(other);
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return given.size() >= 6;
        });
    assertThat(given).extracting(it -> it.batch().seq()).startsWith(1L, 2L, 1L, 2L);
    assertThat(over).allMatch(it -> it.orElseThrow().contains("nothing of the space is here yet"));
    assertThat(rebuild.objection()).isPresent();
    rebuild.stopped();
  }

  @Test
  void afterAWhileItServesWhatIsHereAndGoesOnWaiting() {
    TestNode.write(before.main(), TestNode.set("a", "1"));
    var rebuild = rebuild(Duration.ofMillis(100), _ -> true);
    node.join(other);
    TestNode.write(other.main(), TestNode.set("b", "1"));
    untilOver(rebuild);
    assertThat(over.getFirst().orElseThrow()).contains("serves without them until then");
    assertThat(rebuilding.isDone(node.main().id())).isFalse();
    rebuild.stopped();
  }

  @Test
  void whatOthersWroteIsWaitedForThoughItCannotBeRead() {
    before.join(other);
    TestNode.write(other.main(), TestNode.set("a", "1"));
    // A status is a moment old, and two that know of nothing are equal.
    await().until(() -> TestNode.read(before.main(), "a").equals(TestNode.text("1")));
    var rebuild = rebuild(Duration.ZERO, _ -> false);
    // Somebody is there, and has nothing.
    var newcomer = TestNode.inMemory();
    node.join(newcomer);
    for (int i = 0; i < 20; i++) {
      await().until(() -> !node.main().status().peers().isEmpty());
      rebuild.told(node.main().status());
    }
    assertThat(rebuilding.isDone(node.main().id())).isFalse();
    node.join(other);
    untilOver(rebuild);
    assertThat(over.getLast()).isEmpty();
  }

  @Test
  void whoHostsTheSpaceAloneReadsWhatItHadAndWaitsForNobody() {
    TestNode.write(before.main(), TestNode.set("a", "1"));
    company = Company.ALONE;
    var rebuild = rebuild(Duration.ofMinutes(1), _ -> true);
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return !given.isEmpty();
        });
    assertThat(given).extracting(it -> it.batch().seq()).containsExactly(1L);
    rebuild.stopped();
  }

  @Test
  void whoHostsTheSpaceAloneGivesUpWhatItCannotRead() {
    TestNode.write(before.main(), TestNode.set("a", "1"));
    var replica = before.main().status().self();
    company = Company.ALONE;
    rebuilding.done(SYSTEM);
    // It takes the batch, and that never comes to be applied.
    var rebuild = rebuild(Duration.ofMillis(100), _ -> true);
    untilOver(rebuild);
    assertThat(given).isNotEmpty();
    assertThat(over)
        .containsExactly(
            Optional.of(
                "batches 1 to 1 of "
                    + replica
                    + " cannot be read or applied, and no other member hosts the space"));
    assertThat(rebuilding.isDone(node.main().id())).isTrue();
  }

  /// Of one of the damaged stores nothing can be read: who else hosts the space is all there is to
  /// go by, and that is not sure before `_system` is made anew.
  @Test
  void whoSeemsToHostTheSpaceAloneIsNotDoneBeforeThatIsSure() {
    rebuilding.count(2);
    company = Company.ALONE;
    var rebuild = rebuild(Duration.ofMillis(100), _ -> true);
    untilOver(rebuild);
    assertThat(over.getFirst().orElseThrow()).contains("cannot be read, and not all members");
    assertThat(rebuilding.isDone(node.main().id())).isFalse();
    rebuilding.done(SYSTEM);
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return rebuilding.isDone(node.main().id());
        });
  }

  @Test
  void aStoreThatCannotBeOpenedForAMomentIsStillKnown() {
    TestNode.write(before.main(), TestNode.set("a", "1"));
    var opened = new AtomicInteger();
    rebuilding.opensIf(() -> opened.incrementAndGet() > 2);
    company = Company.ALONE;
    rebuilding.done(SYSTEM);
    var rebuild = rebuild(Duration.ofMillis(100), _ -> true);
    untilOver(rebuild);
    assertThat(over.getLast().orElseThrow()).contains("batches 1 to 1", "read or applied");
  }

  @Test
  void aStoreThatCannotBeOpenedLaterForAMomentGivesNothingUp() {
    var opened = new AtomicInteger();
    rebuilding.opensIf(() -> isReadFirst(opened.getAndIncrement()));
    givesUpNothingAndReadsLater();
  }

  @Test
  void aStoreThatCannotBeReadLaterForAMomentGivesNothingUp() {
    var read = new AtomicInteger();
    rebuilding.breaks(_ -> !isReadFirst(read.getAndIncrement()));
    givesUpNothingAndReadsLater();
  }

  private static boolean isReadFirst(int times) {
    return times == 0 || times >= DamagedStores.LOOKS_MAX;
  }

  private void givesUpNothingAndReadsLater() {
    TestNode.write(before.main(), TestNode.set("a", "1"));
    var rebuild = rebuild(Duration.ofMillis(100), _ -> true);
    node.join(other);
    TestNode.write(other.main(), TestNode.set("b", "1"));
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return !given.isEmpty() || rebuilding.isDone(node.main().id());
        });
    assertThat(given).extracting(it -> it.batch().seq()).startsWith(1L);
    assertThat(rebuilding.isDone(node.main().id())).isFalse();
    rebuild.stopped();
  }

  @Test
  void aStoreThatCannotBeOpenedAnyMoreCountsAsLostAfterAWhile() {
    TestNode.write(before.main(), TestNode.set("a", "1"));
    var opened = new AtomicInteger();
    rebuilding.opensIf(() -> opened.getAndIncrement() == 0);
    var rebuild = rebuild(Duration.ofMillis(100), _ -> true);
    node.join(other);
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return rebuilding.isDone(node.main().id());
        });
    assertThat(opened).hasValueGreaterThan(DamagedStores.LOOKS_MAX);
    assertThat(over.getLast().orElseThrow()).contains("no member in reach has them");
  }

  /// A host that is away may have the first batch.
  @Test
  void whatStandsBehindABatchThatCannotBeReadIsNotGivenUp() {
    TestNode.write(before.main(), TestNode.set("a", "1"));
    TestNode.write(before.main(), TestNode.set("a", "2"));
    var rebuild = rebuild(Duration.ofMillis(100), it -> it.batch().seq() > 1);
    node.join(other);
    TestNode.write(other.main(), TestNode.set("b", "1"));
    untilOver(rebuild);
    assertThat(over.getLast().orElseThrow()).contains("serves without them until then");
    assertThat(rebuilding.isDone(node.main().id())).isFalse();
    rebuild.stopped();
  }

  /// It cannot be told from it what it had: every store has had `_system`.
  @Test
  void aStoreThatLostItsTableOfSpacesIsNotTakenForOneThatHadNothing() {
    TestNode.write(before.main(), TestNode.set("a", "1"));
    rebuilding.lose(_ -> true);
    company = Company.ALONE;
    rebuilding.done(SYSTEM);
    var rebuild = rebuild(Duration.ofMillis(100), _ -> true);
    untilOver(rebuild);
    assertThat(over.getLast().orElseThrow()).contains("it cannot be read any more what it had");
  }

  @Test
  void whoSeemsToHostTheSpaceAloneServesAndGivesNothingUpBeforeThatIsSure() {
    TestNode.write(before.main(), TestNode.set("a", "1"));
    company = Company.ALONE;
    var rebuild = rebuild(Duration.ofMillis(100), _ -> true);
    untilOver(rebuild);
    assertThat(over.getFirst().orElseThrow()).contains("serves without them until then");
    assertThat(rebuilding.isDone(node.main().id())).isFalse();
    rebuild.stopped();
  }

  /// Others give it nothing, so it waits for nobody; and what it cannot apply, or read, it can have
  /// from them once it is a host again.
  @Test
  void whoHostsTheSpaceNoLongerReadsWhatItHadAndGivesNothingUp() {
    TestNode.write(before.main(), TestNode.set("a", "1"));
    company = Company.NO_HOST;
    rebuilding.done(SYSTEM);
    var rebuild = rebuild(Duration.ofMillis(100), _ -> true);
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return !over.isEmpty();
        });
    assertThat(given).isNotEmpty();
    assertThat(over).hasSize(1);
    assertThat(over.getFirst().orElseThrow()).contains("hosts the space no longer", "name it");
    assertThat(rebuilding.isDone(node.main().id())).isFalse();
    company = Company.ALONE;
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return rebuilding.isDone(node.main().id());
        });
  }

  @Test
  void whoeverIsAheadForEverKeepsNoSpaceShut() {
    TestNode.write(before.main(), TestNode.set("a", "1"));
    var rebuild = rebuild(Duration.ofMillis(100), _ -> true);
    await()
        .until(() -> {
          TestNode.write(node.main(), TestNode.set("b", "1"));
          rebuild.told(ahead(node.main()));
          return rebuild.objection().isEmpty() && !over.isEmpty();
        });
    assertThat(over.getLast().orElseThrow()).contains("has 1000 batches more");
    rebuild.stopped();
  }

  /// A host says that it has more, though this one moves.
  private SpaceStatus ahead(Space space) {
    var peer =
        new SpaceStatus.PeerStatus(
            other.fingerprint(),
            true,
            Optional.of(VersionVector.EMPTY),
            0,
            1_000,
            SpaceStatus.DigestCheck.NOT_COMPARED,
            1);
    var status = space.status().with(List.of(peer));
    var token = ((HostedSpace) space).loop().applied();
    return new SpaceStatus(
        status.self(),
        status.active(),
        status.closedReplicas(),
        status.closed(),
        status.digest(),
        status.cells(),
        status.stable(),
        status.buffered(),
        status.peers(),
        token,
        status.tallies(),
        status.catchingUp(),
        status.log(),
        status.revocation());
  }

  @Test
  void aHandOverThatIsBlockedIsToldThoughTheSpaceServedAlready() {
    TestNode.write(before.main(), TestNode.set("a", "1"));
    var rebuild = rebuild(Duration.ofMillis(100), _ -> true);
    node.join(other);
    TestNode.write(other.main(), TestNode.set("b", "1"));
    untilOver(rebuild);
    company = Company.NO_HOST;
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return over.size() > 1;
        });
    assertThat(over.getLast().orElseThrow()).contains("hosts the space no longer", "name it");
    assertThat(rebuild.objection()).isEmpty();
    rebuild.stopped();
  }

  @Test
  void whoHostsTheSpaceNoLongerDoesNotServeItEmpty() {
    TestNode.write(before.main(), TestNode.set("a", "1"));
    company = Company.NO_HOST;
    var rebuild = rebuild(Duration.ofMillis(100), _ -> false);
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return !over.isEmpty();
        });
    assertThat(over.getFirst().orElseThrow()).contains("hosts the space no longer", "name it");
    assertThat(rebuild.objection()).isPresent();
    rebuild.stopped();
  }

  @Test
  void whoHostsTheSpaceNoLongerIsNotDoneWithWhatItCannotRead() {
    rebuilding.count(2);
    company = Company.NO_HOST;
    rebuilding.done(SYSTEM);
    var rebuild = rebuild(Duration.ofMillis(100), _ -> true);
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return !over.isEmpty();
        });
    assertThat(rebuilding.isDone(node.main().id())).isFalse();
    rebuild.stopped();
  }

  @Test
  void whatIsNotTakenKeepsNoOtherSpaceFromItsTurn() throws InterruptedException {
    TestNode.write(before.main(), TestNode.set("a", "1"));
    company = Company.ALONE;
    var asked = new AtomicInteger();
    var full =
        rebuild(
            Duration.ofMinutes(1),
            _ -> true,
            _ -> {
              asked.incrementAndGet();
              return false;
            });
    await()
        .until(() -> {
          full.told(node.main().status());
          return asked.get() > 0;
        });
    var next = rebuild(Duration.ofMinutes(1), _ -> true);
    await()
        .until(() -> {
          full.told(node.main().status());
          next.told(node.main().status());
          return !given.isEmpty();
        });
    full.stopped();
    next.stopped();
  }

  @Test
  void whoWaitsForItsTurnIsStopped() throws InterruptedException {
    TestNode.write(before.main(), TestNode.set("a", "1"));
    company = Company.ALONE;
    var asked = new AtomicInteger();
    var full =
        rebuild(
            Duration.ofMinutes(1),
            _ -> true,
            _ -> {
              asked.incrementAndGet();
              return false;
            });
    await()
        .until(() -> {
          full.told(node.main().status());
          return asked.get() > 0;
        });
    var next = rebuild(Duration.ofMinutes(1), _ -> true);
    next.stopped();
    var stopping = Thread.ofVirtual().start(() -> joinQuietly(next));
    await().until(() -> !stopping.isAlive());
    full.stopped();
  }

  private static void joinQuietly(SpaceRebuild rebuild) {
    try {
      rebuild.join();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private void untilOver(SpaceRebuild rebuild) {
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return rebuild.objection().isEmpty() && !over.isEmpty();
        });
  }

  private SpaceRebuild rebuild(Duration patience, Predicate<SignedBatch> genuine) {
    return rebuild(patience, genuine, given::addAll);
  }

  private SpaceRebuild rebuild(
      Duration patience, Predicate<SignedBatch> genuine, Predicate<List<SignedBatch>> taker) {
    var id = node.main().id();
    var setup =
        new SpaceRebuild.Setup(
            "main",
            id,
            before.fingerprint(),
            store.space(id).live(),
            genuine,
            () -> new Around(company, new TreeSet<>(members), rebuilding.isDone(SYSTEM)),
            _ -> isSystemLost,
            patience,
            over::add);
    var rebuild = new SpaceRebuild(setup, stores);
    rebuild.begin(taker);
    return rebuild;
  }
}
