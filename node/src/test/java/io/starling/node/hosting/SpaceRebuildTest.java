package io.starling.node.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.VersionVector;
import io.starling.node.hosting.SpaceRebuild.Company;
import io.starling.node.storage.MemoryStore;
import io.starling.node.storage.Rebuilding;
import io.starling.node.storage.Remains;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.StatePort;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What one space waits for, and what it does not wait for, when its store is made anew.
final class SpaceRebuildTest {

  private static final SpaceId SYSTEM = new SpaceId(1, 2);

  private final MemoryStore store = new MemoryStore();
  private final MemoryStore damaged = new MemoryStore();
  private final List<SignedBatch> given = Collections.synchronizedList(new ArrayList<>());
  private final List<Optional<String>> over = Collections.synchronizedList(new ArrayList<>());
  private final Set<KeyFingerprint> members = new ConcurrentSkipListSet<>();
  private final Damaged rebuilding = new Damaged();
  private volatile boolean isSystemLost;
  private volatile Company company = Company.AMONG_HOSTS;
  private List<Path> aside = List.of(Path.of("damaged-1"));
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
    assertThat(over).isEmpty();
    assertThat(rebuild.objection()).isPresent();
    rebuild.stopped();
  }

  /// It names what this node wrote into `_system`, which cannot be read and which it had told
  /// nobody.
  @Test
  void whatFollowsOnWhatIsLostIsGivenUp() {
    TestNode.write(before.spaces().system(), TestNode.set("a", "1"));
    TestNode.write(before.main(), TestNode.set("a", "1"));
    TestNode.write(before.main(), TestNode.set("a", "2"));
    var replica = before.main().status().self();
    var rebuild = rebuild(Duration.ofMillis(100), _ -> true);
    node.join(other);
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return given.size() >= 6;
        });
    assertThat(over).isEmpty();
    isSystemLost = true;
    untilOver(rebuild);
    assertThat(over)
        .containsExactly(
            Optional.of(
                "batches 1 to 2 of "
                    + replica
                    + " cannot be read, or follow on what this node wrote and that cannot be read,"
                    + " and no other member has it"));
    assertThat(rebuilding.isDone(node.main().id())).isTrue();
  }

  /// A member that is away may have what is missing.
  @Test
  void whatFollowsOnWhatIsLostWaitsForAllMembers() {
    TestNode.write(before.spaces().system(), TestNode.set("a", "1"));
    TestNode.write(before.main(), TestNode.set("a", "1"));
    isSystemLost = true;
    members.add(other.fingerprint());
    var newcomer = TestNode.inMemory();
    members.add(newcomer.fingerprint());
    var rebuild = rebuild(Duration.ofMillis(100), _ -> true);
    node.join(other);
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return given.size() >= 6;
        });
    assertThat(over).isEmpty();
    node.join(newcomer);
    untilOver(rebuild);
    assertThat(over.getFirst().orElseThrow()).contains("follow on");
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
    members.add(other.fingerprint());
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
    assertThat(over).isEmpty();
    node.join(other);
    untilOver(rebuild);
    assertThat(over).containsExactly(Optional.empty());
  }

  /// Who wrote it is no member any more, or has lapsed: if it comes back, it brings it.
  @Test
  void whatOthersWroteAndNoMemberHasIsGivenUp() {
    before.join(other);
    TestNode.write(other.main(), TestNode.set("a", "1"));
    await().until(() -> TestNode.read(before.main(), "a").equals(TestNode.text("1")));
    var rebuild = rebuild(Duration.ofMillis(100), _ -> false);
    var newcomer = TestNode.inMemory();
    members.add(newcomer.fingerprint());
    node.join(newcomer);
    untilOver(rebuild);
    assertThat(over.getFirst().orElseThrow())
        .contains(other.main().status().self().toString(), "no other member has it");
    assertThat(rebuilding.isDone(node.main().id())).isTrue();
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
    aside = List.of(Path.of("damaged-1"), Path.of("damaged-2"));
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
    untilOver(rebuild);
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

  private void untilOver(SpaceRebuild rebuild) {
    await()
        .until(() -> {
          rebuild.told(node.main().status());
          return rebuild.objection().isEmpty() && !over.isEmpty();
        });
  }

  private SpaceRebuild rebuild(Duration patience, Predicate<SignedBatch> genuine) {
    var id = node.main().id();
    var setup =
        new SpaceRebuild.Setup(
            "main",
            id,
            new OfSystem(),
            before.fingerprint(),
            store.space(id).live(),
            genuine,
            () -> new TreeSet<>(members),
            () -> company,
            patience,
            over::add);
    var rebuild = new SpaceRebuild(setup, rebuilding);
    rebuild.begin(given::addAll);
    return rebuild;
  }

  private final class OfSystem implements SpaceRebuild.OfSystem {
    @Override
    public boolean isAnew() {
      return rebuilding.isDone(SYSTEM);
    }

    @Override
    public boolean isLost(VersionVector.Entry batch) {
      return isSystemLost;
    }
  }

  private final class Damaged implements Rebuilding, Remains {
    private final Set<SpaceId> done = new ConcurrentSkipListSet<>();

    @Override
    public String reason() {
      return "a test";
    }

    @Override
    public Instant since() {
      return Instant.EPOCH;
    }

    @Override
    public List<Path> setAside() {
      return aside;
    }

    @Override
    public List<Remains> remains() {
      return List.of(this);
    }

    @Override
    public boolean isDone(SpaceId space) {
      return done.contains(space);
    }

    @Override
    public void done(SpaceId space) {
      done.add(space);
    }

    @Override
    public void over() {}

    @Override
    public Set<SpaceId> spaces() {
      return new TreeSet<>();
    }

    @Override
    public Optional<StatePort> space(SpaceId id) {
      return Optional.of(damaged.space(id).live());
    }

    @Override
    public void close() {}
  }
}
