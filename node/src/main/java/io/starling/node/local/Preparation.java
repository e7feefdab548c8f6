package io.starling.node.local;

import io.starling.node.access.TokenFile;
import io.starling.node.identity.ClusterInit;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.Invitation;
import io.starling.node.identity.JoinRequest;
import io.starling.node.identity.PeerAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Makes what a local cluster is missing: its authority, its nodes' identities and configurations.
///
/// Each step leaves alone what is there, so a preparation that was broken off is gone on with by
/// doing it again.
public final class Preparation {

  private static final String SITE = "local";

  private Preparation() {}

  /// Makes a cluster in a directory, or adds nodes to the one that is there.
  ///
  /// @param count of nodes; empty for as many as there are, three at first
  /// @param firstPort above which ports begin; empty to leave that as it is
  public static LocalCluster prepare(
      Path directory, Optional<Integer> count, Optional<Integer> firstPort)
      throws IOException, IdentityException, LocalException {
    var known = LocalCluster.find(directory);
    var cluster =
        known.isPresent()
            ? grown(known.get(), count, firstPort)
            : fresh(directory, count, firstPort);
    // Ports stand in what is written below: better none than a cluster that can never start.
    for (var node :
        cluster.nodes().subList(known.map(LocalCluster::count).orElse(0), cluster.count())) {
      new LocalProcess(node).requireFreePorts();
    }
    if (!Files.exists(cluster.certificate())) {
      ClusterInit.create(cluster.authority(), "local");
    }
    for (var node : cluster.nodes()) {
      admit(cluster, node);
      configure(node);
    }
    TokenFile.create(cluster.nodes().getFirst().directory());
    cluster.save();
    return cluster;
  }

  private static LocalCluster fresh(
      Path directory, Optional<Integer> count, Optional<Integer> firstPort)
      throws IOException, LocalException {
    if (Files.isDirectory(directory)) {
      try (var entries = Files.list(directory)) {
        if (entries.anyMatch(entry -> !entry.endsWith("authority") && !isNode(entry))) {
          throw new LocalException(
              directory + " holds something else than a cluster; choose another with --data");
        }
      }
    }
    int port = firstPort.orElse(LocalCluster.PORT);
    return new LocalCluster(directory, port, count.orElse(LocalCluster.NODES));
  }

  private static boolean isNode(Path entry) {
    return entry.getFileName().toString().startsWith("node-");
  }

  private static LocalCluster grown(
      LocalCluster known, Optional<Integer> count, Optional<Integer> firstPort)
      throws LocalException {
    int nodes = count.orElse(known.count());
    if (nodes < known.count()) {
      throw new LocalException(
          "the cluster in "
              + known.directory()
              + " has "
              + known.count()
              + " nodes; a smaller number needs another directory, with --data");
    }
    if (firstPort.isPresent() && firstPort.get() != known.firstPort()) {
      throw new LocalException(
          "the cluster in "
              + known.directory()
              + " uses the ports above "
              + known.firstPort()
              + ", which its nodes' configurations say");
    }
    return new LocalCluster(known.directory(), known.firstPort(), nodes);
  }

  private static void admit(LocalCluster cluster, LocalNode node)
      throws IOException, IdentityException {
    if (Files.exists(node.identity().resolve("invitation.pem"))) {
      return;
    }
    var names = List.of(LocalNode.HOST, "localhost");
    var request = JoinRequest.create(node.identity(), node.name(), SITE, names);
    var peers =
        cluster.nodes().stream()
            .filter(peer -> !peer.equals(node))
            .map(peer -> new PeerAddress(LocalNode.HOST, peer.peerPort()))
            .toList();
    var invitation = node.directory().resolve("invitation.pem");
    Invitation.issue(cluster.authority(), request, peers).writeTo(invitation);
    Invitation.accept(node.identity(), invitation);
    Files.delete(invitation);
  }

  private static void configure(LocalNode node) throws IOException {
    if (Files.exists(node.config())) {
      return;
    }
    var text =
        List.of(
            "# Written by 'starling up', which leaves it alone from now on. Peers are those of the",
            "# invitation, in identity/.",
            "name: " + node.name(),
            "listen:",
            "  http: " + node.httpPort(),
            "  grpc: " + node.grpcPort(),
            "  peer: " + node.peerPort());
    Files.write(node.config(), text);
  }
}
