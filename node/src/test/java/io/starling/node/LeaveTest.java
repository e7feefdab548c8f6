package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.value.Value;
import io.starling.node.hosting.HostedSpaces;
import io.starling.node.hosting.TestNode;
import io.starling.node.identity.DepartureNote;
import io.starling.node.member.Departure;
import io.starling.node.member.Member;
import io.starling.node.space.Space;
import io.starling.node.space.SpaceChange;
import io.starling.node.status.LeavingStatus.Phase;
import io.starling.node.status.NodeStatus;
import io.starling.replica.request.Outcome;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Nodes leave their cluster for good, over real ports, TLS and disks.
final class LeaveTest {

  private static final Duration LONG = Duration.ofMinutes(5);

  @TempDir private Path directory;
  private TestCluster cluster;

  @BeforeEach
  void found() throws Exception {
    cluster = new TestCluster(directory);
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(40)).pollInterval(Duration.ofMillis(20));
  }

  private static String peer(Node node) {
    return node.status().node().addresses().peer();
  }

  private static Space main(Node node) {
    return node.spaces().find("main").orElseThrow();
  }

  private static Outcome set(Node node, String key) {
    return TestNode.write(main(node), TestNode.set(key, key));
  }

  private static void awaitRead(Node node, String key) {
    soon().until(() -> new Value.Text(key).equals(TestNode.read(main(node), key)));
  }

  private static List<String> members(Node node) {
    return node.status().members().stream().map(Member::name).sorted().toList();
  }

  private static void awaitMembers(Node node, String... names) {
    soon().until(() -> members(node).equals(List.of(names)));
  }

  private static void awaitLeft(Node node) {
    assertThat(node.left().toCompletableFuture())
        .succeedsWithin(Duration.ofSeconds(40))
        .isInstanceOf(Instant.class);
  }

  private static String metrics(Node node) throws Exception {
    var uri = URI.create("http://" + node.status().node().addresses().http() + "/metrics");
    try (var http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    }
  }

  @Test
  void whatOnlyTheLeavingNodeHasIsHandedOverBeforeItGoes() throws Exception {
    var first = cluster.join("n1", List.of());
    try (var one = TestCluster.start(first)) {
      var second = cluster.join("n2", List.of(peer(one)));
      var third = cluster.join("n3", List.of(peer(one)));
      try (var two = TestCluster.start(second);
          var three = TestCluster.start(third)) {
        for (var node : List.of(one, two, three)) {
          awaitMembers(node, "n1", "n2", "n3");
        }
        set(three, "relayed");
        awaitRead(one, "relayed");
      }
      // Cut off from the others, which are away.
      set(one, "unseen");
      assertThat(one.leaving().begin(1, LONG)).isEmpty();
      assertThat(set(one, "refused"))
          .isEqualTo(
              new Outcome.Refused(
                  Outcome.Reason.UNAVAILABLE,
                  "this node is leaving the cluster; write on n2 or n3"));
      assertThat(TestNode.read(main(one), "unseen")).isEqualTo(new Value.Text("unseen"));
      assertThat(one.status().node().state()).isEqualTo(NodeStatus.State.LEAVING);
      soon()
          .untilAsserted(() ->
              assertThat(one.status().leaving().orElseThrow().lacking())
                  .contains("main is missing at n2 (not reachable), n3 (not reachable)"));
      assertThat(one.left().toCompletableFuture()).isNotDone();
      try (var two = TestCluster.start(second)) {
        awaitLeft(one);
        one.close();
        assertThat(TestNode.read(main(two), "unseen")).isEqualTo(new Value.Text("unseen"));
        awaitMembers(two, "n2", "n3");
        assertThatThrownBy(() -> TestCluster.start(first))
            .isInstanceOf(StartException.class)
            .hasMessageMatching("this node left its cluster on 20[^ ]+Z and cannot come back.*")
            .hasMessageContaining("join anew in a new directory");
        // Who was away meanwhile gets from the others what the one that left had.
        TestCluster.dial(third, List.of(peer(two)));
        try (var three = TestCluster.start(third)) {
          awaitRead(three, "unseen");
          awaitMembers(three, "n2", "n3");
          assertThat(set(three, "later")).isInstanceOf(Outcome.Committed.class);
          awaitRead(two, "later");
          // The one that left is asked for nothing.
          var all = main(two).objection(new io.starling.node.space.Level.All());
          assertThat(all).isEmpty();
          soon().until(() -> main(two).status().log().holders().isEmpty());
        }
      }
    }
  }

  @Test
  void anOldCopyOfANodeThatLeftIsLetInNowhere() throws Exception {
    var first = cluster.join("n1", List.of());
    try (var one = TestCluster.start(first)) {
      var second = cluster.join("n2", List.of(peer(one)));
      Node two = TestCluster.start(second);
      try (two) {
        awaitMembers(one, "n1", "n2");
        awaitMembers(two, "n1", "n2");
      }
      var copy = directory.resolve("copy");
      TestCluster.copy(second, copy);
      try (var again = TestCluster.start(second)) {
        assertThat(again.leaving().begin(1, LONG)).isEmpty();
        awaitLeft(again);
      }
      awaitMembers(one, "n1");
      try (var old = TestCluster.start(copy)) {
        soon()
            .until(() ->
                metrics(one)
                    .lines()
                    .anyMatch(line ->
                        line.startsWith("starling_peer_refusals_total{reason=\"departed\"}")
                            && !line.endsWith(" 0.0")));
        set(old, "of the copy");
        assertThat(main(old).status().peers()).noneMatch(it -> it.isUp());
      }
      assertThat(TestNode.read(main(one), "of the copy"))
          .isNotEqualTo(new Value.Text("of the copy"));
    }
  }

  @Test
  void theLastMemberCannotLeaveNorOneThatHasTooFewOthers() throws Exception {
    try (var one = TestCluster.start(cluster.join("n1", List.of()))) {
      awaitMembers(one, "n1");
      assertThat(one.leaving().begin(1, LONG).orElseThrow())
          .startsWith("this node is the last member of its cluster");
      assertThat(set(one, "a")).isInstanceOf(Outcome.Committed.class);
      try (var two = TestCluster.start(cluster.join("n2", List.of(peer(one))))) {
        awaitMembers(one, "n1", "n2");
        assertThat(one.leaving().begin(2, LONG))
            .contains("2 other members are to have all that this node has, but there are 1");
        awaitMembers(two, "n1", "n2");
        var alone =
            new SpaceChange(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(List.of("n1")),
                new TreeSet<>());
        one.spaces().create("", "mine", alone).toCompletableFuture().join();
        assertThat(one.leaving().begin(1, LONG).orElseThrow())
            .contains("0 of them host 'mine'")
            .contains("starling space set mine --members");
        assertThat(set(one, "b")).isInstanceOf(Outcome.Committed.class);
      }
    }
  }

  @Test
  void whoCannotHandOverInTimeOrIsToldToStayTakesWritesAgain() throws Exception {
    try (var one = TestCluster.start(cluster.join("n1", List.of()))) {
      try (var two = TestCluster.start(cluster.join("n2", List.of(peer(one))))) {
        awaitMembers(one, "n1", "n2");
        awaitMembers(two, "n1", "n2");
      }
      set(one, "unseen");
      assertThat(one.leaving().begin(1, Duration.ofMillis(700))).isEmpty();
      soon().until(() -> one.leaving().stayed().isPresent());
      assertThat(one.leaving().stayed().orElseThrow().why())
          .startsWith("the time is over: ")
          .contains("main is missing at n2 (not reachable)");
      assertThat(set(one, "again")).isInstanceOf(Outcome.Committed.class);
      assertThat(one.leaving().begin(1, LONG)).isEmpty();
      assertThat(one.leaving().begin(1, LONG)).contains("this node is leaving already");
      assertThat(set(one, "refused")).isInstanceOf(Outcome.Refused.class);
      assertThat(one.leaving().cancel()).isEmpty();
      assertThat(set(one, "and again")).isInstanceOf(Outcome.Committed.class);
      assertThat(one.leaving().cancel()).contains("this node is not leaving");
      assertThat(one.status().node().state()).isEqualTo(NodeStatus.State.READY);
    }
  }

  @Test
  void twoThatLeaveAtOnceDoNotCountOnEachOther() throws Exception {
    try (var one = TestCluster.start(cluster.join("n1", List.of()));
        var two = TestCluster.start(cluster.join("n2", List.of(peer(one))))) {
      try (var three = TestCluster.start(cluster.join("n3", List.of(peer(one))))) {
        awaitMembers(one, "n1", "n2", "n3");
        awaitMembers(two, "n1", "n2", "n3");
        awaitMembers(three, "n1", "n2", "n3");
      }
      assertThat(two.leaving().begin(1, LONG)).isEmpty();
      assertThat(one.leaving().begin(1, Duration.ofSeconds(2))).isEmpty();
      soon().until(() -> one.leaving().stayed().isPresent());
      // Only now is there somebody who stays.
      awaitLeft(two);
      awaitMembers(one, "n1", "n3");
    }
  }

  @Test
  void aNodeThatIsKilledWhileItHandsOverComesBackAsAMember() throws Exception {
    var first = cluster.join("n1", List.of());
    var second = cluster.join("n2", List.of());
    try (var one = TestCluster.start(first)) {
      TestCluster.dial(second, List.of(peer(one)));
      try (var two = TestCluster.start(second)) {
        awaitMembers(one, "n1", "n2");
        awaitMembers(two, "n1", "n2");
      }
    }
    assertThat(leaveAndKill(first, "unseen"))
        .startsWith("leaving true Refused[reason=UNAVAILABLE")
        .contains("this node is leaving the cluster; write on n2");
    try (var one = TestCluster.start(first)) {
      assertThat(one.leaving().status()).isEmpty();
      assertThat(set(one, "taken")).isInstanceOf(Outcome.Committed.class);
      TestCluster.dial(second, List.of(peer(one)));
      try (var two = TestCluster.start(second)) {
        soon().until(() -> new Value.Text("unseen").equals(TestNode.read(main(two), "unseen")));
        awaitMembers(two, "n1", "n2");
      }
    }
  }

  private static String leaveAndKill(Path home, String key) throws Exception {
    var process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                LeavingProcess.class.getName(),
                home.toString(),
                key)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (var out = process.inputReader()) {
      for (var line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith("leaving ")) {
          return line;
        }
      }
      throw new AssertionError("the process has ended without leaving");
    } finally {
      process.destroyForcibly();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  /// As a process leaves it that is killed right before it states that it leaves.
  private static void note(Node node, Path home) throws Exception {
    var spaces = (HostedSpaces) node.spaces();
    var marked = spaces.markLeaving(Instant.now()).toCompletableFuture().join();
    assertThat(marked).isInstanceOf(Outcome.Committed.class);
    var token = ((Outcome.Committed) marked).token();
    DepartureNote.leaving(Instant.now(), token).write(home.resolve("identity"));
  }

  /// As a process leaves it that is killed when it has stated that it leaves.
  private static void state(Node node, Path home) throws Exception {
    note(node, home);
    var spaces = (HostedSpaces) node.spaces();
    assertThat(spaces.depart(Instant.now()).toCompletableFuture().join())
        .isInstanceOf(Outcome.Committed.class);
  }

  @Test
  void whoWasKilledWhenItHadStatedThatItLeavesFinishesThat() throws Exception {
    var first = cluster.join("n1", List.of());
    var second = cluster.join("n2", List.of());
    try (var one = TestCluster.start(first)) {
      TestCluster.dial(second, List.of(peer(one)));
      try (var two = TestCluster.start(second)) {
        awaitMembers(one, "n1", "n2");
        awaitMembers(two, "n1", "n2");
      }
      state(one, first);
    }
    try (var one = TestCluster.start(first)) {
      assertThat(one.leaving().status().orElseThrow().phase()).isEqualTo(Phase.ANNOUNCING);
      assertThat(set(one, "refused")).isInstanceOf(Outcome.Refused.class);
      assertThat(one.leaving().cancel().orElseThrow()).contains("it cannot stay");
      TestCluster.dial(second, List.of(peer(one)));
      try (var two = TestCluster.start(second)) {
        awaitLeft(one);
        awaitMembers(two, "n2");
      }
    }
    assertThatThrownBy(() -> TestCluster.start(first))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("left its cluster on");
  }

  @Test
  void whoWasKilledWhenOthersKnewAlreadyHearsOfItByTheirRefusal() throws Exception {
    var first = cluster.join("n1", List.of());
    try (var one = TestCluster.start(first);
        var two = TestCluster.start(cluster.join("n2", List.of(peer(one))))) {
      awaitMembers(one, "n1", "n2");
      awaitMembers(two, "n1", "n2");
      state(one, first);
      awaitMembers(two, "n2");
      one.close();
      try (var again = TestCluster.start(first)) {
        awaitLeft(again);
      }
    }
  }

  @Test
  void whoseStoreIsFoundDamagedWhenItHadStatedThatItLeavesFinishesThat() throws Exception {
    var first = cluster.join("n1", List.of());
    try (var one = TestCluster.start(first);
        var two = TestCluster.start(cluster.join("n2", List.of(peer(one))))) {
      awaitMembers(one, "n1", "n2");
      awaitMembers(two, "n1", "n2");
      state(one, first);
      awaitMembers(two, "n2");
      one.close();
      Files.writeString(first.resolve("store/store.damaged"), "a test");
      TestCluster.dial(first, List.of(peer(two)));
      try (var again = TestCluster.start(first)) {
        assertThat(again.leaving().status().orElseThrow().phase()).isNotEqualTo(Phase.HANDING_OVER);
        assertThat(set(again, "refused")).isInstanceOf(Outcome.Refused.class);
        awaitLeft(again);
      }
    }
  }

  private static Path noteFile(Path home) {
    return home.resolve("identity/departure");
  }

  private static void delete(Path directory) throws Exception {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static void assertTakesNothingAndLeaves(Node node) {
    assertThat(node.leaving().status().orElseThrow().phase()).isNotEqualTo(Phase.HANDING_OVER);
    assertThat(set(node, "taken")).isInstanceOf(Outcome.Refused.class);
    awaitLeft(node);
  }

  @Test
  void whoseStoreIsLostWhenItHadStatedThatItLeavesFinishesThat() throws Exception {
    var first = cluster.join("n1", List.of());
    try (var one = TestCluster.start(first);
        var two = TestCluster.start(cluster.join("n2", List.of(peer(one))))) {
      awaitMembers(one, "n1", "n2");
      awaitMembers(two, "n1", "n2");
      state(one, first);
      awaitMembers(two, "n2");
      one.close();
      delete(first.resolve("store"));
      TestCluster.dial(first, List.of(peer(two)));
      try (var again = TestCluster.start(first)) {
        assertTakesNothingAndLeaves(again);
      }
    }
  }

  /// The older store has all of `_system` but what was written since the node began to leave, as a
  /// copy mostly has.
  @Test
  void whoseStoreIsReplacedByAnOlderCopyWhenItHadStatedThatItLeavesFinishesThat() throws Exception {
    var first = cluster.join("n1", List.of());
    var second = cluster.join("n2", List.of());
    var old = directory.resolve("old");
    try (var one = TestCluster.start(first)) {
      TestCluster.dial(second, List.of(peer(one)));
      try (var two = TestCluster.start(second)) {
        awaitMembers(one, "n1", "n2");
        awaitMembers(two, "n1", "n2");
      }
    }
    TestCluster.copy(first.resolve("store"), old);
    try (var one = TestCluster.start(first)) {
      state(one, first);
    }
    delete(first.resolve("store"));
    Files.move(old, first.resolve("store"));
    try (var again = TestCluster.start(first)) {
      assertThat(Files.readString(noteFile(first)).strip().split(" ")).hasSize(2);
      TestCluster.dial(second, List.of(peer(again)));
      try (var two = TestCluster.start(second)) {
        assertTakesNothingAndLeaves(again);
        awaitMembers(two, "n2");
      }
    }
  }

  @Test
  void whoWasKilledBeforeItCouldStateThatItLeavesStaysAsItsStoreShows() throws Exception {
    var first = cluster.join("n1", List.of());
    try (var one = TestCluster.start(first)) {
      note(one, first);
    }
    try (var one = TestCluster.start(first)) {
      assertThat(one.leaving().status()).isEmpty();
      assertThat(noteFile(first)).doesNotExist();
      assertThat(set(one, "taken")).isInstanceOf(Outcome.Committed.class);
    }
  }

  /// As it is between the loss of its store and the second start, when it has taken over from those
  /// who do not know of its statement all that it had noted.
  @Test
  void whatAnOlderStoreTakesOverIsNoProofThatNothingWasStated() throws Exception {
    var first = cluster.join("n1", List.of());
    try (var one = TestCluster.start(first)) {
      note(one, first);
    }
    var kept = directory.resolve("kept");
    Files.move(first.resolve("store"), kept);
    TestCluster.start(first).close();
    delete(first.resolve("store"));
    Files.move(kept, first.resolve("store"));
    try (var one = TestCluster.start(first)) {
      assertThat(one.leaving().status().orElseThrow().phase()).isEqualTo(Phase.ANNOUNCING);
      assertThat(set(one, "refused")).isInstanceOf(Outcome.Refused.class);
    }
  }

  /// The note is one that should not be there, and the other lacks what was written since.
  @Test
  void whatADamagedStoreAloneHasIsHandedOverBeforeItsNodeStatesThatItLeaves() throws Exception {
    var first = cluster.join("n1", List.of());
    var second = cluster.join("n2", List.of());
    try (var one = TestCluster.start(first)) {
      TestCluster.dial(second, List.of(peer(one)));
      try (var two = TestCluster.start(second)) {
        awaitMembers(one, "n1", "n2");
        awaitMembers(two, "n1", "n2");
      }
      new DepartureNote(false, Instant.now(), Optional.empty()).write(first.resolve("identity"));
      var text = "x".repeat(40_000);
      for (int round = 0; round < 20; round++) {
        var outcomes = new ArrayList<CompletableFuture<Outcome>>();
        for (int i = 0; i < 50; i++) {
          var write = TestNode.set("mine" + (round * 50 + i), text);
          outcomes.add(
              main(one).submit("", Optional.empty(), List.of(write)).toCompletableFuture());
        }
        outcomes.forEach(it -> assertThat(it.join()).isInstanceOf(Outcome.Committed.class));
      }
    }
    Files.writeString(first.resolve("store/store.damaged"), "a test");
    try (var two = TestCluster.start(second)) {
      TestCluster.dial(first, List.of(peer(two)));
      try (var again = TestCluster.start(first)) {
        soon()
            .until(() ->
                again.leaving().status().orElseThrow().lacking().contains("is made anew from"));
        awaitLeft(again);
        assertThat(count(main(two))).isEqualTo(1_000);
      }
    }
  }

  private static long count(Space space) {
    try (var snapshot = space.read()) {
      return snapshot.reader().keys("mine", "", 10_000).keys().size();
    }
  }

  @Test
  void whoCannotWriteThatItLeavesStaysOnlyOnceItsNoteIsGone() throws Exception {
    var first = cluster.join("n1", List.of());
    var second = cluster.join("n2", List.of());
    try (var one = TestCluster.start(first)) {
      TestCluster.dial(second, List.of(peer(one)));
      try (var two = TestCluster.start(second)) {
        awaitMembers(one, "n1", "n2");
        awaitMembers(two, "n1", "n2");
        // A directory that is not empty is neither replaced by a file nor removed.
        var inside = Files.createDirectories(noteFile(first)).resolve("inside");
        Files.createFile(inside);
        assertThat(one.leaving().begin(1, LONG)).isEmpty();
        soon()
            .until(() ->
                one.leaving().status().orElseThrow().lacking().contains("takes no writes until"));
        assertThat(set(one, "refused")).isInstanceOf(Outcome.Refused.class);
        Files.delete(inside);
        soon().until(() -> one.leaving().stayed().isPresent());
        assertThat(noteFile(first)).doesNotExist();
        assertThat(one.leaving().stayed().orElseThrow().why()).startsWith("it failed: ");
        // Which every store lacks that was copied before.
        var system = one.spaces().find("_system").orElseThrow();
        var self = TestNode.read(system, "members/" + one.status().node().id());
        assertThat(((Value.Struct) self).fields()).containsKey("leaving");
        assertThat(set(one, "again")).isInstanceOf(Outcome.Committed.class);
        awaitRead(two, "again");
      }
    }
  }

  @Test
  void whatSomebodyElseStatesOfAMemberCountsForNothing() throws Exception {
    var second = cluster.join("n2", List.of());
    try (var one = TestCluster.start(cluster.join("n1", List.of()))) {
      TestCluster.dial(second, List.of(peer(one)));
      KeyFingerprint key;
      try (var two = TestCluster.start(second)) {
        awaitMembers(one, "n1", "n2");
        awaitMembers(two, "n1", "n2");
        key = two.status().node().id();
      }
      var system = one.spaces().find("_system").orElseThrow();
      TestNode.write(system, Departure.of(key, Instant.EPOCH));
      awaitMembers(one, "n1", "n2");
      // Neither is it kept out, nor does what it writes reach nobody.
      try (var two = TestCluster.start(second)) {
        assertThat(set(two, "after")).isInstanceOf(Outcome.Committed.class);
        soon()
            .until(() ->
                TestNode.read(one.spaces().find("main").orElseThrow(), "after")
                    .equals(new Value.Text("after")));
        awaitMembers(one, "n1", "n2");
        awaitMembers(two, "n1", "n2");
      }
    }
  }
}
