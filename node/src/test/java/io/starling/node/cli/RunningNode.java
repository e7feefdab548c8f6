package io.starling.node.cli;

import io.starling.node.Node;
import io.starling.node.config.NodeConfig;
import io.starling.node.local.FreePorts;
import io.starling.node.local.LocalCluster;
import io.starling.node.local.LocalNode;
import io.starling.node.local.Preparation;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// A local cluster of two nodes, of which the first runs, in this process.
public final class RunningNode implements AutoCloseable {

  private final LocalCluster cluster;
  private final Node node;

  public RunningNode(Path data) throws Exception {
    this(data, Map.of());
  }

  /// @param environment says something else than its configuration
  public RunningNode(Path data, Map<String, String> environment) throws Exception {
    cluster = Preparation.prepare(data, Optional.of(2), Optional.of(FreePorts.block()));
    node = Node.start(NodeConfig.read(first().config(), environment));
  }

  public LocalCluster cluster() {
    return cluster;
  }

  public LocalNode first() {
    return cluster.nodes().getFirst();
  }

  public LocalNode stopped() {
    return cluster.nodes().getLast();
  }

  public String data() {
    return cluster.directory().toString();
  }

  /// Keeps a context for it, with its certificate and token.
  public void keep(Shell shell, String name) throws Exception {
    shell
        .execute(
            "context",
            "set",
            name,
            "--node",
            "127.0.0.1:" + first().grpcPort(),
            "--ca",
            cluster.certificate().toString(),
            "--token-file",
            cluster.tokenFile().toString())
        .orFail();
  }

  @Override
  public void close() {
    node.close();
  }
}
