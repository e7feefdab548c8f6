package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.starling.node.access.Principal;
import io.starling.node.access.Role;
import io.starling.node.access.TokenFile;
import io.starling.node.config.NodeConfig;
import io.starling.node.status.NodeStatus;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whole nodes in this process, over real ports, TLS and disks.
final class NodeTest {

  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path directory;
  private TestCluster cluster;

  @BeforeEach
  void found() throws Exception {
    cluster = new TestCluster(directory);
  }

  @Test
  void aWriteOnOneNodeIsReadOnAnotherOverHttp() throws Exception {
    var first = cluster.join("n1", List.of());
    var token = TokenFile.create(first);
    try (var one = TestCluster.start(first)) {
      var second = cluster.join("n2", List.of(one.status().node().addresses().peer()));
      try (var two = TestCluster.start(second)) {
        var put = put(one, "places/bern", token.text(), "{\"value\": 7}");
        assertThat(put.statusCode()).as(put.body()).isBetween(200, 204);
        await()
            .untilAsserted(
                () -> assertThat(get(two, "places/bern", token.text()).body()).contains("7"));
        await().until(() -> members(one).equals(List.of("n1", "n2")));
        assertThat(members(two)).containsExactlyInAnyOrder("n1", "n2");
        assertThat(two.status().activity()).isNotEmpty();
      }
    }
  }

  @Test
  void withoutATokenNobodyReads() throws Exception {
    try (var node = TestCluster.start(cluster.join("n1", List.of()))) {
      assertThat(get(node, "a", "st_aaaaaaaaaaaa_" + "a".repeat(32)).statusCode()).isEqualTo(401);
    }
  }

  @Test
  void aNodeComesBackWithItsDataUnderANewIncarnation() throws Exception {
    var home = cluster.join("n1", List.of());
    var token = TokenFile.create(home);
    NodeStatus before;
    try (var node = TestCluster.start(home)) {
      put(node, "a", token.text(), "{\"value\": \"kept\"}");
      before = node.status();
    }
    try (var node = TestCluster.start(home)) {
      assertThat(get(node, "a", token.text()).body()).contains("kept");
      assertThat(node.status().node().id()).isEqualTo(before.node().id());
      assertThat(node.status().spaces().getFirst().status().self())
          .isNotEqualTo(before.spaces().getFirst().status().self());
    }
  }

  @Test
  void theMetricsAreThereForThisMachine() throws Exception {
    try (var node = TestCluster.start(cluster.join("n1", List.of()))) {
      var metrics = fetch(node, "/metrics").body();
      assertThat(metrics)
          .contains("starling_space_cells{space=\"main\"}")
          .contains("starling_persists_seconds_count{space=\"_system\"}")
          .contains("jvm_memory_used_bytes");
      assertThat(fetch(node, "/api/health").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aSignInLinkIsGoodOnce() throws Exception {
    try (var node = TestCluster.start(cluster.join("n1", List.of()))) {
      var link = node.signInLink(new Principal("someone", Role.WRITER));
      var first = http.send(HttpRequest.newBuilder(link).build(), BodyHandlers.ofString());
      assertThat(first.headers().firstValue("set-cookie")).isPresent();
      var second = http.send(HttpRequest.newBuilder(link).build(), BodyHandlers.ofString());
      assertThat(second.headers().firstValue("set-cookie")).isEmpty();
    }
  }

  @Test
  void aPortInUseIsSaidAndLeavesNothingRunning() throws Exception {
    var home = cluster.join("n1", List.of());
    for (var port : List.of("http", "grpc", "peer")) {
      try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        var ports = new TreeMap<>(Map.of("http", 0, "grpc", 0, "peer", 0));
        ports.put(port, taken.getLocalPort());
        var listen = ports.toString().replace("=", ": ");
        Files.writeString(
            home.resolve(NodeConfig.FILE), "listen: " + listen + "\nlimits: {freeMegabytes: 16}\n");
        assertThatThrownBy(() -> TestCluster.start(home))
            .as(port)
            .isInstanceOf(StartException.class)
            .hasMessageContaining(Integer.toString(taken.getLocalPort()));
      }
    }
    Files.writeString(home.resolve(NodeConfig.FILE), "listen: {http: 0, grpc: 0, peer: 0}\n");
    TestCluster.start(home).close();
  }

  @Test
  void aDirectoryInUseIsRefused() throws Exception {
    var home = cluster.join("n1", List.of());
    try (var node = TestCluster.start(home)) {
      assertThatThrownBy(() -> TestCluster.start(home))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("is in use by another process, pid " + node.status().node().pid());
    }
  }

  @Test
  void theStoreOfAnotherNodeIsRefused() throws Exception {
    var one = cluster.join("n1", List.of());
    var two = cluster.join("n2", List.of());
    TestCluster.start(one).close();
    Files.move(one.resolve("store"), two.resolve("store"));
    assertThatThrownBy(() -> TestCluster.start(two))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("holds the store of another node");
  }

  @Test
  void aNameThatTheCertificateDoesNotBearIsRefused() throws Exception {
    var home = cluster.join("n1", List.of());
    Files.writeString(home.resolve(NodeConfig.FILE), "name: n2\n");
    assertThatThrownBy(() -> TestCluster.start(home))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("is of n1");
  }

  @Test
  void aNodeThatHasNotJoinedSaysSo() throws Exception {
    Files.createDirectories(directory.resolve("n9"));
    Files.writeString(directory.resolve("n9").resolve(NodeConfig.FILE), "");
    assertThatThrownBy(() -> TestCluster.start(directory.resolve("n9")))
        .isInstanceOf(StartException.class);
  }

  private static List<String> members(Node node) {
    return node.status().members().stream().map(member -> member.name()).sorted().toList();
  }

  private HttpResponse<String> get(Node node, String key, String token) throws Exception {
    return http.send(key(node, key, token).build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> put(Node node, String key, String token, String body)
      throws Exception {
    var request =
        key(node, key, token)
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString(body));
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> fetch(Node node, String path) throws Exception {
    var uri = URI.create("http://" + node.status().node().addresses().http() + path);
    return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  private static HttpRequest.Builder key(Node node, String key, String token) {
    var base = "http://" + node.status().node().addresses().http();
    return HttpRequest.newBuilder(URI.create(base + "/api/v1/spaces/main/keys/" + key))
        .header("Authorization", "Bearer " + token);
  }
}
