package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import io.starling.crdt.cell.Path;
import io.starling.crdt.value.Value;
import io.starling.node.access.TokenFile;
import io.starling.node.hosting.TestNode;
import io.starling.node.identity.IdentityFiles;
import io.starling.node.space.Space;
import io.starling.node.status.NodeStatus;
import io.starling.proto.v1.ReadRequest;
import io.starling.proto.v1.StarlingGrpc;
import io.starling.replica.Effect;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bytes of a node's store are flipped: nothing wrong is ever read or sent, and the node is whole
/// again from what the others have. More of it by `-Dstarling.flips=200 -Dstarling.seed=7`.
final class BitRotTest {

  private static final int FLIPS = Integer.getInteger("starling.flips", 10);
  private static final long SEED = Long.getLong("starling.seed", 1);
  private static final int KEYS = 400;

  @TempDir private java.nio.file.Path directory;
  private final TreeMap<String, String> written = new TreeMap<>();
  private Node one;
  private Node two;
  private java.nio.file.Path third;

  @BeforeEach
  void threeNodes() throws Exception {
    var cluster = new TestCluster(directory);
    one = TestCluster.start(cluster.join("n1", List.of()));
    var first = one.status().node().addresses().peer();
    two = TestCluster.start(cluster.join("n2", List.of(first)));
    third = cluster.join("n3", List.of(first, two.status().node().addresses().peer()));
    try (var node = RunningNode.start(TestCluster.config(third))) {
      for (int i = 0; i < KEYS; i++) {
        var writer = List.of(one, two, node.node()).get(i % 3);
        write(writer, "key/" + i, "value " + i + " ".repeat(200) + i);
      }
      whole(node);
    }
  }

  @AfterEach
  void stop() {
    two.close();
    one.close();
  }

  @Test
  void aFlippedByteIsNeverServedAndTheNodeIsMadeWholeFromTheOthers() throws Exception {
    System.out.println("seed " + SEED);
    var random = new Random(SEED);
    // What was in the write-ahead log goes into tables.
    RunningNode.start(TestCluster.config(third)).close();
    for (int flip = 0; flip < FLIPS; flip++) {
      var what = flip(random, flip);
      try (var node = RunningNode.start(TestCluster.config(third))) {
        whole(node);
        write(node.node(), "after/" + flip, "flip " + flip);
        whole(node);
      } catch (AssertionError | Exception broken) {
        throw new AssertionError("flip " + flip + ", " + what, broken);
      }
      assertThat(one.status().alarms()).as(what).isEmpty();
      removeWhatWasSetAside();
    }
  }

  @Test
  void whatOnlyTheDamagedNodeHadIsReadFromItsLog() throws Exception {
    one.close();
    two.close();
    try (var node = RunningNode.start(TestCluster.config(third))) {
      for (int i = 0; i < 150; i++) {
        write(node.node(), "only/" + i, "nobody else has it " + i);
      }
    }
    damage();
    startOthers();
    try (var node = RunningNode.start(TestCluster.config(third))) {
      whole(node);
      assertThat(read(one)).isEqualTo(Optional.of(written));
      assertThat(third.resolve("store/damaged-1")).exists();
      await().until(() -> Files.notExists(third.resolve("store/store.rebuilding")));
      assertThat(node.node().status().alarms())
          .anyMatch(it -> it.kind() == Effect.Kind.STORE_DAMAGED);
    }
  }

  @Test
  void untilItIsMadeAnewClientsAreToldToAskAnotherNode() throws Exception {
    one.close();
    two.close();
    damage();
    var token = TokenFile.create(third);
    try (var node = RunningNode.start(TestCluster.config(third))) {
      var why = "was found damaged (a test) and is being made anew from the other members";
      assertThat(entry(node.node(), "main").condition())
          .isEqualTo(NodeStatus.SpaceCondition.DEGRADED);
      assertThat(entry(node.node(), "main").reason()).contains(why);
      assertThat(read(node.node())).isEmpty();
      assertThat(TestNode.write(main(node.node()), TestNode.set("a", "b")))
          .isInstanceOfSatisfying(
              Outcome.Refused.class,
              refused -> {
                assertThat(refused.reason()).isEqualTo(Outcome.Reason.UNAVAILABLE);
                assertThat(refused.message()).contains(why);
              });
      var answer = get(node.node(), token.text());
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).contains(why).contains("ask another node");
      assertThatThrownBy(() -> call(node.node(), token.text()))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              refused ->
                  assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE))
          .hasMessageContaining(why);
    }
    // Nor was it taken for done by a node that met nobody.
    startOthers();
    try (var node = RunningNode.start(TestCluster.config(third))) {
      whole(node);
    }
  }

  private static HttpResponse<String> get(Node node, String token) throws Exception {
    var uri =
        URI.create(
            "http://"
                + node.status().node().addresses().http()
                + "/api/v1/spaces/main/keys/key%2F1");
    var request = HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + token).build();
    try (var http = HttpClient.newHttpClient()) {
      return http.send(request, BodyHandlers.ofString());
    }
  }

  private void call(Node node, String token) throws Exception {
    var address = node.status().node().addresses().grpc();
    var authority = IdentityFiles.authority(third.resolve("identity")).toFile();
    var trusting = TlsChannelCredentials.newBuilder().trustManager(authority).build();
    var channel = Grpc.newChannelBuilder(address, trusting).build();
    try {
      var headers = new Metadata();
      var name = Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
      headers.put(name, "Bearer " + token);
      StarlingGrpc.newBlockingStub(channel)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .read(ReadRequest.getDefaultInstance());
    } finally {
      channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  /// As a node leaves its store that has met damage.
  private void damage() throws IOException {
    Files.writeString(third.resolve("store/store.damaged"), "a test");
  }

  private void startOthers() throws Exception {
    one = TestCluster.start(directory.resolve("n1"));
    var first = one.status().node().addresses().peer();
    TestCluster.dial(directory.resolve("n2"), List.of(first));
    two = TestCluster.start(directory.resolve("n2"));
    TestCluster.dial(third, List.of(first, two.status().node().addresses().peer()));
  }

  /// Waits until the node has what the others have; meanwhile whatever it shows is right.
  private void whole(RunningNode node) {
    await()
        .atMost(60, TimeUnit.SECONDS)
        .untilAsserted(() -> {
          assertRight(node.node());
          for (var space : List.of("_system", "main")) {
            assertThat(entry(node.node(), space).condition())
                .isEqualTo(NodeStatus.SpaceCondition.RUNNING);
            assertThat(entry(node.node(), space).status().token())
                .isEqualTo(entry(one, space).status().token())
                .isEqualTo(entry(two, space).status().token());
            assertThat(entry(node.node(), space).status().digest())
                .isEqualTo(entry(one, space).status().digest());
          }
          assertThat(read(node.node())).isEqualTo(Optional.of(written));
        });
  }

  private void assertRight(Node node) {
    read(node).ifPresent(shown -> assertThat(written).containsAllEntriesOf(shown));
  }

  /// What can be read; empty if the node says that nothing can.
  private static Optional<TreeMap<String, String>> read(Node node) {
    var shown = new TreeMap<String, String>();
    try (var snapshot = main(node).read()) {
      for (var key : snapshot.reader().keys("", "", 1_000).keys()) {
        if (snapshot.reader().view(Path.of(key), 0).toValue() instanceof Value.Text(var text)) {
          shown.put(key, text);
        }
      }
      return Optional.of(shown);
    } catch (StorageFailure told) {
      return Optional.empty();
    }
  }

  private void write(Node node, String key, String value) {
    Mutation set = TestNode.set(key, value);
    assertThat(TestNode.write(main(node), set)).isInstanceOf(Outcome.Committed.class);
    written.put(key, value);
  }

  private static Space main(Node node) {
    return node.spaces().find("main").orElseThrow();
  }

  private static NodeStatus.SpaceEntry entry(Node node, String space) {
    return node.status().spaces().stream()
        .filter(it -> it.name().equals(space))
        .findFirst()
        .orElseThrow();
  }

  /// Flips a byte of a file, of each kind of file in turn.
  private String flip(Random random, int turn) throws IOException {
    var kinds = List.of(".sst", ".log", "MANIFEST", "CURRENT", ".sst", "store.identity", ".sst");
    var kind = kinds.get(turn % kinds.size());
    var files = new ArrayList<java.nio.file.Path>();
    try (var all = Files.walk(third.resolve("store"))) {
      all.filter(Files::isRegularFile)
          .filter(it -> it.toString().contains("/rocksdb/") || kind.startsWith("store"))
          .filter(it -> it.getFileName().toString().contains(kind))
          .sorted()
          .forEach(files::add);
    }
    files.removeIf(it -> it.toFile().length() == 0);
    if (files.isEmpty()) {
      return "no " + kind;
    }
    var file = files.get(random.nextInt(files.size()));
    try (var open = new RandomAccessFile(file.toFile(), "rw")) {
      long at = random.nextLong(open.length());
      open.seek(at);
      int before = open.read();
      open.seek(at);
      open.write(before ^ 1 << random.nextInt(Byte.SIZE));
      return "byte " + at + " of " + file.getFileName();
    }
  }

  private void removeWhatWasSetAside() throws IOException {
    try (var all = Files.list(third.resolve("store"))) {
      for (var left :
          all.filter(it -> it.getFileName().toString().startsWith("damaged-")).toList()) {
        try (var files = Files.list(left)) {
          for (var file : files.toList()) {
            Files.delete(file);
          }
        }
        Files.delete(left);
        System.out.println("  was set aside and made anew");
      }
    }
  }
}
