package io.starling.client.link;

import io.grpc.ChannelCredentials;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// The nodes in the order in which they are tried, and the one that answered last, with which all
/// go on until it fails.
public final class Nodes implements AutoCloseable {

  /// Addresses, at most.
  public static final int NODES_MAX = 64;

  /// Calls at once; a further one waits. What a node lets one connection have.
  public static final int CALLS_MAX = 32;

  /// Watches at once; a further one is refused.
  public static final int WATCHES_MAX = 32;

  private final List<Node> nodes;
  private final Semaphore calls = new Semaphore(CALLS_MAX, true);
  private final Semaphore watches = new Semaphore(WATCHES_MAX);
  private volatile int current;
  private volatile boolean isClosed;

  public Nodes(List<Address> addresses, ChannelCredentials credentials, Supplier<String> token) {
    if (addresses.isEmpty() || addresses.size() > NODES_MAX) {
      throw new IllegalArgumentException("name 1 to " + NODES_MAX + " nodes, each as host:port");
    }
    var bearer = new Bearer(token);
    this.nodes = addresses.stream().map(at -> new Node(at, credentials, bearer)).toList();
  }

  public List<Node> all() {
    return nodes;
  }

  /// The nodes, beginning with the one that answered last.
  public List<Node> fromCurrent() {
    var order = new java.util.ArrayList<>(nodes.subList(current, nodes.size()));
    order.addAll(nodes.subList(0, current));
    return List.copyOf(order);
  }

  /// Remembers who answered.
  public void prefer(Node node) {
    current = nodes.indexOf(node);
  }

  boolean enterCall(Deadline deadline) throws InterruptedException {
    return calls.tryAcquire(deadline.left().toNanos(), TimeUnit.NANOSECONDS);
  }

  void leaveCall() {
    calls.release();
  }

  /// Takes a place for a watch, if there is one.
  public boolean enterWatch() {
    return watches.tryAcquire();
  }

  public void leaveWatch() {
    watches.release();
  }

  public boolean isClosed() {
    return isClosed;
  }

  @Override
  public void close() {
    isClosed = true;
    nodes.forEach(Node::close);
  }
}
