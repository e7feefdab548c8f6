package io.starling.node.local;

import java.net.InetAddress;
import java.nio.file.Path;

/// One node of a local cluster.
///
/// @param number 1 or more
/// @param directory that holds all that is the node's
/// @param firstPort its HTTP port; those that follow are gRPC, peers and Hazelcast
public record LocalNode(int number, Path directory, int firstPort) {

  /// Where all local nodes listen.
  public static final String HOST = InetAddress.getLoopbackAddress().getHostAddress();

  /// What people call it.
  public String name() {
    return "node-" + number;
  }

  public int httpPort() {
    return firstPort;
  }

  public int grpcPort() {
    return firstPort + 1;
  }

  public int peerPort() {
    return firstPort + 2;
  }

  /// Where Hazelcast listens, if the node is started with it.
  public int hazelcastPort() {
    return firstPort + 3;
  }

  /// Where the dashboard is.
  public String dashboard() {
    return "http://" + HOST + ":" + httpPort() + "/";
  }

  /// The keys and certificates.
  public Path identity() {
    return directory.resolve("identity");
  }

  /// The configuration that its process is started with.
  public Path config() {
    return directory.resolve("node.yaml");
  }

  /// The database.
  public Path store() {
    return directory.resolve("store");
  }

  /// What its process prints.
  public Path log() {
    return directory.resolve("node.log");
  }

  /// Says which process it runs as.
  public PidFile pidFile() {
    return new PidFile(directory.resolve("node.pid"));
  }
}
