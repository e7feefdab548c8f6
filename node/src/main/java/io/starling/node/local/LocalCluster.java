package io.starling.node.local;

import io.starling.node.access.TokenFile;
import io.starling.node.config.Setting;
import io.starling.node.identity.DepartureNote;
import io.starling.node.identity.IdentityFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The nodes of a cluster on this machine, all below one directory.
///
/// `cluster.properties` says how many there are and on which ports; `authority/` holds the
/// cluster's authority, `node-1/` and so on the nodes.
///
/// @param firstPort node *i* listens from ten times *i* above it
public record LocalCluster(Path directory, int firstPort, int count) {

  /// How many nodes a cluster has unless a number is chosen.
  public static final int NODES = 3;

  /// Most nodes on one machine.
  public static final int NODES_MAX = 9;

  /// Above this the ports of node *i* begin, unless one is chosen.
  public static final int PORT = 7_400;

  /// Highest port to begin above, so that the most nodes fit.
  public static final int PORT_MAX = 65_435;

  private static final int PORTS_PER_NODE = 10;
  private static final String COUNT = "nodes";
  private static final String FIRST_PORT = "port";

  public LocalCluster {
    if (count < 1 || count > NODES_MAX) {
      throw new IllegalArgumentException("a local cluster has 1 to " + NODES_MAX + " nodes");
    }
    int last = firstPort + PORTS_PER_NODE * (count + 1);
    if (firstPort < 1 || last >= 1 << Character.SIZE) {
      throw new IllegalArgumentException("no room for the ports above " + firstPort);
    }
  }

  private static Path file(Path directory) {
    return directory.resolve("cluster.properties");
  }

  /// The cluster in a directory, if one was made there.
  public static Optional<LocalCluster> find(Path directory) throws IOException, LocalException {
    var file = file(directory);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    var properties = new Properties();
    try (var in = Files.newBufferedReader(file)) {
      properties.load(in);
      int port = Integer.parseInt(properties.getProperty(FIRST_PORT, ""));
      int count = Integer.parseInt(properties.getProperty(COUNT, ""));
      return Optional.of(new LocalCluster(directory, port, count));
    } catch (IllegalArgumentException broken) {
      throw new LocalException(
          file + " is damaged: it needs the lines 'nodes=3' and 'port=" + PORT + "'", broken);
    }
  }

  /// Writes down what the cluster consists of.
  public void save() throws IOException {
    var text = "# Written by 'starling up'.\n" + COUNT + "=" + count + "\n";
    Files.createDirectories(directory);
    Files.writeString(file(directory), text + FIRST_PORT + "=" + firstPort + "\n");
  }

  /// All nodes, in order.
  public List<LocalNode> nodes() {
    return IntStream.rangeClosed(1, count).mapToObj(this::node).toList();
  }

  /// The nodes that have not left the cluster for good.
  public List<LocalNode> staying() throws IOException {
    var staying = new ArrayList<LocalNode>();
    for (var node : nodes()) {
      if (!DepartureNote.isOver(node.identity())) {
        staying.add(node);
      }
    }
    return staying;
  }

  private LocalNode node(int number) {
    int port = firstPort + PORTS_PER_NODE * number;
    return new LocalNode(number, directory.resolve("node-" + number), port);
  }

  /// The settings with which its nodes also find each other by Hazelcast, as the environment of a
  /// node's process.
  public Map<String, String> hazelcast(LocalNode node) {
    var members =
        nodes().stream()
            .map(it -> LocalNode.HOST + ":" + it.hazelcastPort())
            .collect(Collectors.joining(","));
    return Map.of(
        Setting.HAZELCAST_MODE.variable(),
        "tcp-ip",
        Setting.HAZELCAST_LISTEN.variable(),
        LocalNode.HOST + ":" + node.hazelcastPort(),
        Setting.HAZELCAST_MEMBERS.variable(),
        members);
  }

  /// A node by its number or name.
  public LocalNode find(String numberOrName) throws LocalException {
    for (var node : nodes()) {
      if (numberOrName.equals(node.name())
          || numberOrName.equals(Integer.toString(node.number()))) {
        return node;
      }
    }
    throw new LocalException("no node '" + numberOrName + "'; there are node-1 to node-" + count);
  }

  /// Where the authority's key and certificate are.
  public Path authority() {
    return directory.resolve("authority");
  }

  /// The authority's certificate: what clients trust.
  public Path certificate() {
    return IdentityFiles.authority(authority());
  }

  /// The file with the bearer token of the first administrator, in the node that the cluster began
  /// with.
  public Path tokenFile() {
    return nodes().getFirst().directory().resolve(TokenFile.NAME);
  }
}
