package io.starling.node.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.NodeKey;
import io.starling.node.loop.QueueLimits;
import io.starling.node.member.Member;
import io.starling.node.member.Members;
import io.starling.node.status.ActivityRing;
import io.starling.node.status.AlarmBook;
import io.starling.node.storage.MemoryStore;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Message;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// For whom a space waits whose store is to be made anew and of which nothing can be read any more,
/// by what `_system` says of its hosts.
final class SpaceOpenerTest {

  private static final int LOOKS = 10;

  private final NodeKey key = NodeKey.generate();
  private final MemoryStore memory = new MemoryStore();
  // It was set aside and cannot be opened any more.
  private final TestDamage rebuilding = new TestDamage(new MemoryStore());
  private final SortedMap<SpaceId, Long> cellsAtTheEnd = new ConcurrentSkipListMap<>();
  private final SpaceGate gate = new SpaceGate();
  private final SpaceTable table = new SpaceTable(gate);
  private final TestNode other = TestNode.inMemory();
  private final Hosts hosts = new Hosts();
  private volatile boolean isLinked;

  @BeforeEach
  void begin() {
    rebuilding.opensIf(() -> false);
    rebuilding.whenDone(id -> cellsAtTheEnd.put(id, cells(id)));
  }

  private long cells(SpaceId id) {
    return table.all().stream()
        .filter(it -> it.id().equals(id))
        .mapToLong(it -> it.status().cells())
        .sum();
  }

  @AfterEach
  void stop() throws InterruptedException {
    for (var space : table.all()) {
      space.stop();
    }
    other.close();
  }

  @Test
  void aHostThatHasLapsedIsWaitedFor() {
    TestNode.write(other.main(), TestNode.set("a", "1"));
    hosts.others = List.of(member(other.fingerprint()));
    hosts.lapsed = new TreeSet<>(List.of(other.fingerprint()));
    var space = open(Duration.ZERO);
    await().until(() -> hosts.looks.get() >= LOOKS || rebuilding.isDone(space.id()));
    assertThat(rebuilding.isDone(space.id())).isFalse();
    link();
    await().until(() -> rebuilding.isDone(space.id()));
    assertThat(cellsAtTheEnd.get(space.id())).isEqualTo(1);
  }

  /// It is no host any more, and not heard at first.
  @Test
  void aHostThatWasJustTakenOffStillGivesWhatItHas() {
    TestNode.write(other.main(), TestNode.set("a", "1"));
    link();
    var space = open(Duration.ofSeconds(3));
    await().until(() -> rebuilding.isDone(space.id()));
    assertThat(cellsAtTheEnd.get(space.id())).isEqualTo(1);
  }

  @Test
  void whoHostsTheSpaceAloneWaitsForNobody() {
    var space = open(Duration.ZERO);
    await().until(() -> rebuilding.isDone(space.id()));
    assertThat(space.objection()).isEmpty();
  }

  private HostedSpace open(Duration patience) {
    var parts =
        new HostParts(
            new HostParts.Identity(TestNode.CLUSTER, key.fingerprint(), key, _ -> true),
            rebuilding.store(memory),
            (_, message) -> toOther(message),
            Limits.DEFAULT,
            Proof.NEEDED,
            QueueLimits.DEFAULT,
            new HostParts.Records(new ActivityRing(), new AlarmBook(), InstantSource.system()));
    var damaged =
        new DamagedStores(
            parts.store(), SpaceId.of(TestNode.CLUSTER, SpaceId.SYSTEM, 0), Duration.ofMillis(1));
    var ofSystem =
        new SpaceOpener.OfSystem(
            () -> true,
            () -> table.find(SpaceId.SYSTEM).orElseThrow().status(),
            () -> hosts,
            TreeMap::new);
    var opener = new SpaceOpener(parts, damaged, _ -> {}, gate, ofSystem, patience);
    rebuilding.done(opener.id(SpaceId.SYSTEM, 0));
    var system = open(opener, parts, SpaceId.SYSTEM, Optional.empty());
    return open(opener, parts, SpaceId.MAIN, Optional.of(system));
  }

  private HostedSpace open(
      SpaceOpener opener, HostParts parts, String name, Optional<HostedSpace> system) {
    var space =
        opener.open(
            name,
            0,
            system.map(it -> new AppliedSystem(it.loop(), memory.space(it.id()).live())),
            () -> hosts,
            parts.limits()::retention,
            parts.links(),
            List.of());
    table.add(space);
    return space;
  }

  private void toOther(Message message) {
    if (isLinked) {
      other.spaces().inbox().arrived(key.fingerprint(), List.of(message));
    }
  }

  private void link() {
    isLinked = true;
    other.links((_, message) -> table.arrived(other.fingerprint(), List.of(message)));
    table.peerUp(other.fingerprint());
    other.spaces().inbox().peerUp(key.fingerprint());
  }

  private static Member member(KeyFingerprint key) {
    return new Member(key, "other", "", "here", List.of("127.0.0.1:7"));
  }

  /// What `_system` says of the hosts; counts how often that is asked for the making anew.
  private final class Hosts implements Members {
    private final AtomicInteger looks = new AtomicInteger();
    private volatile List<Member> others = List.of();
    private volatile SortedSet<KeyFingerprint> lapsed = Collections.emptySortedSet();

    @Override
    public List<Member> all() {
      if (Thread.currentThread().getName().startsWith("rebuild-")) {
        looks.incrementAndGet();
      }
      return others.isEmpty()
          ? List.of(member(key.fingerprint()))
          : List.of(member(key.fingerprint()), others.getFirst());
    }

    @Override
    public SortedSet<KeyFingerprint> lapsed() {
      return lapsed;
    }
  }
}
