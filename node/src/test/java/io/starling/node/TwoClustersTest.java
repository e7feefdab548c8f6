package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.starling.crdt.value.Value;
import io.starling.node.config.NodeConfig;
import io.starling.node.hosting.TestNode;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.Invitation;
import io.starling.node.identity.JoinRequest;
import io.starling.node.member.Member;
import io.starling.node.space.Space;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// Two clusters that come near each other by mistake: nothing of the one gets into the other, and
/// the operators of both are told in a sentence.
final class TwoClustersTest {

  @TempDir private Path directory;
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private TestCluster here;
  private TestCluster there;

  @BeforeEach
  void found() throws Exception {
    here = new TestCluster(directory.resolve("here"));
    there = new TestCluster(directory.resolve("there"));
    log.start();
    ((Logger) LoggerFactory.getLogger("io.starling.node")).addAppender(log);
  }

  @AfterEach
  void stopListening() {
    ((Logger) LoggerFactory.getLogger("io.starling.node")).detachAppender(log);
  }

  private List<String> said() {
    return new ArrayList<>(log.list).stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private void awaitSaid(String... parts) {
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(said())
                .anySatisfy(line -> assertThat(line).contains(parts).doesNotContain("\n")));
  }

  private static String peer(Node node) {
    return node.status().node().addresses().peer();
  }

  private static Space main(Node node) {
    return node.spaces().find("main").orElseThrow();
  }

  private static void set(Node node, String value) {
    TestNode.write(main(node), TestNode.set("k", value));
  }

  private static void assertApart(Node node, Path home, String value) throws IOException {
    assertThat(node.status().members()).extracting(Member::name).containsExactly("n1");
    assertThat(node.status().links()).isEmpty();
    assertThat(TestNode.read(main(node), "k")).isEqualTo(new Value.Text(value));
    assertThat(main(node).status().peers()).isEmpty();
    // What it says of itself may be a tick old.
    await().until(() -> main(node).status().active().size() == 1);
    try (var roster = Files.list(home.resolve("identity").resolve("roster"))) {
      assertThat(roster).as("certificates known").hasSize(1);
    }
  }

  @Test
  void aPeerOfAnotherClusterIsDialledInVainAndBothAreTold() throws Exception {
    var mine = here.join("n1", List.of());
    try (var one = TestCluster.start(mine)) {
      set(one, "here");
      var theirs = there.join("n1", List.of(peer(one)));
      try (var other = TestCluster.start(theirs)) {
        set(other, "there");
        // Who dials, and who is dialled.
        awaitSaid("no stream to " + peer(one), "a certificate of another cluster");
        awaitSaid("refused ", "(not_trusted): the other end does not take this node's certificate");
        assertApart(one, mine, "here");
        assertApart(other, theirs, "there");
      }
    }
  }

  @Test
  void aNodeThatTakesOverTheAddressOfAnotherClustersIsNotTakenForIt() throws Exception {
    int port = freePort();
    var theirs = there.join("n1", List.of());
    listen(theirs, port);
    var mine = here.join("n1", List.of("127.0.0.1:" + port));
    try (var one = TestCluster.start(mine)) {
      set(one, "here");
      try (var other = TestCluster.start(theirs)) {
        set(other, "there");
        awaitSaid("no stream to 127.0.0.1:" + port, "a certificate of another cluster");
        assertApart(one, mine, "here");
        assertApart(other, theirs, "there");
      }
      // The right one, later, at the same address, is linked.
      var right = here.join("n2", List.of());
      listen(right, port);
      try (var two = TestCluster.start(right)) {
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> new Value.Text("here").equals(TestNode.read(main(two), "k")));
      }
    }
  }

  @Test
  void aStoreUnderTheIdentityOfAnotherClusterIsRefusedAndLeftAsItWas() throws Exception {
    var mine = here.join("n1", List.of());
    var theirs = there.join("n1", List.of());
    try (var one = TestCluster.start(mine)) {
      set(one, "here");
    }
    TestCluster.copy(mine.resolve("store"), theirs.resolve("store"));
    assertThatThrownBy(() -> TestCluster.start(theirs))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("cluster")
        .hasMessageNotContaining("\n");
    TestCluster.copy(mine.resolve("store"), directory.resolve("expected"));
    assertThat(Files.readAllBytes(theirs.resolve("store").resolve("store.identity")))
        .isEqualTo(Files.readAllBytes(directory.resolve("expected").resolve("store.identity")));
    try (var one = TestCluster.start(mine)) {
      assertThat(TestNode.read(main(one), "k")).isEqualTo(new Value.Text("here"));
    }
  }

  @Test
  void anInvitationOfAnotherClusterIsRefusedByAMemberAndARequest() throws Exception {
    var mine = here.join("n1", List.of());
    var request = directory.resolve("request");
    var asked = JoinRequest.create(request, "n1", "here", List.of("localhost"));
    var invitation = directory.resolve("foreign.pem");
    Invitation.issue(there.authority(), asked, List.of()).writeTo(invitation);
    assertThatThrownBy(() -> Invitation.accept(mine.resolve("identity"), invitation))
        .isInstanceOf(IdentityException.class)
        .hasMessageNotContaining("\n")
        .satisfies(refused ->
            assertThat(((IdentityException) refused).reason())
                .isIn(
                    IdentityException.Reason.WRONG_KEY,
                    IdentityException.Reason.OCCUPIED,
                    IdentityException.Reason.FOREIGN_CLUSTER));
    try (var one = TestCluster.start(mine)) {
      assertThat(one.status().members()).hasSizeLessThanOrEqualTo(1);
    }
  }

  @Test
  void aTokenOfAnotherClusterIsForeign() throws Exception {
    try (var one = TestCluster.start(here.join("n1", List.of()));
        var other = TestCluster.start(there.join("n1", List.of()))) {
      set(one, "here");
      var token = main(one).status().token();
      assertThat(main(other).id()).isNotEqualTo(main(one).id());
      assertThat(main(other).covers(token, Duration.ofSeconds(1)).toCompletableFuture().join())
          .isEqualTo(Space.Coverage.FOREIGN);
    }
  }

  private static int freePort() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return taken.getLocalPort();
    }
  }

  private static void listen(Path home, int port) throws IOException {
    Files.writeString(
        home.resolve(NodeConfig.FILE),
        """
        listen: {http: 0, grpc: 0, peer: %d}
        limits: {cacheMegabytes: 8, freeMegabytes: 16}
        """
            .formatted(port));
  }
}
