package io.starling.node.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.starling.node.cli.Shell;
import io.starling.node.client.Endpoint;
import io.starling.node.client.NodeClient;
import io.starling.node.identity.AuthorityCertificate;
import io.starling.node.identity.IdentityException;
import io.starling.node.local.FreePorts;
import io.starling.node.local.LocalCluster;
import io.starling.node.local.LocalException;
import io.starling.node.local.LocalNode;
import io.starling.node.local.LocalProcess;
import io.starling.node.local.Preparation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/// Three nodes, each a process, of which the third can be cut off from the others.
final class JobCluster implements AutoCloseable {

  private static final int CUT_OFF = 3;

  private final Path directory;
  private final LocalCluster cluster;
  private final List<PeerProxy> proxies = new ArrayList<>();

  JobCluster(Path directory) throws IOException, IdentityException, LocalException {
    this.directory = directory;
    var first = Optional.of(FreePorts.block());
    this.cluster = Preparation.prepare(directory, Optional.of(3), first);
    for (var node : cluster.nodes()) {
      var peers = new StringBuilder("peers:\n");
      for (var peer : cluster.nodes()) {
        if (!peer.equals(node)) {
          peers.append("  - ").append(LocalNode.HOST).append(':');
          peers.append(link(node, peer)).append('\n');
        }
      }
      Files.writeString(node.config(), peers, StandardOpenOption.APPEND);
    }
  }

  private int link(LocalNode from, LocalNode to) throws IOException {
    if (from.number() != CUT_OFF && to.number() != CUT_OFF) {
      return to.peerPort();
    }
    var proxy = new PeerProxy(to.peerPort());
    proxies.add(proxy);
    return proxy.port();
  }

  /// Starts whichever node is down, as an operator would.
  void up() {
    run("up", "--detach");
  }

  /// Runs a command, which must succeed.
  String run(String... words) {
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--data", directory.toString()));
    return Shell.run(all.toArray(String[]::new)).orFail();
  }

  void cutOffThird() {
    proxies.forEach(PeerProxy::cut);
  }

  void heal() {
    proxies.forEach(PeerProxy::heal);
  }

  /// Stops a node cleanly, as SIGTERM does.
  void stop(int number) throws IOException, InterruptedException {
    var process = new LocalProcess(cluster.nodes().get(number - 1));
    assertThat(process.stop(process.running().orElseThrow(), Duration.ofSeconds(30))).isTrue();
  }

  /// `kill -9`.
  void kill(int number) throws IOException, InterruptedException {
    var node = cluster.nodes().get(number - 1);
    var process = new LocalProcess(node).running().orElseThrow();
    process.destroyForcibly();
    Awaitility.await().until(() -> !process.isAlive());
  }

  /// A connection to a node.
  NodeClient client(int number) throws IOException {
    var node = cluster.nodes().get(number - 1);
    var authority = Optional.of(cluster.certificate());
    return NodeClient.open(new Endpoint(LocalNode.HOST, node.grpcPort(), authority, token()));
  }

  /// The authority's certificate.
  AuthorityCertificate authority() throws IOException, IdentityException {
    return AuthorityCertificate.read(cluster.certificate());
  }

  /// An administrator's bearer token.
  String token() throws IOException {
    return Files.readString(cluster.tokenFile()).strip();
  }

  /// The file with the authority's certificate.
  Path certificate() {
    return cluster.certificate();
  }

  /// Where a node's client gRPC is.
  String grpc(int number) {
    return LocalNode.HOST + ":" + cluster.nodes().get(number - 1).grpcPort();
  }

  /// Where a node's HTTP is.
  String http(int number) {
    return "http://" + LocalNode.HOST + ":" + cluster.nodes().get(number - 1).httpPort();
  }

  /// What `status --json` says of a space on each node: its version vector and digest.
  List<String> summaries(String space) throws IOException {
    var summaries = new ArrayList<String>();
    for (var node : new ObjectMapper().readTree(run("status", "--json")).get("nodes")) {
      for (JsonNode each : node.get("spaces")) {
        if (each.get("name").asText().equals(space)) {
          summaries.add(each.get("versionVector") + " " + each.get("digest"));
        }
      }
    }
    return summaries;
  }

  /// Waits until the three hold the same.
  void awaitAgreement(String space, Duration patience) {
    Awaitility.await("three equal digests of " + space)
        .atMost(patience)
        .pollInterval(200, TimeUnit.MILLISECONDS)
        .until(() -> {
          var summaries = summaries(space);
          return summaries.size() == 3 && new TreeSet<>(summaries).size() == 1;
        });
  }

  @Override
  public void close() throws IOException {
    run("down");
    for (var proxy : proxies) {
      proxy.close();
    }
  }
}
