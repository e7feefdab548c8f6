package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.node.access.TokenFile;
import io.starling.node.client.Endpoint;
import io.starling.node.client.NodeClient;
import io.starling.node.identity.IdentityFiles;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Alerts and board ask for what a running node really tells Prometheus.
final class ScrapedNamesTest {

  private static final Path CONFIGS = Path.of("..", "cluster-configs");
  private static final Pattern NAME = Pattern.compile("\\b(?:starling|jvm|process)_\\w+");

  // Of these there is nothing to tell as long as all is well.
  private static final List<String> WHEN_SOMETHING_IS_WRONG =
      List.of("starling_alarms", "starling_peer_dropped_total", "jvm_gc_pause_seconds_sum");

  @TempDir private Path directory;

  @Test
  void everyMetricThatIsAskedForIsThere() throws Exception {
    var asked = new TreeSet<String>();
    asked.addAll(names(Files.readString(CONFIGS.resolve("prometheus/starling-alerts.yml"))));
    asked.addAll(names(Files.readString(CONFIGS.resolve("grafana/starling.json"))));
    asked.addAll(names(Files.readString(CONFIGS.resolve("prometheus/starling-alerts.test.yml"))));
    assertThat(asked).hasSizeGreaterThan(20);
    var cluster = new TestCluster(directory);
    var first = cluster.join("n1", List.of());
    var token = TokenFile.create(first);
    try (var one = TestCluster.start(first)) {
      var second = cluster.join("n2", List.of(one.status().node().addresses().peer()));
      try (var _ = TestCluster.start(second)) {
        put(one, token.text());
        call(one, first, token.text());
        asked.removeAll(WHEN_SOMETHING_IS_WRONG);
        await().untilAsserted(() -> assertThat(names(scrape(one))).containsAll(asked));
      }
    }
  }

  @Test
  void thoseOfTroubleAreDocumented() throws Exception {
    var page = Files.readString(Path.of("..", "docs", "metrics.md"));
    for (var name : WHEN_SOMETHING_IS_WRONG) {
      assertThat(page).contains(name.startsWith("jvm_gc_") ? "jvm_gc_*" : name);
    }
  }

  private static TreeSet<String> names(String text) {
    var names = new TreeSet<String>();
    NAME.matcher(text).results().forEach(found -> names.add(found.group()));
    return names;
  }

  private static String scrape(Node node) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(at(node, "/metrics")).build());
  }

  private static void put(Node node, String token) throws IOException, InterruptedException {
    send(
        HttpRequest.newBuilder(at(node, "/api/v1/spaces/main/keys/a"))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .PUT(HttpRequest.BodyPublishers.ofString("{\"value\": 1}"))
            .build());
  }

  private static void call(Node node, Path directory, String token) throws Exception {
    var at = node.status().node().addresses().grpc().split(":");
    var authority = IdentityFiles.authority(directory.resolve("identity"));
    var endpoint =
        new Endpoint("localhost", Integer.parseInt(at[1]), Optional.of(authority), token);
    try (var client = NodeClient.open(endpoint)) {
      assertThat(client.status(Duration.ofSeconds(20)).getName()).isEqualTo("n1");
    }
  }

  private static URI at(Node node, String path) {
    return URI.create("http://" + node.status().node().addresses().http() + path);
  }

  private static String send(HttpRequest request) throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      var response = client.send(request, BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isBetween(200, 204);
      return response.body();
    }
  }
}
