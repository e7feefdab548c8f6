package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.access.TokenFile;
import io.starling.node.api.wire.WireMutations;
import io.starling.node.config.NodeConfig;
import io.starling.node.tracing.Tracing;
import io.starling.proto.v1.ApplyRequest;
import io.starling.proto.v1.StarlingGrpc;
import io.starling.proto.v1.Transaction;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Traces of real nodes, as a collector gets them.
final class TracesTest {

  private static final String CALL = "PUT /api/v1/spaces/{space}/keys/{key...}";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "b7ad6b7169203331";
  private static final String TRACEPARENT = "00-" + TRACE + "-" + PARENT + "-01";

  @TempDir private Path directory;

  private static void traced(Path node, URI collector) throws IOException {
    Files.writeString(
        node.resolve(NodeConfig.FILE),
        "tracing: {otlp: '" + collector + "'}\n",
        StandardOpenOption.APPEND);
  }

  private static int put(Node node, String token, String key, String traceparent)
      throws IOException, InterruptedException {
    var at = node.status().node().addresses().http();
    var request =
        HttpRequest.newBuilder(URI.create("http://" + at + "/api/v1/spaces/main/keys/" + key))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .header("traceparent", traceparent)
            .PUT(HttpRequest.BodyPublishers.ofString("1"))
            .build();
    try (var client = HttpClient.newHttpClient()) {
      return client.send(request, BodyHandlers.ofString()).statusCode();
    }
  }

  @Test
  void aWriteIsFollowedFromItsClientToTheOtherNode() throws Exception {
    var cluster = new TestCluster(directory);
    var first = cluster.join("n1", List.of());
    var token = TokenFile.create(first).text();
    try (var collected = new Collected()) {
      traced(first, collected.address());
      try (var one = TestCluster.start(first)) {
        var second = cluster.join("n2", List.of(one.status().node().addresses().peer()));
        traced(second, collected.address());
        try (var _ = TestCluster.start(second)) {
          assertThat(put(one, token, "a", TRACEPARENT)).isEqualTo(200);
          await()
              .untilAsserted(() ->
                  assertThat(collected.spans())
                      .extracting(Collected.Span::name)
                      .contains(CALL, "queue", "engine", "persist", "batch", "apply"));
          assertFollowed(collected);
        }
      }
    }
  }

  private static void assertFollowed(Collected collected) {
    var call = collected.named(CALL).getFirst();
    assertThat(call.trace()).isEqualTo(TRACE);
    assertThat(call.parent()).isEqualTo(PARENT);
    for (var name : List.of("queue", "engine", "persist")) {
      assertThat(collected.named(name))
          .anyMatch(span -> span.trace().equals(TRACE) && span.parent().equals(call.id()));
    }
    var write =
        collected.named("persist").stream()
            .filter(span -> span.trace().equals(TRACE))
            .findFirst()
            .orElseThrow();
    assertThat(write.links()).hasSize(1);
    // The batch is a trace that both nodes know by its hash.
    var batch =
        collected.named("batch").stream()
            .filter(span -> span.trace().equals(write.links().getFirst()))
            .findFirst()
            .orElseThrow();
    assertThat(batch.parent()).isEmpty();
    await()
        .untilAsserted(() ->
            assertThat(collected.named("apply"))
                .anyMatch(span ->
                    span.trace().equals(batch.trace()) && span.parent().equals(batch.id())));
  }

  @Test
  void aCallOverGrpcIsTracedToo() throws Exception {
    var cluster = new TestCluster(directory);
    var first = cluster.join("n1", List.of());
    var token = TokenFile.create(first).text();
    try (var collected = new Collected()) {
      traced(first, collected.address());
      Files.writeString(
          first.resolve(NodeConfig.FILE), "tls: {grpc: false}\n", StandardOpenOption.APPEND);
      try (var one = TestCluster.start(first)) {
        apply(one, token);
        var name = "starling.v1.Starling/Apply";
        await().untilAsserted(() -> assertThat(collected.named(name)).hasSize(1));
        var call = collected.named(name).getFirst();
        assertThat(call.trace()).isEqualTo(TRACE);
        assertThat(call.parent()).isEqualTo(PARENT);
        await()
            .untilAsserted(() ->
                assertThat(collected.named("persist"))
                    .anyMatch(span -> span.parent().equals(call.id())));
      }
    }
  }

  private static void apply(Node node, String token) throws InterruptedException {
    var channel =
        Grpc.newChannelBuilder(
                node.status().node().addresses().grpc(), InsecureChannelCredentials.create())
            .build();
    var headers = new Metadata();
    headers.put(key("authorization"), "Bearer " + token);
    headers.put(key("traceparent"), TRACEPARENT);
    var set =
        WireMutations.write(
            new Mutation.Set(
                io.starling.crdt.cell.Path.of("k"), new Value.Bool(true), ReadRule.LATEST));
    try {
      StarlingGrpc.newBlockingStub(channel)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .apply(
              ApplyRequest.newBuilder()
                  .setTransaction(Transaction.newBuilder().addMutations(set))
                  .build());
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  @Test
  @Timeout(60)
  void aCollectorThatAnswersNothingHoldsNobodyUp() throws Exception {
    var cluster = new TestCluster(directory);
    var first = cluster.join("n1", List.of());
    var token = TokenFile.create(first).text();
    // Connections are taken by the system, and nobody reads.
    try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var collector = URI.create("http://127.0.0.1:" + silent.getLocalPort());
      traced(first, collector);
      try (var one = TestCluster.start(first);
          var tracing = Tracing.to(collector, 100, "n1")) {
        for (int i = 0; i < 20 * Tracing.QUEUE_MAX; i++) {
          tracing.call("x", "").end("x", "OK", false);
        }
        for (int i = 0; i < 20; i++) {
          assertThat(put(one, token, "k" + i, "nonsense")).isEqualTo(200);
        }
      }
    }
  }

  @Test
  @Timeout(60)
  void aCollectorThatIsNotThereHoldsNobodyUp() throws Exception {
    var cluster = new TestCluster(directory);
    var first = cluster.join("n1", List.of());
    var token = TokenFile.create(first).text();
    int port;
    try (var gone = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      port = gone.getLocalPort();
    }
    traced(first, URI.create("http://127.0.0.1:" + port));
    try (var one = TestCluster.start(first)) {
      assertThat(put(one, token, "a", TRACEPARENT)).isEqualTo(200);
    }
  }
}
