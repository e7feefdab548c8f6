package io.starling.node.cli;

import io.starling.node.client.ClientException;
import io.starling.node.client.Endpoint;
import io.starling.node.client.NodeClient;
import io.starling.node.local.LocalCluster;
import io.starling.node.local.LocalNode;
import io.starling.proto.v1.NodeState;
import io.starling.proto.v1.StatusResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Optional;

/// What the nodes of a local cluster say of themselves.
final class LocalStatus {

  /// How long to wait before a node that is starting is asked again.
  static final Duration PAUSE = Duration.ofMillis(100);

  private static final int CONNECT_MILLIS = 1_000;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private LocalStatus() {}

  private static NodeClient connect(LocalCluster cluster, LocalNode node) throws IOException {
    var token = Files.readString(cluster.tokenFile()).strip();
    return NodeClient.open(
        new Endpoint(LocalNode.HOST, node.grpcPort(), Optional.of(cluster.certificate()), token));
  }

  /// Whether anything listens where the node's clients are served. Costs next to nothing.
  private static boolean isListening(LocalNode node) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(LocalNode.HOST, node.grpcPort()), CONNECT_MILLIS);
      return true;
    } catch (IOException notYet) {
      return false;
    }
  }

  /// What a node says; empty if it does not answer.
  static Optional<StatusResponse> ask(LocalCluster cluster, LocalNode node) throws IOException {
    if (!Files.exists(cluster.tokenFile()) || !isListening(node)) {
      return Optional.empty();
    }
    try (var client = connect(cluster, node)) {
      return Optional.of(client.status(PATIENCE));
    } catch (ClientException silent) {
      return Optional.empty();
    }
  }

  static boolean isReady(LocalCluster cluster, LocalNode node) throws IOException {
    return ask(cluster, node)
        .filter(status -> status.getState() == NodeState.NODE_STATE_READY)
        .isPresent();
  }

  /// A link that signs a browser in, once.
  static String signInLink(LocalCluster cluster, LocalNode node)
      throws IOException, ClientException {
    try (var client = connect(cluster, node)) {
      return node.dashboard() + "sign-in?code=" + client.signInCode();
    }
  }
}
