package io.starling.node.cli.survey;

import io.starling.node.cli.context.Target;
import io.starling.node.client.ClientException;
import io.starling.node.client.NodeClient;
import io.starling.node.local.LocalProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/// Connections to all nodes of a cluster, which are asked at once, and again when that is wanted.
public final class Survey implements AutoCloseable {

  private static final int CONNECT_MILLIS = 2_000;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final List<Target> targets;
  private final TreeMap<String, NodeClient> clients = new TreeMap<>();

  public Survey(List<Target> targets) {
    this.targets = List.copyOf(targets);
  }

  /// What a node says, once.
  public static NodeReport of(Target target) throws IOException, InterruptedException {
    try (var survey = new Survey(List.of(target))) {
      return survey.ask().getFirst();
    }
  }

  /// What each node says now, in their order.
  public List<NodeReport> ask() throws IOException, InterruptedException {
    var reports = new ArrayList<NodeReport>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var asked = targets.stream().map(target -> threads.submit(() -> ask(target))).toList();
      for (var answer : asked) {
        reports.add(answer.get());
      }
      return reports;
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof IOException unreadable
          ? unreadable
          : new IOException(failed.getCause());
    }
  }

  private NodeReport ask(Target target) throws IOException {
    Optional<ProcessHandle> process = Optional.empty();
    if (target.local().isPresent()) {
      process = new LocalProcess(target.local().get()).running();
    }
    if (!isListening(target)) {
      return new NodeReport(
          target, process, Optional.empty(), "nothing listens at " + target.endpoint(), false);
    }
    try {
      var answer = client(target).status(PATIENCE);
      return new NodeReport(target, process, Optional.of(answer), "", false);
    } catch (ClientException failed) {
      var why = String.valueOf(failed.getMessage());
      return new NodeReport(target, process, Optional.empty(), why, !failed.isUnreachable());
    }
  }

  // A node that is down is told at once, without a connection that tries again for a while.
  private static boolean isListening(Target target) {
    try (var socket = new Socket()) {
      var endpoint = target.endpoint();
      socket.connect(new InetSocketAddress(endpoint.host(), endpoint.port()), CONNECT_MILLIS);
      return true;
    } catch (IOException gone) {
      return false;
    }
  }

  private NodeClient client(Target target) throws IOException {
    synchronized (clients) {
      var key = target.endpoint().toString();
      var known = Optional.ofNullable(clients.get(key));
      if (known.isPresent()) {
        return known.get();
      }
      var fresh = NodeClient.open(target.endpoint());
      clients.put(key, fresh);
      return fresh;
    }
  }

  @Override
  public void close() {
    synchronized (clients) {
      clients.values().forEach(NodeClient::close);
    }
  }
}
