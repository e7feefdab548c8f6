package io.starling.node.bench;

import io.starling.node.local.LocalNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.regex.Pattern;

/// What a node's meters say of its space `main`, or the difference of two such.
///
/// @param transactions committed
/// @param engine seconds in the replication engine
/// @param store seconds in synced writes
/// @param persists such writes
public record NodeTimes(double transactions, double engine, double store, double persists) {

  private static final String MAIN = "\\{[^}]*space=\"main\"[^}]*\\} ([0-9.eE+-]+)$";

  /// Asks a node now.
  static NodeTimes of(HttpClient client, LocalNode node) throws IOException, InterruptedException {
    var address = URI.create("http://" + LocalNode.HOST + ":" + node.httpPort() + "/metrics");
    var text =
        client
            .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
            .body();
    return new NodeTimes(
        read(text, "starling_transactions_total(?=[^}]*committed)"),
        read(text, "starling_engine_seconds_sum"),
        read(text, "starling_persists_seconds_sum"),
        read(text, "starling_persists_seconds_count"));
  }

  private static double read(String text, String name) throws IOException {
    var matcher = Pattern.compile("^" + name + MAIN, Pattern.MULTILINE).matcher(text);
    if (!matcher.find()) {
      throw new IOException("the node's metrics do not have " + name);
    }
    return Double.parseDouble(matcher.group(1));
  }

  NodeTimes plus(NodeTimes other) {
    return new NodeTimes(
        transactions + other.transactions,
        engine + other.engine,
        store + other.store,
        persists + other.persists);
  }

  NodeTimes minus(NodeTimes before) {
    return new NodeTimes(
        transactions - before.transactions,
        engine - before.engine,
        store - before.store,
        persists - before.persists);
  }

  /// Where a transaction's share of the time went, in microseconds.
  ///
  /// @param engine compiling, applying, encoding, hashing and signing
  /// @param store the synced write
  /// @param rest the network, TLS, gRPC, threads that wake each other, and waiting for a turn
  /// @param perWrite transactions in a synced write
  public record Share(double engine, double store, double rest, double perWrite) {
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "engine %.1f µs, store %.1f µs, all else %.1f µs a transaction; %.1f in a synced write",
          engine,
          store,
          rest,
          perWrite);
    }
  }

  /// @param seconds how long it took in all
  Share share(double seconds) {
    double micros = 1e6 / Math.max(1, transactions);
    return new Share(
        engine * micros,
        store * micros,
        (seconds - engine - store) * micros,
        transactions / Math.max(1, persists));
  }
}
