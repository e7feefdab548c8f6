package io.starling.node.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.crdt.cell.Path;
import io.starling.crdt.value.Value;
import io.starling.node.member.Forms;
import io.starling.node.member.Lapse;
import io.starling.node.member.Member;
import io.starling.replica.message.TransferEncoding;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// An upgrade of a cluster, one node after the other, to a version that knows a form "tale" in
/// version 2. There is no such form: what is tested is when a node may begin to write it.
final class UpgradeTest {

  private static final String FORM = "tale";

  private final TestNode one = TestNode.inMemory();
  private final TestNode two = TestNode.inMemory();
  private final TestNode three = TestNode.inMemory();

  @BeforeEach
  void begin() {
    one.join(two);
    one.join(three);
    two.join(three);
    describe(one, "one", Forms.NONE);
    describe(two, "two", Forms.NONE);
    describe(three, "three", Forms.NONE);
    await().until(() -> one.spaces().members().all().size() == 3);
  }

  @AfterEach
  void stop() throws InterruptedException {
    one.close();
    two.close();
    three.close();
  }

  @Test
  void noNodeWritesANewerFormUntilAllMembersAnnounceThatTheyReadIt() {
    assertThat(writable(one, tales(2))).isEqualTo(1);
    describe(one, "one", tales(2));
    describe(two, "two", tales(2));
    await().until(() -> reads(one, two) == 2 && reads(two, one) == 2 && reads(three, two) == 2);
    assertThat(writable(one, tales(2))).as("the third has announced nothing").isEqualTo(1);
    assertThat(writable(two, tales(2))).isEqualTo(1);

    describe(three, "three", tales(2));
    await().until(() -> writable(one, tales(2)) == 2);
    await().until(() -> writable(two, tales(2)) == 2);
    assertThat(writable(two, tales(1))).as("what it does not know itself").isEqualTo(1);
  }

  @Test
  void aMemberThatIsAwayOrHasLapsedCounts() throws InterruptedException {
    describe(one, "one", tales(2));
    describe(two, "two", tales(2));
    one.part(three);
    two.part(three);
    TestNode.write(one.spaces().system(), Lapse.of(three.fingerprint(), Instant.EPOCH));
    await().until(() -> reads(one, two) == 2);
    await().until(() -> one.spaces().members().lapsed().contains(three.fingerprint()));
    assertThat(writable(one, tales(2))).isEqualTo(1);
  }

  @Test
  void aStepBackTakesTheAnnouncementBack() {
    for (var each : Map.of("one", one, "two", two, "three", three).entrySet()) {
      describe(each.getValue(), each.getKey(), tales(2));
    }
    await().until(() -> writable(one, tales(2)) == 2);
    describe(three, "three", Forms.own());
    await().until(() -> writable(one, tales(2)) == 1);
    assertThat(reads(three, three)).isEqualTo(1);
  }

  @Test
  void whatANewerVersionSaysOfItselfIsKeptAndRelayedByOlderOnes() {
    var key = SystemDocuments.MEMBERS + one.fingerprint();
    var newer = new TreeMap<String, Value>();
    newer.put("novelty", new Value.Text("of a later version"));
    TestNode.write(
        one.spaces().system(), new Mutation.Merge(Path.of(key), new Value.Struct(newer), false));
    describe(one, "renamed", Forms.own());
    await()
        .until(() ->
            three.spaces().members().all().stream()
                .anyMatch(member -> member.name().equals("renamed")));
    var document = SystemDocuments.find((HostedSpace) three.spaces().system(), key).orElseThrow();
    assertThat(SystemDocuments.text(document, "novelty")).isEqualTo("of a later version");
  }

  @Test
  void nonsenseAnnouncesNothing() {
    var key = SystemDocuments.MEMBERS + one.fingerprint();
    var reads = new TreeMap<String, Value>();
    reads.put(FORM, new Value.Text("two"));
    reads.put("other", new Value.Int(Long.MAX_VALUE));
    TestNode.write(
        two.spaces().system(),
        new Mutation.Merge(Path.of(key).field("reads"), new Value.Struct(reads), false));
    await()
        .until(() ->
            SystemDocuments.find((HostedSpace) one.spaces().system(), key)
                .map(it -> it.toString().contains("two"))
                .orElse(false));
    assertThat(one.spaces().members().find(one.fingerprint()).orElseThrow().reads())
        .isEqualTo(Forms.NONE);
  }

  @Test
  void whatTellsOfBranchesIsAskedForOnceAllReadIt() {
    assertThat(Forms.writable(Forms.PEER, List.of(), List.of()))
        .as("of nobody anything is known")
        .isEqualTo(1);
    describe(one, "one", Forms.own());
    describe(two, "two", Forms.own());
    await()
        .until(() ->
            one.spaces().members().find(two.fingerprint()).orElseThrow().reads().newest(Forms.PEER)
                == TransferEncoding.BRANCHES_FORM);
    assertThat(Forms.writable(Forms.PEER, one.spaces().members().all(), List.of()))
        .as("the third has announced nothing")
        .isEqualTo(1);
    describe(three, "three", Forms.own());
    await()
        .until(() ->
            Forms.writable(Forms.PEER, one.spaces().members().all(), List.of())
                == TransferEncoding.BRANCHES_FORM);
  }

  /// It has described itself in its `_system`, and knows nobody else yet.
  @Test
  void whoHasJustComeSaysNothingNewToWhomItDoesNotKnow() {
    describe(one, "one", Forms.own());
    await()
        .until(() ->
            one.spaces().members().find(one.fingerprint()).orElseThrow().reads().newest(Forms.PEER)
                == TransferEncoding.BRANCHES_FORM);
    var itself = List.of(one.spaces().members().find(one.fingerprint()).orElseThrow());

    assertThat(Forms.writable(Forms.PEER, itself, List.of()))
        .isEqualTo(TransferEncoding.BRANCHES_FORM);
    assertThat(Forms.writable(Forms.PEER, itself, List.of(two.fingerprint()))).isEqualTo(1);
  }

  private static Forms tales(int newest) {
    var forms = new TreeMap<>(Forms.own().newest());
    forms.put(FORM, newest);
    return new Forms(forms);
  }

  private static int writable(TestNode node, Forms own) {
    return own.writable(FORM, node.spaces().members().all());
  }

  private static int reads(TestNode node, TestNode member) {
    return node.spaces().members().find(member.fingerprint()).orElseThrow().reads().newest(FORM);
  }

  private static void describe(TestNode node, String name, Forms reads) {
    var member = new Member(node.fingerprint(), name, "", "here", List.of(), reads);
    var outcome = node.spaces().describe(member, List.of()).toCompletableFuture().join();
    assertThat(outcome).isInstanceOf(Outcome.Committed.class);
  }
}
