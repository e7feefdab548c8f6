package io.starling.node.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.value.Value;
import io.starling.node.hosting.HostParts;
import io.starling.node.hosting.HostedSpaces;
import io.starling.node.hosting.TestNode;
import io.starling.node.identity.NodeIdentity;
import io.starling.node.identity.PeerAddress;
import io.starling.node.loop.QueueLimits;
import io.starling.node.space.Space;
import io.starling.node.space.Watch;
import io.starling.node.space.WatchEvent;
import io.starling.node.status.ActivityRing;
import io.starling.node.status.AlarmBook;
import io.starling.node.storage.MemoryStore;
import io.starling.node.storage.SpaceStore;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Table;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Engines and loops over the real transport: what is written on one node is read on the others.
final class ReplicationTest {

  @TempDir private Path root;

  /// A node with a store in memory.
  private static final class Node implements AutoCloseable {

    final MemoryStore store;
    final PeerTransport transport;
    final HostedSpaces spaces;

    Node(Flock.Bird bird, PeerAddress... peers) throws IOException {
      this(bird, new MemoryStore(), peers);
    }

    Node(Flock.Bird bird, MemoryStore store, PeerAddress... peers) throws IOException {
      this.store = store;
      NodeIdentity identity = bird.identity;
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
                  QueueLimits.DEFAULT,
                  new HostParts.Records(
                      new ActivityRing(), new AlarmBook(), InstantSource.system())));
      transport.start(spaces.inbox());
    }

    PeerAddress address() {
      return new PeerAddress("127.0.0.1", transport.listening().orElseThrow().getPort());
    }

    Space main() {
      return spaces.find("main").orElseThrow();
    }

    @Override
    public void close() throws InterruptedException {
      transport.close();
      spaces.close();
    }
  }

  @Test
  void threeNodesInARowConvergeThroughTheMiddleOne() throws Exception {
    try (var flock = new Flock(root, "flock");
        var middle = new Node(flock.join("middle"));
        var left = new Node(flock.join("left"), middle.address());
        var right = new Node(flock.join("right"), middle.address())) {
      var nodes = List.of(left, middle, right);
      int count = 60;
      for (int i = 0; i < count; i++) {
        var node = nodes.get(i % nodes.size());
        assertThat(TestNode.write(node.main(), TestNode.set("key" + i, "value" + i)))
            .isInstanceOf(Outcome.Committed.class);
      }
      await().until(() -> nodes.stream().map(node -> state(node.main())).distinct().count() == 1);
      for (int i = 0; i < count; i++) {
        var key = "key" + i;
        assertThat(nodes.stream().map(node -> TestNode.read(node.main(), key)).distinct())
            .containsExactly(new Value.Text("value" + i));
      }
      for (var node : nodes) {
        assertThat(node.transport.traffic()).allMatch(traffic -> traffic.losses().invalid() == 0);
      }
    }
  }

  @Test
  void whereNoLogReachesBackTheStateIsTakenOverAndWatchersReadAnew() throws Exception {
    try (var flock = new Flock(root, "flock");
        var old = new Node(flock.join("old"))) {
      var mutations = new ArrayList<Mutation>();
      for (int i = 0; i < 4_000; i++) {
        mutations.add(TestNode.set("key" + i, "value" + i));
      }
      var written = old.main().submit("someone", Optional.empty(), mutations);
      assertThat(written.toCompletableFuture().get(20, TimeUnit.SECONDS))
          .isInstanceOf(Outcome.Committed.class);
      loseLog(old.store.space(old.main().id()));
      try (var fresh = new Node(flock.join("fresh"), old.address())) {
        var told = new ConcurrentLinkedQueue<WatchEvent>();
        var _ = fresh.main().watch("", new Watch.From.Now(), new Listening(told));
        await().until(() -> state(fresh.main()).equals(state(old.main())));
        assertThat(TestNode.read(fresh.main(), "key3999")).isEqualTo(new Value.Text("value3999"));
        await()
            .until(() ->
                told.contains(new WatchEvent.Resync(WatchEvent.Cause.BEHIND_LOG))
                    && told.stream().filter(WatchEvent.Row.class::isInstance).count() >= 4_000);
        TestNode.write(fresh.main(), TestNode.set("after", "x"));
        await().until(() -> TestNode.read(old.main(), "after").equals(new Value.Text("x")));
      }
    }
  }

  /// Everything on the link counts, greetings, beacons and pulls too, in both directions.
  @Test
  void toMeetAgainCostsLittleMoreThanWhatIsMissing() throws Exception {
    try (var flock = new Flock(root, "flock");
        var here = new Node(flock.join("here"))) {
      var bird = flock.join("away");
      var store = new MemoryStore();
      try (var away = new Node(bird, store, here.address())) {
        TestNode.write(here.main(), TestNode.set("begin", "x"));
        await().until(() -> state(away.main()).equals(state(here.main())));
      }
      long before = logBytes(here);
      for (int i = 0; i < 2_000; i++) {
        TestNode.write(here.main(), TestNode.set("key" + i, "v".repeat(500)));
      }
      long missing = logBytes(here) - before;
      try (var away = new Node(bird, store, here.address())) {
        await().until(() -> state(away.main()).equals(state(here.main())));
        var traffic = away.transport.traffic().getFirst();
        long bytes =
            Stream.of(traffic.in(), traffic.out())
                .flatMap(flows -> flows.values().stream())
                .mapToLong(PeerTraffic.Flow::bytes)
                .sum();
        assertThat(missing).isGreaterThan(1_000_000);
        assertThat(bytes).isGreaterThan(missing).isLessThan(missing * 102 / 100 + 2_048);
      }
    }
  }

  /// Of bodies and signatures.
  private static long logBytes(Node node) {
    long[] bytes = {0};
    node.store
        .space(node.main().id())
        .live()
        .scan(
            Table.LOG,
            new byte[0],
            new byte[0],
            (_, entry) -> (bytes[0] += entry.length - ChainHash.BYTES) >= 0);
    return bytes[0];
  }

  private record Listening(Collection<WatchEvent> told) implements Watch.Listener {
    @Override
    public void tell(WatchEvent event) {
      told.add(event);
    }

    @Override
    public void ended(Watch.End end) {}
  }

  private static void loseLog(SpaceStore space) {
    var gone = new ArrayList<Changes.Write>();
    space
        .live()
        .scan(
            Table.LOG,
            new byte[0],
            new byte[0],
            (key, _) -> gone.add(new Changes.Write(Table.LOG, key.clone(), Optional.empty())));
    space.persist(new Changes(gone));
  }

  /// What two nodes must agree on: all the writes, and the digest.
  private static String state(Space space) {
    var status = space.status();
    return status.active() + " " + status.digest() + " " + status.cells();
  }
}
