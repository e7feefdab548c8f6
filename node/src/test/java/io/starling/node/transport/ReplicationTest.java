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
import io.starling.node.status.ActivityRing;
import io.starling.node.status.AlarmBook;
import io.starling.node.storage.MemoryStore;
import io.starling.replica.limits.Limits;
import io.starling.replica.request.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Engines and loops over the real transport: what is written on one node is read on the others.
final class ReplicationTest {

  @TempDir private Path root;

  /// A node with a store in memory.
  private static final class Node implements AutoCloseable {

    final PeerTransport transport;
    final HostedSpaces spaces;

    Node(Flock.Bird bird, PeerAddress... peers) throws IOException {
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
                      identity.cluster(), identity.fingerprint(), identity.key()),
                  new MemoryStore(),
                  transport,
                  Limits.DEFAULT,
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

  /// What two nodes must agree on: all the writes, and the digest.
  private static String state(Space space) {
    var status = space.status();
    return status.active() + " " + status.digest() + " " + status.cells();
  }
}
