package io.starling.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.node.hosting.HostParts;
import io.starling.node.hosting.HostedSpaces;
import io.starling.node.hosting.TestNode;
import io.starling.node.identity.PeerAddress;
import io.starling.node.loop.QueueLimits;
import io.starling.node.member.Member;
import io.starling.node.space.Level;
import io.starling.node.space.Space;
import io.starling.node.status.ActivityRing;
import io.starling.node.status.AlarmBook;
import io.starling.node.storage.GatedStore;
import io.starling.node.storage.rocksdb.RocksStore;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.request.Outcome;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two nodes over real stores and a real network: a space that stands still on one of them, with
/// all that waits for it, is no matter of another space.
final class SpaceIsolationTest {

  private static final QueueLimits NARROW = new QueueLimits(64, 16 << 20, 16, 1 << 20, 1 << 20);
  private static final String LONG = "x".repeat(50_000);

  @TempDir private Path root;

  private static final class Node implements AutoCloseable {

    final GatedStore store;
    final PeerTransport transport;
    final HostedSpaces spaces;
    final Flock.Bird bird;

    Node(Flock.Bird bird, Path directory, PeerAddress... peers) throws Exception {
      this.bird = bird;
      var identity = bird.identity;
      var options = new RocksStore.Options(1 << 20, 0);
      store =
          new GatedStore(
              RocksStore.open(directory, identity.cluster(), identity.fingerprint(), options));
      transport =
          new PeerTransport(
              new PeerTransport.Setup(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                  List.of(peers),
                  identity,
                  bird.roster,
                  (space, kind, message) -> bird.alarms.add(message),
                  Flock.QUICK,
                  InstantSource.system()));
      spaces =
          new HostedSpaces(
              new HostParts(
                  new HostParts.Identity(
                      identity.cluster(), identity.fingerprint(), identity.key(), _ -> true),
                  store,
                  transport,
                  Limits.DEFAULT,
                  Proof.NEEDED,
                  NARROW,
                  new HostParts.Records(
                      new ActivityRing(), new AlarmBook(), InstantSource.system())));
      transport.start(spaces.inbox());
      var self = new Member(identity.fingerprint(), directory.toString(), "", "", List.of());
      spaces.describe(self, List.of()).toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    PeerAddress address() {
      return new PeerAddress("127.0.0.1", transport.listening().orElseThrow().getPort());
    }

    Space space(String name) {
      return spaces.find(name).orElseThrow();
    }

    PeerTraffic.Losses losses() {
      return transport.traffic().getFirst().losses();
    }

    @Override
    public void close() throws InterruptedException {
      store.open();
      transport.close();
      spaces.close();
      store.close();
    }
  }

  @Test
  void aSpaceThatStandsStillHoldsUpNoOtherOnTheSameStream() throws Exception {
    try (var flock = new Flock(root, "flock");
        var here = new Node(flock.join("here"), root.resolve("a"));
        var there = new Node(flock.join("there"), root.resolve("b"), here.address())) {
      for (var name : List.of("stuck", "free")) {
        here.spaces.create("someone", name).toCompletableFuture().get(20, TimeUnit.SECONDS);
        await().until(() -> there.spaces.find(name).isPresent());
      }
      await().until(() -> here.spaces.members().all().size() == 2);

      there.store.shut(there.space("stuck").id());
      write(here.space("stuck"), "first");
      there.store.awaitMet();
      // More than its queue there takes.
      for (int i = 0; i < 60; i++) {
        write(here.space("stuck"), "k" + i);
      }
      await().until(() -> there.losses().notTaken() > 0);
      for (int i = 0; i < 20; i++) {
        acknowledged(here.space("free"), "k" + i);
      }
      // Clients of the node that has the trouble write to the other space, too.
      for (int i = 0; i < 20; i++) {
        acknowledged(there.space("free"), "own" + i);
      }
      assertThat(state(there.space("stuck"))).isNotEqualTo(state(here.space("stuck")));

      there.store.open();
      await().until(() -> state(there.space("stuck")).equals(state(here.space("stuck"))));
      assertThat(there.losses().invalid()).isZero();
      assertThat(here.bird.alarms).isEmpty();
      assertThat(there.bird.alarms).isEmpty();
    }
  }

  @Test
  void aSpaceThatStandsStillIsDroppedWithoutHoldingUpAnything() throws Exception {
    try (var flock = new Flock(root, "flock");
        var here = new Node(flock.join("here"), root.resolve("a"));
        var there = new Node(flock.join("there"), root.resolve("b"), here.address())) {
      here.spaces.create("someone", "stuck").toCompletableFuture().get(20, TimeUnit.SECONDS);
      await().until(() -> there.spaces.find("stuck").isPresent());
      var old = there.space("stuck").id();
      there.store.shut(old);
      write(here.space("stuck"), "first");
      there.store.awaitMet();

      here.spaces
          .drop("someone", "stuck", Optional.empty())
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS);
      here.spaces.create("someone", "stuck").toCompletableFuture().get(20, TimeUnit.SECONDS);
      await()
          .until(() -> there.spaces.find("stuck").filter(it -> it.generation() == 1).isPresent());
      acknowledged(here.space("stuck"), "second");
      assertThat(there.store.spaces()).contains(old);
      there.store.open();
      await().until(() -> !there.store.spaces().contains(old));
    }
  }

  private static void write(Space space, String key) {
    assertThat(TestNode.write(space, TestNode.set(key, LONG)))
        .isInstanceOf(Outcome.Committed.class);
  }

  private static void acknowledged(Space space, String key) throws Exception {
    var outcome = (Outcome.Committed) TestNode.write(space, TestNode.set(key, "x"));
    var durability =
        space
            .acknowledge(outcome.token(), new Level.All(), Duration.ofSeconds(20))
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
    assertThat(durability.isReached()).as(key).isTrue();
  }

  private static String state(Space space) {
    var status = space.status();
    return status.active() + " " + status.digest();
  }
}
