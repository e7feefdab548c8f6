package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.access.BearerToken;
import io.starling.node.access.Principal;
import io.starling.node.access.Role;
import io.starling.node.access.TokenFile;
import io.starling.node.access.TokenRecord;
import io.starling.node.config.NodeConfig;
import io.starling.node.job.PeerProxy;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The dashboard in a real browser, before three nodes in this process. The steps are in
/// `web-ui/e2e`; pictures of what was seen go to `target/screenshots`.
final class DashboardTest {

  private static final Path WEB_UI = Path.of("..", "web-ui").toAbsolutePath().normalize();
  private static final io.starling.crdt.cell.Path BOTH = io.starling.crdt.cell.Path.of("both");
  private static final Principal ADMIN = new Principal("token:browser", Role.ADMIN);

  private static final int BATCHES = 60;
  private static final int KEYS_AT_ONCE = 200;

  /// Bytes in a second, so that a transfer of some 4 MB can be watched for a while.
  private static final int THIN = 400_000;

  @TempDir private Path directory;

  @Test
  @Timeout(600)
  void threeNodesInABrowser() throws Exception {
    var cluster = new TestCluster(directory);
    var first = cluster.join("node-1", List.of());
    var token = TokenFile.create(first).text();
    try (var one = TestCluster.start(first)) {
      var peer = one.status().node().addresses().peer();
      var second = cluster.join("node-2", List.of());
      try (var apart = TestCluster.start(second)) {
        // Neither knows of the other yet: one key with two types.
        write(one, new Mutation.Set(BOTH, new Value.Text("Open at nine"), ReadRule.LATEST));
        write(apart, new Mutation.AddElement(BOTH, new Value.Text("closed on Sundays")));
      }
      TestCluster.dial(second, List.of(peer));
      try (var two = TestCluster.start(second)) {
        try (var toOne = new PeerProxy(port(peer));
            var toTwo = new PeerProxy(port(two.status().node().addresses().peer()))) {
          var third =
              cluster.join(
                  "node-3", List.of("127.0.0.1:" + toOne.port(), "127.0.0.1:" + toTwo.port()));
          try (var three = TestCluster.start(third)) {
            var nodes = Stream.of(one, two, three).map(DashboardTest::address).toList();
            var seen = new Seen(one, token, reader(one), nodes);
            browse("in-step.mjs", seen, () -> {});
            browse("looks.mjs", seen, () -> {});
            browse("lab.mjs", seen, () -> {});
            toOne.cut();
            toTwo.cut();
            browse(
                "silence.mjs",
                seen,
                () -> {
                  toOne.heal();
                  toTwo.heal();
                });
          }
        }
      }
    }
  }

  @Test
  @Timeout(300)
  void aTransferInABrowser() throws Exception {
    var cluster = new TestCluster(directory);
    var first = cluster.join("node-1", List.of());
    keepLittle(first, "waived");
    try (var one = TestCluster.start(first)) {
      var second = cluster.join("node-2", List.of(one.status().node().addresses().peer()));
      keepLittle(second, "waived");
      try (var two = TestCluster.start(second)) {
        fill(one);
        await().atMost(60, TimeUnit.SECONDS).until(() -> isTruncated(one) && isTruncated(two));
        try (var toOne = new PeerProxy(port(one.status().node().addresses().peer()));
            var toTwo = new PeerProxy(port(two.status().node().addresses().peer()))) {
          toOne.narrow(THIN);
          toTwo.narrow(THIN);
          var third =
              cluster.join(
                  "node-3", List.of("127.0.0.1:" + toOne.port(), "127.0.0.1:" + toTwo.port()));
          keepLittle(third, "needed");
          try (var three = TestCluster.start(third)) {
            var nodes = Stream.of(one, two, three).map(DashboardTest::address).toList();
            browse("transfer.mjs", new Seen(three, "", "", nodes), () -> {});
          }
        }
      }
    }
  }

  /// Keeps the least of its log, so that soon none reaches back to the beginning.
  private static void keepLittle(Path node, String proof) throws IOException {
    var more = "batches: {keepMegabytes: 1}\ncatchUp: {proof: " + proof + "}\n";
    Files.writeString(node.resolve(NodeConfig.FILE), more, StandardOpenOption.APPEND);
  }

  private static void fill(Node node) {
    var main = node.spaces().find(SpaceId.MAIN).orElseThrow();
    for (int batch = 0; batch < BATCHES; batch++) {
      var all = new ArrayList<Mutation>();
      for (int i = 0; i < KEYS_AT_ONCE; i++) {
        var path = io.starling.crdt.cell.Path.of("stock/" + (batch * KEYS_AT_ONCE + i));
        all.add(new Mutation.Set(path, new Value.Text("x".repeat(300)), ReadRule.LATEST));
      }
      var outcome = main.submit("someone", Optional.empty(), all).toCompletableFuture().join();
      assertThat(outcome).isInstanceOf(Outcome.Committed.class);
    }
  }

  /// Whether it has all, and no log of it.
  private static boolean isTruncated(Node node) {
    return node.status().spaces().stream()
        .filter(it -> it.name().equals(SpaceId.MAIN))
        .anyMatch(it ->
            it.status().cells() == BATCHES * KEYS_AT_ONCE && it.status().log().bytes() < 2 << 20);
  }

  /// What a browser is given.
  ///
  /// @param first whose sign-in link is given
  /// @param token of an administrator
  /// @param reader a token that may only read
  private record Seen(Node first, String token, String reader, List<URI> nodes) {}

  private static String reader(Node node) {
    var token = BearerToken.generate();
    var record = TokenRecord.of(token, Role.READER, Instant.now());
    var system = node.spaces().find(SpaceId.SYSTEM).orElseThrow();
    var outcome = system.submit("test", Optional.empty(), List.of(record.write(token.id())));
    assertThat(outcome.toCompletableFuture().join()).isInstanceOf(Outcome.Committed.class);
    return token.text();
  }

  private static int port(String address) {
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  private static void write(Node node, Mutation mutation) {
    var main = node.spaces().find(SpaceId.MAIN).orElseThrow();
    var outcome = main.submit("someone", Optional.empty(), List.of(mutation));
    assertThat(outcome.toCompletableFuture().join()).isInstanceOf(Outcome.Committed.class);
  }

  private static URI address(Node node) {
    return URI.create("http://" + node.status().node().addresses().http());
  }

  /// Runs a script.
  ///
  /// @param heal what to do when it says HEAL
  private static void browse(String script, Seen seen, Runnable heal) throws Exception {
    var nodes = new ArrayList<String>();
    for (var address : seen.nodes()) {
      nodes.add("{\"name\":\"node-%d\",\"url\":\"%s\"}".formatted(nodes.size() + 1, address));
    }
    var given =
        """
        {"chromium":"%s","shots":"%s","token":"%s","reader":"%s","link":"%s","nodes":[%s]}\
        """
            .formatted(
                chromium(),
                Path.of("target", "screenshots").toAbsolutePath(),
                seen.token(),
                seen.reader(),
                seen.first().signInLink(ADMIN),
                String.join(",", nodes));
    var builder =
        new ProcessBuilder("node", "e2e/" + script)
            .directory(WEB_UI.toFile())
            .redirectErrorStream(true);
    builder.environment().put("STARLING_E2E", given);
    var process = builder.start();
    var said = new ArrayList<String>();
    try (var lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        said.add(line);
        if (line.equals("HEAL")) {
          heal.run();
        } else if (line.startsWith("first paint")) {
          System.out.println("[dashboard] " + line);
        }
      }
      assertThat(process.waitFor())
          .as(() -> script + " said:\n" + String.join("\n", said))
          .isEqualTo(0);
    } finally {
      process.destroyForcibly();
    }
  }

  private static Path chromium() {
    var folders = List.of(System.getenv("PATH").split(File.pathSeparator));
    return folders.stream()
        .flatMap(folder ->
            Stream.of("chromium", "chromium-browser", "google-chrome")
                .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            new AssertionError(
                "this test needs Chromium; run: apt-get install chromium (searched "
                    + folders.stream().collect(Collectors.joining(", "))
                    + ")"));
  }
}
