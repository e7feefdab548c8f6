package io.starling.node;

import io.starling.node.config.HazelcastConfig;
import io.starling.node.config.NodeConfig;
import io.starling.node.discovery.Advertisement;
import io.starling.node.discovery.Discovery;
import io.starling.node.discovery.HintBook;
import io.starling.node.discovery.hazelcast.HazelcastDiscovery;
import io.starling.node.identity.NodeIdentity;
import io.starling.node.identity.PeerAddress;
import io.starling.node.peer.PeerHints;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/// Puts discovery together, where it is asked for.
final class DiscoveryStart {

  private DiscoveryStart() {}

  /// @param peer where this node listens for peers
  static Discovery begin(
      NodeConfig config, NodeIdentity identity, InetSocketAddress peer, PeerHints hints) {
    if (config.hazelcast().isEmpty()) {
      return Discovery.off();
    }
    var wanted = config.hazelcast().get();
    var site = config.site().orElse(identity.certificate().site());
    var own = new Advertisement(address(config, wanted, peer), identity.fingerprint(), site);
    return HazelcastDiscovery.start(wanted, identity.cluster(), own, new HintBook(hints, own));
  }

  /// The first of what the node is reached by that is no host name; else where it listens; and
  /// where that is any address, the one of Hazelcast.
  private static PeerAddress address(
      NodeConfig config, HazelcastConfig wanted, InetSocketAddress peer) {
    var told =
        config.addresses().stream()
            .filter(it -> literal(it.host()).filter(ip -> !ip.isAnyLocalAddress()).isPresent())
            .findFirst();
    var host = peer.getAddress().isAnyLocalAddress() ? wanted.listen() : peer;
    return told.orElseGet(
        () -> new PeerAddress(host.getAddress().getHostAddress(), peer.getPort()));
  }

  private static Optional<InetAddress> literal(String host) {
    try {
      return Optional.of(InetAddress.ofLiteral(host));
    } catch (IllegalArgumentException name) {
      return Optional.empty();
    }
  }
}
