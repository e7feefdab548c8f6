package io.starling.node.bench;

import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.starling.node.local.JavaCommand;
import io.starling.node.local.LocalCluster;
import io.starling.node.local.LocalNode;
import io.starling.node.storage.SpaceStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// How fast one node takes durable single-operation transactions, against the lesser of two
/// controls: RocksDB with the same puts, bytes, syncs and batch sizes, and gRPC with the same
/// frames and nothing behind them.
///
/// The three are measured in turn, pair by pair, so that a machine whose speed drifts drifts for
/// all of them alike; the ratios of the pairs are what counts.
public final class WriteBench {

  private static final Duration WARM_UP = Duration.ofSeconds(8);

  private final LocalCluster cluster;
  private final SpaceStore store;
  private final int pairs;
  private final Duration each;
  private final HttpClient http = HttpClient.newHttpClient();

  /// @param cluster of one node, which is running and does nothing else
  /// @param store a scratch store of the control
  /// @param pairs 1 or more; 7 give a median that can be quoted
  /// @param each how long each of the three is measured at a time
  public WriteBench(LocalCluster cluster, SpaceStore store, int pairs, Duration each) {
    this.cluster = cluster;
    this.store = store;
    this.pairs = pairs;
    this.each = each;
  }

  /// A load, and what came of it.
  ///
  /// @param starling transactions per second
  /// @param ratio to the lesser control, pair by pair
  /// @param where the time went on the node
  public record Row(
      String name,
      Spread starling,
      Spread rocksdb,
      Spread grpc,
      Spread ratio,
      NodeTimes.Share where) {}

  /// One way to send transactions.
  private enum Way {
    SINGLE("single", 1, 1),
    CLIENTS("clients64", 64, 64),
    PIPELINED("pipelined", 1, Load.FRAME);

    private final String label;
    private final int clients;
    private final int perBatch;

    Way(String label, int clients, int perBatch) {
      this.label = label;
      this.clients = clients;
      this.perBatch = perBatch;
    }

    double run(Load load, Duration each) throws InterruptedException {
      return this == PIPELINED ? load.pipelined(each) : load.unary(clients, each);
    }
  }

  /// Measures all three ways.
  public List<Row> run() throws IOException, InterruptedException {
    var rows = new ArrayList<Row>();
    var node = cluster.nodes().getFirst();
    var token = Files.readString(cluster.tokenFile()).strip();
    var echo =
        new ProcessBuilder(echoCommand(node))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      var channel = channel(node.grpcPort());
      var control = channel(port(echo));
      try {
        // A compiler that is still at work would be measured as if it were the code.
        for (var way : Way.values()) {
          way.run(new Load(channel, token), WARM_UP);
          way.run(new Load(control, token), WARM_UP);
        }
        for (var way : Way.values()) {
          rows.add(measure(way, new Load(channel, token), new Load(control, token)));
        }
      } finally {
        channel.shutdownNow();
        control.shutdownNow();
      }
    } finally {
      echo.destroy();
      echo.waitFor(10, TimeUnit.SECONDS);
    }
    return rows;
  }

  private Row measure(Way way, Load node, Load echo) throws IOException, InterruptedException {
    var rocks = new RocksControl(way.perBatch);
    way.run(node, each);
    way.run(echo, each);
    rocks.write(store, each);
    var starling = new ArrayList<Double>();
    var rocksdb = new ArrayList<Double>();
    var grpc = new ArrayList<Double>();
    var ratio = new ArrayList<Double>();
    var times = new NodeTimes(0, 0, 0, 0);
    double seconds = 0;
    for (int pair = 0; pair < pairs; pair++) {
      var before = times();
      long began = System.nanoTime();
      starling.add(way.run(node, each));
      seconds += (System.nanoTime() - began) / 1e9;
      times = times.plus(times().minus(before));
      rocksdb.add(rocks.write(store, each));
      grpc.add(way.run(echo, each));
      ratio.add(starling.getLast() / Math.min(rocksdb.getLast(), grpc.getLast()));
    }
    return new Row(
        way.label,
        Spread.of(starling),
        Spread.of(rocksdb),
        Spread.of(grpc),
        Spread.of(ratio),
        times.share(seconds));
  }

  private NodeTimes times() throws IOException, InterruptedException {
    return NodeTimes.of(http, cluster.nodes().getFirst());
  }

  private ManagedChannel channel(int port) throws IOException {
    var tls =
        TlsChannelCredentials.newBuilder().trustManager(cluster.certificate().toFile()).build();
    return Grpc.newChannelBuilderForAddress(LocalNode.HOST, port, tls).build();
  }

  private static List<String> echoCommand(LocalNode node) {
    return JavaCommand.of(EchoServer.class.getName(), node.identity().toString());
  }

  private static int port(Process echo) throws IOException {
    var lines =
        new BufferedReader(new InputStreamReader(echo.getInputStream(), StandardCharsets.UTF_8));
    var line = lines.readLine();
    if (line == null) {
      throw new IOException("the control for gRPC did not start");
    }
    return Integer.parseInt(line);
  }
}
