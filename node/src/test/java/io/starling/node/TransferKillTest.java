package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.config.NodeConfig;
import io.starling.node.status.NodeStatus.SpaceEntry;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A blank member takes over a state that no log reaches back to, and it and its donor are killed
/// meanwhile, again and again.
final class TransferKillTest {

  private static final int KEYS = 12_000;
  private static final int KEYS_AT_ONCE = 200;
  private static final String LONG = "x".repeat(300);

  @TempDir private java.nio.file.Path directory;

  @Test
  void joinerAndDonorAreKilledInTheMiddleAndAllEndEqual() throws Exception {
    var cluster = new TestCluster(directory);
    int port = freePort();
    var first = configured(cluster, "n1", port, List.of());
    var second = configured(cluster, "n2", 0, List.of("127.0.0.1:" + port));
    try (var two = TestCluster.start(second)) {
      try (var one = new Running(first)) {
        one.until(line -> line.startsWith("HAS"));
        fill(two);
        await().until(() -> entry(two).status().cells() == KEYS);
        one.until(line -> isFull(two, line));
      }
      // What all have goes; so no log reaches back to the beginning.
      await().atMost(60, TimeUnit.SECONDS).until(() -> entry(two).status().log().truncated() > 0);
      var third =
          configured(
              cluster,
              "n3",
              0,
              List.of("127.0.0.1:" + port, two.status().node().addresses().peer()));
      var seen = new ArrayList<String>();
      try (var one = new Running(first)) {
        one.until(line -> line.startsWith("HAS"));
        for (var moment : List.of("COMPARING", "FETCHING", "FETCHING 5 ", "FETCHING", "JOINING")) {
          try (var three = new Running(third)) {
            seen.add(three.until(line -> line.startsWith(moment) || isFull(two, line)));
          }
        }
      }
      System.out.println("killed at " + seen);
      assertThat(seen).anyMatch(line -> line.startsWith("FETCHING"));
      try (var three = new Running(third)) {
        three.until(line -> line.startsWith("HAS"));
        try (var one = new Running(first)) {
          one.until(line -> line.startsWith("HAS"));
        }
        try (var _ = new Running(first)) {
          three.until(line -> isFull(two, line));
        }
      }
    }
  }

  private static boolean isFull(Node node, String line) {
    var status = entry(node).status();
    return line.equals("HAS " + status.digest() + " " + status.token().toText());
  }

  /// A process that runs a node until it is killed.
  private static final class Running implements AutoCloseable {
    private final Process process;
    private final List<String> said = new CopyOnWriteArrayList<>();

    private Running(java.nio.file.Path home) throws IOException {
      process =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElseThrow(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  CatchingUpProcess.class.getName(),
                  home.toString())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      Thread.ofVirtual().start(() -> process.inputReader().lines().forEach(said::add));
    }

    /// Waits until it has said what is waited for.
    private String until(Predicate<String> wanted) {
      try {
        return await()
            .atMost(60, TimeUnit.SECONDS)
            .pollInterval(5, TimeUnit.MILLISECONDS)
            .until(() -> said.stream().filter(wanted).findFirst(), Optional::isPresent)
            .orElseThrow();
      } catch (ConditionTimeoutException late) {
        throw new AssertionError("it said only " + said, late);
      }
    }

    @Override
    public void close() throws InterruptedException {
      process.destroyForcibly();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static java.nio.file.Path configured(
      TestCluster cluster, String name, int port, List<String> peers) throws Exception {
    // What the first two take over of each other's state nobody else could confirm.
    boolean isFirst = !name.equals("n3");
    var home = cluster.join(name, peers);
    Files.writeString(
        home.resolve(NodeConfig.FILE),
        """
        listen: {http: 0, grpc: 0, peer: %d}
        limits: {cacheMegabytes: 8, freeMegabytes: 16}
        batches: {keepMegabytes: 1}
        catchUp: {proof: %s}
        peers: [%s]
        """
            .formatted(port, isFirst ? "waived" : "needed", String.join(", ", peers)));
    return home;
  }

  private static void fill(Node node) {
    var main = node.spaces().find("main").orElseThrow();
    for (int i = 0; i < KEYS; i += KEYS_AT_ONCE) {
      var all = new ArrayList<Mutation>();
      for (int key = i; key < i + KEYS_AT_ONCE; key++) {
        all.add(new Mutation.Set(Path.of("k/" + key), new Value.Text(LONG), ReadRule.LATEST));
      }
      var outcome = main.submit("someone", Optional.empty(), all).toCompletableFuture().join();
      assertThat(outcome).isInstanceOf(Outcome.Committed.class);
    }
  }

  private static SpaceEntry entry(Node node) {
    return node.status().spaces().stream()
        .filter(it -> it.name().equals("main"))
        .findFirst()
        .orElseThrow();
  }

  private static int freePort() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return taken.getLocalPort();
    }
  }
}
