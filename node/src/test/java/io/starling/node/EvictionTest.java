package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.value.Value;
import io.starling.node.access.BearerToken;
import io.starling.node.access.Role;
import io.starling.node.access.TokenFile;
import io.starling.node.access.TokenRecord;
import io.starling.node.hosting.TestNode;
import io.starling.node.identity.Invitation;
import io.starling.node.identity.JoinRequest;
import io.starling.node.identity.SignedRevocation;
import io.starling.node.json.JsonText;
import io.starling.node.member.Eviction;
import io.starling.node.space.Space;
import io.starling.replica.Effect;
import io.starling.replica.membership.Revocation;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.status.SpaceStatus.Revoked;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Whole nodes, one of which is evicted.
@Timeout(180)
final class EvictionTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private TestCluster cluster;
  private Path first;
  private BearerToken token;

  @BeforeEach
  void found() throws Exception {
    cluster = new TestCluster(directory);
    first = cluster.join("one", List.of());
    token = TokenFile.create(first);
  }

  @Test
  void whatAnEvictedNodeWroteWhileItWasAwayIsHeldAndAdopted() throws Exception {
    try (var one = TestCluster.start(first)) {
      var address = List.of(one.status().node().addresses().peer());
      var away = cluster.join("away", address);
      try (var two = TestCluster.start(cluster.join("two", address))) {
        try (var node = TestCluster.start(away)) {
          write(node, "before");
          awaitAll(List.of(one, two), "before");
        }
        TestCluster.dial(away, List.of());
        String key;
        try (var alone = TestCluster.start(away)) {
          key = alone.status().node().id().toString();
          for (int i = 0; i < 20; i++) {
            write(alone, "alone-" + i);
          }
        }
        evict(one, key);
        await().atMost(PATIENCE).until(() -> !revoked(two).isEmpty());
        // Nobody waits for it.
        await().atMost(PATIENCE).until(() -> !members(two).contains(key));
        assertThat(main(two).status().log().holders()).isEmpty();
        TestCluster.dial(away, address);
        try (var back = TestCluster.start(away)) {
          await().atMost(PATIENCE).until(() -> held(one) > 0);
          // It hears of it, takes no more writes, and says why.
          await().atMost(PATIENCE).until(() -> hasAlarm(back, Effect.Kind.EVICTED));
          var refused = (Outcome.Refused) submit(back, "late");
          assertThat(refused.message()).contains("was evicted from its cluster on");
          // Nothing of what it wrote shows elsewhere, and nothing new of the others shows there.
          write(one, "secret");
          awaitAll(List.of(two), "secret");
          assertThat(has(one, "alone-0")).isFalse();
          assertThat(has(two, "alone-0")).isFalse();
          assertThat(has(back, "secret")).isFalse();
          assertThat(ask(one, "GET", "/api/v1/evictions", ""))
              .contains("\"id\":\"" + key + "\"")
              .contains("alone-0");
          assertThat(adopt(one, key, "_system")).isPositive();
          assertThat(adopt(one, key, "main")).isEqualTo(20);
        }
        awaitAll(List.of(one, two), "alone-0", "alone-7", "alone-19");
        await().atMost(PATIENCE).until(() -> digest(one).equals(digest(two)));
      }
    }
  }

  @Test
  void anEvictedKeyIsNeverAdmittedAgainAndItsNameIsFree() throws Exception {
    try (var one = TestCluster.start(first)) {
      var lost = cluster.join("lost", List.of());
      String key;
      try (var node = TestCluster.start(lost)) {
        key = node.status().node().id().toString();
      }
      evict(one, key);
      var again = lost.resolve("identity").resolve("join-request.pem");
      JoinRequest.create(lost.resolve("identity"), "lost", "here", List.of("localhost"));
      assertThat(again).exists();
      assertThatThrownBy(() -> Invitation.issue(cluster.authority(), again, List.of()))
          .hasMessageContaining("was evicted and is never admitted again");
      var replacement = directory.resolve("replacement");
      var request =
          JoinRequest.create(replacement.resolve("identity"), "lost", "here", List.of("localhost"));
      assertThat(Invitation.issue(cluster.authority(), request, List.of()).node().name())
          .isEqualTo("lost");
    }
  }

  @Test
  void whoRemovesTheStatementUndoesNothing() throws Exception {
    try (var one = TestCluster.start(first)) {
      var lost = cluster.join("lost", List.of());
      String key;
      try (var node = TestCluster.start(lost)) {
        key = node.status().node().id().toString();
      }
      evict(one, key);
      var name = evictions(one).getFirst();
      var removal = new Mutation.Remove(io.starling.crdt.cell.Path.of(name));
      system(one).submit("", Optional.empty(), List.of(removal)).toCompletableFuture().get();
      await().atMost(PATIENCE).until(() -> evictions(one).contains(name));
      assertThat(ask(one, "GET", "/api/v1/evictions", "")).contains("\"id\":\"" + key + "\"");
    }
  }

  private static List<String> evictions(Node node) {
    try (var snapshot = system(node).read()) {
      return snapshot.reader().keys(Eviction.PREFIX, "", 10).keys();
    }
  }

  @Test
  void aStatementThatTheAuthorityHasNotSignedEvictsNobody() throws Exception {
    var others = new TestCluster(directory.resolve("others"));
    try (var one = TestCluster.start(first)) {
      var self = one.status().node().id();
      var unsigned = new byte[] {1, 2, 3};
      var foreign =
          SignedRevocation.issue(others.authority(), Revocation.of(self, 0, new TreeMap<>()));
      for (var statement : List.of(unsigned, foreign.toBytes())) {
        var outcome =
            system(one)
                .submit("", Optional.empty(), List.of(Eviction.of(self, statement)))
                .toCompletableFuture()
                .get();
        assertThat(outcome).isInstanceOf(Outcome.Committed.class);
      }
      write(one, "still a member");
      assertThat(revoked(one)).isEmpty();
      assertThat(hasAlarm(one, Effect.Kind.EVICTED)).isFalse();
    }
  }

  @Test
  void aTokenThatAnEvictedNodeMadeBeyondItsCutOffLetsNobodyInThoughItStands() throws Exception {
    try (var one = TestCluster.start(first)) {
      var address = List.of(one.status().node().addresses().peer());
      var thief = cluster.join("thief", address);
      String key;
      try (var node = TestCluster.start(thief)) {
        key = node.status().node().id().toString();
        await().atMost(PATIENCE).until(() -> members(one).contains(key));
      }
      // The cut-off is where the thief was before it made the token; the token was applied since.
      var cutOff = ask(one, "GET", "/api/v1/members/" + key + "/cut-off", "");
      var forged = BearerToken.generate();
      try (var node = TestCluster.start(thief)) {
        var record = TokenRecord.of(forged, Role.ADMIN, Instant.now()).write(forged.id());
        system(node).submit("", Optional.empty(), List.of(record)).toCompletableFuture().get();
        await().atMost(PATIENCE).until(() -> isLetIn(one, forged));
      }
      evictWith(one, cutOff);
      await().atMost(PATIENCE).until(() -> !isLetIn(one, forged));
      assertThat(isLetIn(one, token)).isTrue();
      // What it says of itself may be a tick old.
      await().atMost(PATIENCE).until(() -> !system(one).status().revocation().revoked().isEmpty());
      assertThat(system(one).status().revocation().revoked().getFirst().beyond())
          .anyMatch(it -> it.applied() > it.cut());
    }
  }

  private static boolean isLetIn(Node node, BearerToken with) throws Exception {
    var uri = URI.create("http://" + node.status().node().addresses().http() + "/api/v1/status");
    var request = HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + with.text());
    try (var client = HttpClient.newHttpClient()) {
      return client.send(request.build(), BodyHandlers.ofString()).statusCode() == 200;
    }
  }

  private static List<String> members(Node node) {
    return node.status().members().stream().map(it -> it.key().toString()).toList();
  }

  /// As the command does.
  private void evict(Node at, String key) throws Exception {
    evictWith(at, ask(at, "GET", "/api/v1/members/" + key + "/cut-off", ""));
  }

  private void evictWith(Node at, String cutOff) throws Exception {
    var answer = JsonText.parse(cutOff);
    var text = ((Value.Text) ((Value.Struct) answer).fields().get("statement")).value();
    var revocation = Revocation.fromBytes(Base64.getDecoder().decode(text));
    var signed = SignedRevocation.issue(cluster.authority(), revocation).toBytes();
    var outcome =
        system(at)
            .submit("", Optional.empty(), List.of(Eviction.of(revocation.key(), signed)))
            .toCompletableFuture()
            .get();
    assertThat(outcome).isInstanceOf(Outcome.Committed.class);
  }

  private long adopt(Node at, String key, String space) throws Exception {
    var body = "{\"space\":\"" + space + "\"}";
    var answer = JsonText.parse(ask(at, "POST", "/api/v1/evictions/" + key + "/adopted", body));
    return ((Value.Int) ((Value.Struct) answer).fields().get("batches")).value();
  }

  private String ask(Node node, String method, String path, String body) throws Exception {
    var request =
        HttpRequest.newBuilder(
                URI.create("http://" + node.status().node().addresses().http() + path))
            .header("Authorization", "Bearer " + token.text())
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8))
            .build();
    try (var client = HttpClient.newHttpClient()) {
      var answer = client.send(request, BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return answer.body();
    }
  }

  private static Space main(Node node) {
    return node.spaces().find("main").orElseThrow();
  }

  private static Space system(Node node) {
    return node.spaces().find("_system").orElseThrow();
  }

  private static void write(Node node, String key) {
    assertThat(submit(node, key)).isInstanceOf(Outcome.Committed.class);
  }

  private static Outcome submit(Node node, String key) {
    return main(node)
        .submit("", Optional.empty(), List.of(TestNode.set(key, key)))
        .toCompletableFuture()
        .join();
  }

  private static boolean has(Node node, String key) {
    return TestNode.read(main(node), key).equals(new Value.Text(key));
  }

  private static void awaitAll(List<Node> nodes, String... keys) {
    await()
        .atMost(PATIENCE)
        .until(() ->
            nodes.stream()
                .allMatch(node -> List.of(keys).stream().allMatch(key -> has(node, key))));
  }

  private static List<Revoked> revoked(Node node) {
    return main(node).status().revocation().revoked();
  }

  private static int held(Node node) {
    return revoked(node).stream().mapToInt(Revoked::held).sum();
  }

  private static String digest(Node node) {
    return main(node).status().digest() + " " + main(node).status().active();
  }

  private static boolean hasAlarm(Node node, Effect.Kind kind) {
    return node.status().alarms().stream().anyMatch(alarm -> alarm.kind() == kind);
  }
}
