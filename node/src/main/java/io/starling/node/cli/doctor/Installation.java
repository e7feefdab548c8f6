package io.starling.node.cli.doctor;

import io.starling.node.cli.context.Target;
import io.starling.node.config.NodeConfig;
import io.starling.node.identity.PeerAddress;
import java.nio.file.Path;
import java.util.List;

/// A node on this machine, running or not.
///
/// @param file its `node.yaml`
/// @param target where its clients are served
record Installation(String name, Path file, NodeConfig config, Target target) {

  /// The addresses that it listens on, with what for.
  List<Port> ports() {
    var listen = config.listen();
    return List.of(
        new Port("HTTP", listen.http()),
        new Port("gRPC", listen.grpc()),
        new Port("peers", listen.peer()));
  }

  /// @param use what is served there
  record Port(String use, java.net.InetSocketAddress address) {}

  /// Whom it dials.
  List<PeerAddress> peers(List<PeerAddress> invited) {
    return config.peers().isEmpty() ? invited : config.peers();
  }
}
