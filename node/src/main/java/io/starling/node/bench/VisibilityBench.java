package io.starling.node.bench;

import io.starling.node.client.ClientException;
import io.starling.node.client.Endpoint;
import io.starling.node.client.NodeClient;
import io.starling.node.local.LocalCluster;
import io.starling.node.local.LocalNode;
import io.starling.proto.v1.ApplyRequest;
import io.starling.proto.v1.Mutation;
import io.starling.proto.v1.Path;
import io.starling.proto.v1.SetRegister;
import io.starling.proto.v1.Transaction;
import io.starling.proto.v1.Value;
import io.starling.proto.v1.WatchRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/// How soon a transaction that one node has acknowledged is seen by watchers on the others.
///
/// Transactions begin at fixed times, whatever became of those before, so that a node that stands
/// still for a moment is charged for all that had to wait. All clocks are this process's one.
public final class VisibilityBench {

  private static final String PREFIX = "visible/";
  private static final int WRITERS = 32;
  private static final int WARM_UP_SECONDS = 20;
  private static final int PATIENCE_SECONDS = 60;

  private final LocalCluster cluster;
  private final int rate;
  private final int measured;
  private final int count;
  private final int warmUp;
  private final AtomicLongArray due;
  private final AtomicLongArray acknowledged;
  private final AtomicReference<Exception> failure = new AtomicReference<>();

  /// @param cluster of two nodes or more, which run and do nothing else
  /// @param rate transactions per second, 1 to 100 000
  /// @param seconds how long it is measured, after a warm-up
  public VisibilityBench(LocalCluster cluster, int rate, int seconds) {
    this.cluster = cluster;
    this.rate = rate;
    this.warmUp = rate * WARM_UP_SECONDS;
    this.measured = rate * seconds;
    this.count = warmUp + measured;
    this.due = new AtomicLongArray(count);
    this.acknowledged = new AtomicLongArray(count);
  }

  /// What was measured.
  ///
  /// @param acknowledged from the time a transaction was due to its acknowledgement
  /// @param visible by node other than the writer's, from the acknowledgement on; 0 for one that a
  ///   watcher saw first
  public record Result(int rate, int transactions, Quantiles acknowledged, List<Seen> visible) {}

  /// What a watcher on a node saw.
  public record Seen(String node, Quantiles after) {}

  /// Someone who watches one node.
  private final class Watcher {
    private final LocalNode node;
    private final AtomicLongArray seen = new AtomicLongArray(count);
    private final CountDownLatch hasBegun = new CountDownLatch(1);
    private final CountDownLatch left = new CountDownLatch(count);

    private Watcher(LocalNode node) {
      this.node = node;
    }

    private void watch() {
      try (var client = client(node)) {
        client.watch(
            WatchRequest.newBuilder().setPrefix(PREFIX).setChangesOnly(true).build(),
            part -> {
              long now = System.nanoTime();
              hasBegun.countDown();
              for (var event : part.getEventsList()) {
                if (event.hasChange()) {
                  see(event.getChange().getKey(), now);
                }
              }
              return left.getCount() > 0;
            });
      } catch (IOException | ClientException lost) {
        failure.compareAndSet(null, lost);
      }
    }

    private void see(String key, long now) {
      int n = Integer.parseInt(key.substring(PREFIX.length()));
      if (n >= 0 && seen.compareAndSet(n, 0, now)) {
        left.countDown();
      }
    }

    private Quantiles quantiles() {
      var nanos = new long[measured];
      for (int i = 0; i < measured; i++) {
        int n = warmUp + i;
        nanos[i] = Math.max(0, seen.get(n) - acknowledged.get(n));
      }
      return Quantiles.of(nanos);
    }
  }

  /// Measures.
  public Result run() throws IOException, InterruptedException, ClientException {
    var writer = cluster.nodes().getFirst();
    var watchers = cluster.nodes().stream().skip(1).map(Watcher::new).toList();
    watchers.forEach(watcher -> Thread.ofVirtual().start(watcher::watch));
    try (var client = client(writer)) {
      begin(client, watchers);
      write(client);
    }
    for (var watcher : watchers) {
      if (!watcher.left.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(
            watcher.left.getCount() + " transactions were not seen on " + watcher.node.name());
      }
    }
    var seen = watchers.stream().map(it -> new Seen(it.node.name(), it.quantiles())).toList();
    return new Result(rate, measured, acknowledgements(), seen);
  }

  /// Writes until each watcher has seen something, and so sees all that follows.
  private void begin(NodeClient client, List<Watcher> watchers)
      throws ClientException, IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    for (int n = 1; !watchers.stream().allMatch(it -> it.hasBegun.getCount() == 0); n++) {
      rethrow();
      if (System.nanoTime() > end) {
        throw new IOException("the nodes do not hear of each other's writes");
      }
      client.apply(transaction(-n));
      watchers.getLast().hasBegun.await(50, TimeUnit.MILLISECONDS);
    }
  }

  private void write(NodeClient client) throws InterruptedException, IOException {
    long begin = System.nanoTime();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < WRITERS; i++) {
      int first = i;
      threads.add(Thread.ofVirtual().start(() -> writeEach(client, begin, first)));
    }
    for (var thread : threads) {
      thread.join();
    }
    rethrow();
  }

  private void writeEach(NodeClient client, long begin, int first) {
    try {
      for (int n = first; n < count && failure.get() == null; n += WRITERS) {
        long at = begin + n * 1_000_000_000L / rate;
        due.set(n, at);
        for (long rest = at - System.nanoTime(); rest > 0; rest = at - System.nanoTime()) {
          LockSupport.parkNanos(rest);
        }
        client.apply(transaction(n));
        acknowledged.set(n, System.nanoTime());
      }
    } catch (ClientException refused) {
      failure.compareAndSet(null, refused);
    }
  }

  private Quantiles acknowledgements() {
    var nanos = new long[measured];
    for (int i = 0; i < measured; i++) {
      nanos[i] = acknowledged.get(warmUp + i) - due.get(warmUp + i);
    }
    return Quantiles.of(nanos);
  }

  private void rethrow() throws IOException {
    var lost = failure.get();
    if (lost != null) {
      throw new IOException(lost.getMessage(), lost);
    }
  }

  private NodeClient client(LocalNode node) throws IOException {
    var token = Files.readString(cluster.tokenFile()).strip();
    var authority = Optional.of(cluster.certificate());
    return NodeClient.open(new Endpoint(LocalNode.HOST, node.grpcPort(), authority, token));
  }

  private static ApplyRequest transaction(int n) {
    var value = Value.newBuilder().setText(Load.value(n));
    var mutation =
        Mutation.newBuilder()
            .setPath(Path.newBuilder().setKey(PREFIX + n))
            .setSet(SetRegister.newBuilder().setValue(value));
    return ApplyRequest.newBuilder()
        .setTransaction(Transaction.newBuilder().addMutations(mutation))
        .build();
  }
}
