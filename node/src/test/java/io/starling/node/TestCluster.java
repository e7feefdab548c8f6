package io.starling.node;

import io.starling.node.config.NodeConfig;
import io.starling.node.identity.ClusterInit;
import io.starling.node.identity.Invitation;
import io.starling.node.identity.JoinRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/// Directories of nodes that have joined one cluster, below one directory.
final class TestCluster {

  private final Path directory;

  TestCluster(Path directory) throws Exception {
    this.directory = directory;
    ClusterInit.create(authority(), "test");
  }

  Path authority() {
    return directory.resolve("authority");
  }

  /// Makes the directory of a node that has joined, with a configuration on free ports.
  ///
  /// @param peers whom it dials, HOST:PORT
  Path join(String name, List<String> peers) throws Exception {
    var node = directory.resolve(name);
    var identity = node.resolve("identity");
    var request = JoinRequest.create(identity, name, "here", List.of("localhost", "127.0.0.1"));
    var invitation = directory.resolve(name + ".invitation");
    Invitation.issue(authority(), request, List.of()).writeTo(invitation);
    Invitation.accept(identity, invitation);
    dial(node, peers);
    return node;
  }

  /// Writes the configuration of a node, which is not running, with other peers.
  static void dial(Path node, List<String> peers) throws IOException {
    Files.writeString(
        node.resolve(NodeConfig.FILE),
        """
        listen: {http: 0, grpc: 0, peer: 0}
        limits: {cacheMegabytes: 8, freeMegabytes: 16}
        peers: [%s]
        """
            .formatted(String.join(", ", peers)));
  }

  static Node start(Path node) throws Exception {
    return Node.start(config(node));
  }

  static NodeConfig config(Path node) throws Exception {
    return NodeConfig.read(node.resolve(NodeConfig.FILE), Map.of());
  }

  /// Copies a directory with all that is in it to a place where nothing is.
  static void copy(Path from, Path to) throws IOException {
    try (var files = Files.walk(from)) {
      for (var file : files.toList()) {
        Files.copy(
            file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }
}
