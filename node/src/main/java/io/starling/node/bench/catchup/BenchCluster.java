package io.starling.node.bench.catchup;

import io.starling.node.identity.ClusterInit;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.Invitation;
import io.starling.node.identity.JoinRequest;
import io.starling.node.identity.NodeIdentity;
import io.starling.node.identity.PeerAddress;
import io.starling.node.identity.Roster;
import io.starling.node.status.AlarmBook;
import io.starling.node.transport.PeerTransport;
import io.starling.node.transport.TransportLimits;
import io.starling.replica.Effect;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/// The authority of a cluster below a directory, and the keys that it certifies.
final class BenchCluster {

  private final Path directory;

  BenchCluster(Path directory) throws IOException, IdentityException {
    this.directory = directory;
    ClusterInit.create(directory.resolve("authority"), "bench");
  }

  /// A member's keys and what it knows of others'.
  record Keys(NodeIdentity identity, Roster roster) {

    /// A way to peers, which begins with `start`.
    PeerTransport transport(List<PeerAddress> peers, AlarmBook alarms) {
      var clock = InstantSource.system();
      return new PeerTransport(
          new PeerTransport.Setup(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              peers,
              identity,
              roster,
              (space, kind, message) ->
                  alarms.raise(space.toString(), new Effect.Alarm(kind, message), clock.instant()),
              TransportLimits.DEFAULT,
              clock));
    }
  }

  Keys member(String name) throws IOException, IdentityException {
    var home = directory.resolve(name);
    var invitation = directory.resolve(name + "-invitation.pem");
    var request = JoinRequest.create(home, name, "bench", List.of());
    Invitation.issue(directory.resolve("authority"), request, List.of()).writeTo(invitation);
    var identity = Invitation.accept(home, invitation);
    return new Keys(identity, Roster.open(home, identity));
  }

  /// Where a transport that has started is reached.
  static PeerAddress address(PeerTransport transport) {
    var listening = transport.listening().orElseThrow();
    return new PeerAddress(listening.getAddress().getHostAddress(), listening.getPort());
  }
}
