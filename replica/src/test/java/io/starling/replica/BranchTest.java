package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.op.Operation;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.fork.Forks;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Message;
import io.starling.replica.message.Transfer;
import io.starling.replica.message.Transfer.Row;
import io.starling.replica.message.TransferEncoding;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.Table;
import io.starling.replica.read.Coverage;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import io.starling.replica.request.Submission;
import io.starling.replica.state.LogRemains;
import io.starling.replica.state.LongContexts;
import io.starling.replica.state.SpaceState;
import io.starling.replica.state.StoredSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What becomes of both halves of a fork: each goes on as a branch, on all members alike.
class BranchTest {

  private final Cluster cluster = new Cluster(4);
  private final Cluster.Member thrownBack = cluster.member(0);
  private final Cluster.Member one = cluster.member(1);
  private final Cluster.Member two = cluster.member(2);
  private final Cluster.Member three = cluster.member(3);

  /// The state of the machine to which it is set back.
  private MemoryState copy = new MemoryState();

  private void begin() {
    thrownBack.commit(Cluster.add("s", "before"), Cluster.increment("n", 100));
    cluster.deliverAll();
    copy = thrownBack.state.copy();
  }

  /// The machine and its memory are what they were; it has heard of nobody since.
  private void setBack() {
    thrownBack.state = copy.copy();
    thrownBack.restartAsBefore();
    cluster.members.forEach(member -> member.inbox.removeIf(_ -> member == thrownBack));
    thrownBack.on(new Event.PeerUp(one.key));
    thrownBack.on(new Event.PeerUp(two.key));
    thrownBack.on(new Event.PeerUp(three.key));
    cluster.loseAll();
  }

  private void settle() {
    cluster.members.forEach(member -> {
      member.side = 0;
      member.isCutOff = false;
    });
    cluster.connectAll();
    cluster.rounds(10);
  }

  private void assertAllEqual() {
    assertAllSame();
    assertThat(cluster.alarmKinds()).isSubsetOf(Effect.Kind.FORK, Effect.Kind.LOST_TAIL);
  }

  private void assertAllSame() {
    for (var member : cluster.members) {
      assertThat(member.status().token()).isEqualTo(one.status().token());
      assertThat(member.status().digest()).isEqualTo(one.status().digest());
      assertThat(member.status().closed()).isEqualTo(one.status().closed());
      assertThat(member.status().buffered()).isZero();
      StateCheck.holds(member);
    }
    assertThat(cluster.alarmKinds())
        .doesNotContain(Effect.Kind.DIGEST_MISMATCH, Effect.Kind.DONOR_FAULT);
  }

  private static List<String> elements(Cluster.Member member) {
    return member.reader().elements(Path.of("s"), Optional.empty(), 100).elements().stream()
        .map(element -> ((Value.Text) element).value())
        .toList();
  }

  /// A token of before the machine was set back names more than its incarnation has by now, and
  /// what has the lower number are other batches than its client has read.
  @Test
  void whatWasReadBeforeTheMachineWasSetBackRemovesNothingElse() {
    begin();
    thrownBack.commit(Cluster.add("s", "lost"));
    var seen = thrownBack.commit(Cluster.add("s", "lost, too")).token();
    setBack();
    thrownBack.commit(Cluster.add("s", "after"));

    var outcome =
        thrownBack.submit(
            Optional.of(seen),
            new Mutation.RemoveElement(Path.of("s"), new Value.Text("after"), Bias.ADD));

    assertThat(outcome)
        .isEqualTo(
            new Outcome.Refused(
                Outcome.Reason.ABORTED,
                "the token names batch 3 of "
                    + thrownBack.self()
                    + ", which this node no longer has: its machine was set back to an earlier"
                    + " state; read again"));
    assertThat(elements(thrownBack)).containsExactly("after", "before");
  }

  /// Nor is a write made that is to be made only if nothing has changed since.
  @Test
  void aConditionOfBeforeTheMachineWasSetBackIsStale() {
    begin();
    thrownBack.commit(Cluster.add("s", "lost"));
    var seen = thrownBack.commit(Cluster.set("k", "1")).token();
    setBack();

    var request =
        new Request(
            "somebody",
            Optional.empty(),
            Optional.empty(),
            Optional.of(seen),
            List.of(Cluster.set("k", "2")));
    var outcomes = thrownBack.submit(List.of(new Submission(0, request)));
    var outcome = (Outcome.Refused) outcomes.getFirst();

    assertThat(outcome.reason()).isEqualTo(Outcome.Reason.ABORTED);
    assertThat(outcome.message()).contains("which this node no longer has", "read again");
  }

  @Test
  void aMachineThatWasSetBackKeepsAllThatItAcknowledgedBeforeAndAfter() {
    begin();
    thrownBack.commit(Cluster.add("s", "lost"), Cluster.increment("n", 10));
    cluster.deliverAll();
    setBack();
    thrownBack.commit(Cluster.add("s", "again"), Cluster.increment("n", 1));
    settle();
    assertAllEqual();
    for (var member : cluster.members) {
      assertThat(elements(member)).containsExactly("again", "before", "lost");
      assertThat(member.value("n")).isEqualTo(new Value.Int(111));
    }
    thrownBack.commit(Cluster.add("s", "later"));
    cluster.deliverAll();
    settle();
    assertAllEqual();
    // Its next incarnation has closed the one that was forked, and both branches.
    assertThat(one.status().active().size()).isEqualTo(1);
    assertThat(elements(three)).contains("later");
  }

  @Test
  void othersThatBuiltUponDifferentHalvesComeToTheSame() {
    begin();
    two.side = 1;
    three.side = 1;
    thrownBack.commit(Cluster.add("s", "lost"));
    cluster.deliverAll();
    one.commit(
        Cluster.add("s", "on lost"), new Mutation.RemoveElement(Path.of("s"), text("before")));
    cluster.deliverAll();
    setBack();
    thrownBack.side = 1;
    thrownBack.commit(Cluster.add("s", "again"));
    cluster.deliverAll();
    two.commit(Cluster.add("s", "on again"));
    cluster.deliverAll();
    settle();
    assertAllEqual();
    assertThat(elements(one)).containsExactly("again", "lost", "on again", "on lost");
  }

  @Test
  void aResetTakesBackWhatItsAuthorSawOnOneBranchAndNoMore() {
    begin();
    two.side = 1;
    three.side = 1;
    thrownBack.commit(Cluster.increment("n", 10));
    cluster.deliverAll();
    one.commit(new Mutation.Reset(Path.of("n"), Optional.empty()));
    cluster.deliverAll();
    setBack();
    thrownBack.side = 1;
    thrownBack.commit(Cluster.increment("n", 1));
    cluster.deliverAll();
    two.commit(Cluster.increment("n", 5));
    cluster.deliverAll();
    settle();
    assertAllEqual();
    for (var member : cluster.members) {
      assertThat(member.value("n")).isEqualTo(new Value.Int(6));
    }
  }

  /// What is split off had heard that the incarnation was closed, and does not name it any more.
  @Test
  void whatTheReplicaHadSeenOfOneThatWasClosedSinceItHasStillSeen() {
    two.commit(Cluster.add("s", "of two"));
    cluster.deliverAll();
    begin();
    two.restart();
    cluster.connectAll();
    two.commit(Cluster.add("s", "of two again"));
    cluster.deliverAll();
    thrownBack.commit(Cluster.add("s", "lost"));
    cluster.deliverAll();
    setBack();
    thrownBack.commit(new Mutation.RemoveElement(Path.of("s"), text("of two")));
    settle();
    assertAllEqual();
    assertThat(elements(one)).containsExactly("before", "lost", "of two again");
  }

  /// The log does not reach back to where it was named; what is split off had heard of the close.
  @Test
  void whereItIsNotKnownWhatTheReplicaHadSeenNothingIsSplit() {
    two.commit(Cluster.add("s", "of two"));
    var closed = two.last();
    cluster.deliverAll();
    thrownBack.commit(Cluster.add("s", "early"));
    cluster.deliverAll();
    var beside = Forgery.by(new ReplicaId(two.key, 77)).doing(increment("f")).sign();
    var closer =
        Forgery.after(beside)
            .seeing(closed.head())
            .closing(closed.head())
            .doing(increment("f"))
            .sign();
    cluster.members.forEach(member -> member.hear(two, beside));
    thrownBack.commit(Cluster.add("s", "before"));
    cluster.deliverAll();
    for (var member : cluster.members) {
      member.loseLog(thrownBack.self(), 1);
    }
    copy = thrownBack.state.copy();
    cluster.members.forEach(member -> member.hear(two, closer));
    thrownBack.commit(Cluster.add("s", "lost"));
    cluster.deliverAll();
    setBack();
    thrownBack.commit(new Mutation.RemoveElement(Path.of("s"), text("of two")));
    settle();
    assertThat(cluster.alarmKinds()).contains(Effect.Kind.FORK);
    assertThat(cluster.alarmKinds()).doesNotContain(Effect.Kind.DIGEST_MISMATCH);
    assertThat(elements(one)).isEqualTo(elements(three));
    for (var member : cluster.members) {
      if (member.status().token().equals(thrownBack.status().token())) {
        assertThat(elements(member)).isEqualTo(elements(thrownBack));
      }
    }
  }

  private static Operation increment(String key) {
    return new Operation.Increment(Path.of(key), 1);
  }

  @Test
  void aForkThatIsFoundLongAfterIsFoundByGoingBackInGrowingSteps() {
    begin();
    two.side = 1;
    three.side = 1;
    for (int i = 0; i < 300; i++) {
      thrownBack.commit(Cluster.add("s", "lost" + i));
    }
    cluster.deliverAll();
    setBack();
    thrownBack.side = 1;
    for (int i = 0; i < 200; i++) {
      thrownBack.commit(Cluster.add("s", "again" + i));
    }
    cluster.deliverAll();
    thrownBack.isCutOff = true;
    one.side = 0;
    two.side = 0;
    three.side = 0;
    int before = pulls();
    cluster.connectAll();
    cluster.rounds(15);
    for (var member : List.of(one, two, three)) {
      assertThat(member.reader().cardinality("s")).isEqualTo(501);
      assertThat(member.status().digest()).isEqualTo(one.status().digest());
    }
    assertThat(pulls() - before).isLessThan(80);
    int after = pulls();
    cluster.rounds(10);
    assertThat(pulls()).as("nothing is missing any more").isEqualTo(after);
  }

  private int pulls() {
    return cluster.members.stream().mapToInt(it -> it.sent(Message.Pull.class).size()).sum();
  }

  /// Each answer holds one batch. Those of branches come first by name, and would wait at who lacks
  /// what they go on from.
  @Test
  void whoLagsIsToldFirstWhatBranchesGoOnFrom() {
    var usual = Limits.DEFAULT;
    var small =
        new Cluster(
            3,
            new Limits(
                usual.transactionOperations(),
                usual.transactionBytes(),
                usual.valueBytes(),
                usual.clearedCells(),
                usual.bufferedBatches(),
                1,
                usual.tick(),
                usual.round(),
                usual.drift()));
    var author = small.member(0);
    var other = small.member(1);
    var late = small.member(2);
    // Branches are named by hashes: of both one comes before a name that is late enough.
    while (author.self().incarnation() >>> 60 < 14) {
      author.restart();
    }
    small.connectAll();
    late.isCutOff = true;
    for (int i = 0; i < 3; i++) {
      author.commit(Cluster.add("s", "before" + i));
    }
    small.deliverAll();
    var root = author.self();
    var before = author.state.copy();
    author.commit(Cluster.add("s", "lost"));
    author.commit(Cluster.add("s", "lost, too"));
    small.deliverAll();
    author.state = before;
    author.restartAsBefore();
    author.commit(Cluster.add("s", "again"));
    author.commit(Cluster.add("s", "again, too"));
    small.connectAll();
    small.rounds(20);
    assertThat(other.status().token()).isEqualTo(author.status().token());
    assertThat(other.status().active().entries())
        .as("a branch is named before what it goes on from")
        .anyMatch(entry -> entry.replica().key().equals(author.key))
        .anyMatch(entry -> entry.replica().compareTo(root) < 0);

    late.isCutOff = false;
    small.connectAll();
    small.rounds(40);

    assertThat(late.status().token()).isEqualTo(other.status().token());
    assertThat(late.status().digest()).isEqualTo(other.status().digest());
    assertThat(elements(late))
        .containsExactly(
            "again", "again, too", "before0", "before1", "before2", "lost", "lost, too");
  }

  @Test
  void aMachineThatIsSetBackTwiceHasThreeBranches() {
    begin();
    thrownBack.commit(Cluster.add("s", "lost"));
    cluster.deliverAll();
    for (int i = 0; i < 2; i++) {
      thrownBack.isCutOff = false;
      setBack();
      thrownBack.commit(Cluster.add("s", "again" + i));
      var half = thrownBack.last();
      thrownBack.isCutOff = true;
      cluster.loseAll();
      cluster.member(2 + i).hear(thrownBack, half);
    }
    settle();
    assertAllEqual();
    assertThat(elements(one)).containsExactly("again0", "again1", "before", "lost");
  }

  @Test
  void aForkFurtherBackThanOneThatIsKnownMovesItsBranches() {
    begin();
    var first = copy;
    thrownBack.commit(Cluster.increment("n", 10));
    cluster.deliverAll();
    copy = thrownBack.state.copy();
    thrownBack.commit(Cluster.increment("n", 20), Cluster.increment("m", 1));
    cluster.deliverAll();
    setBack();
    thrownBack.commit(Cluster.increment("n", 40), Cluster.increment("m", 2));
    cluster.deliverAll();
    settle();
    copy = first;
    setBack();
    thrownBack.commit(Cluster.increment("n", 80), Cluster.increment("m", 4));
    cluster.deliverAll();
    settle();
    assertAllEqual();
    for (var member : cluster.members) {
      assertThat(member.value("n")).isEqualTo(new Value.Int(250));
      assertThat(member.value("m")).isEqualTo(new Value.Int(7));
    }
  }

  @Test
  void aClientsTokenOfABranchReadsAsBefore() {
    begin();
    thrownBack.commit(Cluster.add("s", "lost"));
    cluster.deliverAll();
    var token = one.status().token();
    setBack();
    thrownBack.commit(Cluster.add("s", "again"));
    var again = thrownBack.status().token();
    settle();
    for (var member : cluster.members) {
      assertThat(member.reader().coverage(token)).isEqualTo(Coverage.COVERED);
      assertThat(member.reader().coverage(again)).isEqualTo(Coverage.COVERED);
    }
    // It removes what it has read, and not what was written on the other branch.
    one.commitAt(token, new Mutation.Remove(Path.of("s")));
    settle();
    assertAllEqual();
    assertThat(elements(three)).containsExactly("again");
  }

  @Test
  void aTokenOfABranchThatIsNotHereIsWaitedFor() {
    begin();
    three.isCutOff = true;
    thrownBack.commit(Cluster.add("s", "lost"));
    cluster.deliverAll();
    setBack();
    thrownBack.isCutOff = true;
    thrownBack.commit(Cluster.add("s", "again"));
    var again = thrownBack.status().token();
    assertThat(one.reader().coverage(again)).isNotEqualTo(Coverage.COVERED);
    assertThat(three.reader().coverage(again)).isEqualTo(Coverage.NOT_YET);
    settle();
    assertThat(one.reader().coverage(again)).isEqualTo(Coverage.COVERED);
    assertThat(three.reader().coverage(again)).isEqualTo(Coverage.COVERED);
  }

  @Test
  void branchesAreTheSameAfterAStart() {
    begin();
    thrownBack.commit(Cluster.add("s", "lost"), Cluster.increment("n", 10));
    cluster.deliverAll();
    setBack();
    thrownBack.commit(Cluster.add("s", "again"), Cluster.increment("n", 1));
    settle();
    cluster.members.forEach(Cluster.Member::restart);
    settle();
    assertAllEqual();
    two.commit(Cluster.add("s", "later"));
    settle();
    assertAllEqual();
    assertThat(elements(one)).containsExactly("again", "before", "later", "lost");
  }

  @Test
  void whatIsLeftOfTheLogOfADamagedStoreHasBothBranches() {
    begin();
    thrownBack.commit(Cluster.add("s", "lost"));
    cluster.deliverAll();
    setBack();
    thrownBack.commit(Cluster.add("s", "again"));
    settle();
    var left = new LogRemains(one.state);
    var anew = cluster.beside();
    left.last()
        .forEach((replica, last) -> {
          assertThat(last).isEqualTo(one.status().active().seq(replica));
          for (long seq = left.begins(replica); seq <= last; seq++) {
            var batch = left.batch(replica, seq).orElseThrow();
            anew.on(new Event.Recovered(List.of(batch)));
          }
        });
    assertThat(elements(anew)).containsExactly("again", "before", "lost");
  }

  @Test
  void aNewcomerTakesOverTheStateOfMembersWhoseLogsAreGone() {
    begin();
    thrownBack.commit(Cluster.add("s", "lost"), Cluster.increment("n", 10));
    cluster.deliverAll();
    setBack();
    thrownBack.commit(Cluster.add("s", "again"), Cluster.increment("n", 1));
    settle();
    cluster.members.forEach(Cluster.Member::loseLog);
    var newcomer = cluster.beside();
    cluster.members.add(newcomer);
    cluster.connectAll();
    cluster.rounds(60);
    assertThat(elements(newcomer)).containsExactly("again", "before", "lost");
    assertThat(newcomer.value("n")).isEqualTo(new Value.Int(111));
    assertThat(newcomer.status().digest()).isEqualTo(one.status().digest());
    newcomer.commit(Cluster.add("s", "new"));
    thrownBack.commit(Cluster.add("s", "later"));
    cluster.rounds(3);
    assertThat(elements(one)).contains("new", "later");
    assertThat(newcomer.status().digest()).isEqualTo(one.status().digest());
  }

  /// Three branches begin at one place, of which the proof shows two.
  private void threeBranches() {
    begin();
    thrownBack.commit(Cluster.add("s", "lost"), Cluster.increment("n", 10));
    cluster.deliverAll();
    for (int i = 0; i < 2; i++) {
      thrownBack.isCutOff = false;
      setBack();
      thrownBack.commit(Cluster.add("s", "again" + i), Cluster.increment("n", 1 + i));
      var half = thrownBack.last();
      thrownBack.isCutOff = true;
      cluster.loseAll();
      one.hear(thrownBack, half);
      three.hear(thrownBack, half);
    }
    cluster.loseAll();
  }

  private Cluster.Member newcomer() {
    cluster.members.forEach(Cluster.Member::loseLog);
    cluster.members.forEach(Cluster.Member::restart);
    var newcomer = cluster.beside();
    cluster.members.add(newcomer);
    cluster.connectAll();
    cluster.rounds(60);
    return newcomer;
  }

  private static SortedSet<ReplicaId> branches(Cluster.Member member) {
    var names = new TreeSet<ReplicaId>();
    new StoredSpace(member.state).branchRows().forEach(row -> names.add(row.name()));
    return names;
  }

  @Test
  void aNewcomerLearnsOfTheThirdBranchOfAPlaceByState() {
    threeBranches();
    settle();
    assertThat(branches(one)).hasSize(3);
    var newcomer = newcomer();
    assertThat(branches(newcomer)).isEqualTo(branches(one));
    assertThat(newcomer.status().closed()).isEqualTo(one.status().closed());
    assertThat(newcomer.value("n")).isEqualTo(new Value.Int(113));
    assertAllSame();
  }

  @Test
  void whatGoesOnFromTheThirdBranchByItsFirstNameIsReadByANewcomer() {
    threeBranches();
    three.isCutOff = true;
    three.commit(Cluster.add("s", "on the third"));
    settleBut(three);
    var late = three.last();
    var newcomer = newcomer();
    newcomer.hear(three, late);
    assertThat(elements(newcomer)).contains("on the third");
    one.hear(three, late);
    cluster.rounds(2);
    assertThat(newcomer.status().digest()).isEqualTo(one.status().digest());
    assertThat(newcomer.status().closed()).isEqualTo(one.status().closed());
  }

  private void settleBut(Cluster.Member away) {
    cluster.members.forEach(member -> member.isCutOff = member == away);
    cluster.connectAll();
    cluster.rounds(10);
  }

  /// Else the members that were set up anew tell others of their contexts than those that were not.
  @Test
  void contextsThatAnEarlierVersionStoredAreToldAsAllTellThem() {
    threeBranches();
    settle();
    thrownBack.restart();
    cluster.connectAll();
    thrownBack.commit(Cluster.add("s", "anew"));
    cluster.deliverAll();
    two.commit(Cluster.add("s", "of two"));
    three.commit(Cluster.add("s", "of three"));
    settle();
    assertThat(LongContexts.write(one.state)).isPositive();
    one.restart();
    settle();
    thrownBack.commit(Cluster.add("s", "more"));
    settle();
    assertThat(new StoredSpace(one.state).headRows())
        .containsExactlyInAnyOrderElementsOf(new StoredSpace(two.state).headRows());
    newcomer();
    assertAllSame();
  }

  /// One branch is longer than another of which more comes late, and only its end is known.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void moreOfTheThirdBranchIsNotTakenForWhatAnotherHasByItsNumber(boolean isBackward) {
    begin();
    for (int i = 2; i <= 6; i++) {
      thrownBack.commit(Cluster.add("s", "lost" + i));
    }
    cluster.deliverAll();
    setBack();
    thrownBack.commit(Cluster.add("s", "again"));
    thrownBack.isCutOff = true;
    cluster.loseAll();
    var halves = List.of(thrownBack.last());
    for (var member : List.of(one, two, three)) {
      halves.forEach(half -> member.hear(thrownBack, half));
    }
    thrownBack.isCutOff = false;
    setBack();
    var late = new ArrayList<SignedBatch>();
    for (int i = 2; i <= 5; i++) {
      thrownBack.commit(Cluster.add("s", "third" + i));
      late.add(thrownBack.last());
    }
    thrownBack.isCutOff = true;
    cluster.loseAll();
    for (var member : List.of(one, two, three)) {
      member.hear(thrownBack, late.getFirst());
    }
    settleBut(thrownBack);
    var newcomer = cluster.beside();
    for (var member : List.of(one, two, three)) {
      member.loseLog();
      member.restart();
    }
    cluster.members.add(newcomer);
    settleBut(thrownBack);
    cluster.rounds(60);
    late.removeFirst();
    for (var half : isBackward ? late.reversed() : late) {
      newcomer.hear(thrownBack, half);
    }
    late.forEach(half -> newcomer.hear(thrownBack, half));
    assertThat(elements(newcomer)).contains("again", "lost6", "third2", "third3", "third5");
    late.forEach(half -> one.hear(thrownBack, half));
    settleBut(thrownBack);
    for (var member : List.of(one, two, three, newcomer)) {
      assertThat(elements(member)).isEqualTo(elements(newcomer));
      assertThat(member.status().digest()).isEqualTo(newcomer.status().digest());
      assertThat(member.status().buffered()).isZero();
      StateCheck.holds(member);
    }
  }

  /// A branch is forked in its turn, while what is longer is the other one.
  private void branchOfABranch(String again) {
    begin();
    for (int i = 0; i < 5; i++) {
      thrownBack.commit(Cluster.add("s", "lost" + i), Cluster.increment("n", 10));
    }
    cluster.deliverAll();
    setBack();
    thrownBack.commit(Cluster.add("s", again), Cluster.increment("n", 1));
    thrownBack.commit(Cluster.add("s", again + " more"), Cluster.increment("n", 8));
    copy = thrownBack.state.copy();
    thrownBack.commit(Cluster.add("s", "again and lost"), Cluster.increment("n", 2));
    var halves =
        new ArrayList<>(
            thrownBack
                .applied()
                .subList(thrownBack.applied().size() - 3, thrownBack.applied().size()));
    cluster.loseAll();
    setBack();
    thrownBack.commit(Cluster.add("s", "again and again"), Cluster.increment("n", 4));
    halves.add(thrownBack.last());
    thrownBack.isCutOff = true;
    cluster.loseAll();
    halves.forEach(half -> one.hear(thrownBack, half));
    halves.forEach(half -> two.hear(thrownBack, half));
  }

  /// By what they have written, the one branch or the other is the lower by name.
  @ParameterizedTest
  @ValueSource(strings = {"again", "anew", "afresh", "once more", "newly", "over again"})
  void aNewcomerLearnsOfBranchesOfBranchesByState(String again) {
    branchOfABranch(again);
    settle();
    assertThat(branches(one)).hasSize(4);
    var newcomer = newcomer();
    assertThat(branches(newcomer)).isEqualTo(branches(one));
    assertThat(newcomer.value("n")).isEqualTo(new Value.Int(165));
    assertAllSame();
    // The log of what begins a branch is gone.
    var stored = new StoredSpace(newcomer.state);
    var applied = stored.applied(stored.branches());
    for (var row : stored.branchRows()) {
      assertThat(applied.hash(row.name(), row.first())).contains(row.hash());
    }
  }

  /// What a donor tells of branches, altered.
  private static UnaryOperator<Message> telling(UnaryOperator<List<Row>> forgery) {
    return message ->
        message instanceof Message.Transferred(var space, long session, var transfer)
                && transfer instanceof Transfer.Page(long page, var rows, boolean isLast, _)
            ? new Message.Transferred(
                space, session, new Transfer.Page(page, forgery.apply(rows), isLast))
            : message;
  }

  private static List<Row> without(List<Row> rows, ReplicaId branch) {
    return rows.stream()
        .filter(row -> !(row instanceof Row.BranchRow it && it.name().equals(branch)))
        .toList();
  }

  private Message busy(Message message) {
    boolean isRefused =
        cluster.alarms.stream().anyMatch(alarm -> alarm.message().contains("was not taken over"))
            || cluster.alarmKinds().contains(Effect.Kind.DONOR_FAULT);
    return !isRefused
            && message instanceof Message.Transferred(var space, long session, var transfer)
            && transfer instanceof Transfer.Offer
        ? new Message.Transferred(
            space,
            session,
            new Transfer.Refused(Transfer.Reason.BUSY, "it gives its state to others"))
        : message;
  }

  /// One donor lies, and is named; the others give nothing before.
  private void assertFoundOut(UnaryOperator<List<Row>> forgery) {
    assertRefused(forgery);
    assertThat(cluster.alarms)
        .anyMatch(alarm ->
            alarm.kind() == Effect.Kind.DONOR_FAULT
                && alarm.message().contains("state that " + one.key + " gave"));
  }

  /// It may be that it was not told itself.
  private void assertNotBelieved(UnaryOperator<List<Row>> forgery) {
    assertRefused(forgery);
    assertThat(cluster.alarms)
        .anyMatch(alarm ->
            alarm.kind() == Effect.Kind.UNATTESTED
                && alarm.message().contains("the state of " + one.key + " was not taken over")
                && alarm.message().contains("tells otherwise where branches"));
    assertThat(cluster.alarmKinds()).doesNotContain(Effect.Kind.DONOR_FAULT);
  }

  private void assertRefused(UnaryOperator<List<Row>> forgery) {
    cluster.members.forEach(Cluster.Member::loseLog);
    cluster.members.forEach(Cluster.Member::restart);
    one.forgery = telling(forgery);
    two.forgery = this::busy;
    three.forgery = this::busy;
    thrownBack.forgery = this::busy;
    var newcomer = cluster.beside();
    cluster.members.add(newcomer);
    cluster.connectAll();
    cluster.rounds(150);
    assertThat(branches(newcomer)).isEqualTo(branches(two));
    assertThat(newcomer.status().digest()).isEqualTo(two.status().digest());
  }

  @Test
  void aDonorThatLeavesABranchOutIsNotBelieved() {
    threeBranches();
    settle();
    var last = branches(one).last();
    assertNotBelieved(rows -> without(rows, last));
  }

  @Test
  void aDonorThatTellsOfNoBranchIsNotBelieved() {
    threeBranches();
    settle();
    assertNotBelieved(
        rows -> rows.stream().filter(row -> !(row instanceof Row.BranchRow)).toList());
  }

  /// All that it says of it fits.
  @Test
  void aDonorThatAddsABranchIsNotBelieved() {
    threeBranches();
    three.commit(Cluster.add("s", "of three"));
    settle();
    three.commit(Cluster.add("s", "more of three"));
    settle();
    var forged =
        new Row.BranchRow(
            new ReplicaId(three.key, 5), 1, new ChainHash(three.self().incarnation(), 1, 2, 3));
    assertNotBelieved(rows -> {
      var all = new ArrayList<>(rows);
      all.addAll(
          1 + rows.indexOf(rows.stream().filter(Row.BranchRow.class::isInstance).findFirst().get()),
          List.of(forged));
      return all;
    });
  }

  /// There is no third member, so it is held against what is here.
  @Test
  void aBranchThatBeginsAmidWhatIsAppliedHereIsNotTakenOver() {
    var pair = new Cluster(2);
    var donor = pair.member(0);
    var joiner = pair.member(1);
    var before = joiner.self();
    for (int i = 0; i < 3; i++) {
      joiner.commit(Cluster.set("a", "1"));
    }
    pair.deliverAll();
    joiner.restart();
    pair.connectAll();
    joiner.commit(Cluster.set("a", "2"));
    pair.deliverAll();
    joiner.isCutOff = true;
    joiner.commit(Cluster.set("a", "3"));
    donor.commit(Cluster.set("b", "1"));
    donor.loseLog();
    donor.restart();
    var end = new StoredSpace(donor.state).head(joiner.self()).orElseThrow().seq();
    var forged =
        new Row.BranchRow(joiner.self(), end + 1, new ChainHash(before.incarnation(), 1, 2, 3));
    donor.forgery =
        telling(rows -> {
          var all = new ArrayList<>(rows);
          all.add((int) rows.stream().filter(Row.HeadRow.class::isInstance).count(), forged);
          return all;
        });
    // What it has written does not get there meanwhile.
    joiner.forgery =
        message ->
            message instanceof Message.Batches
                ? new Message.Transferred(Cluster.MAIN, 0, new Transfer.Get(0))
                : message;
    joiner.isCutOff = false;
    pair.connectAll();
    pair.rounds(60);
    assertThat(pair.alarms)
        .anyMatch(it -> it.message().contains("was not taken over: it has another batch 2 of"));
    assertThat(branches(joiner)).isEmpty();
    assertThat(joiner.value("a")).isEqualTo(text("3"));
    donor.forgery = UnaryOperator.identity();
    joiner.forgery = UnaryOperator.identity();
    pair.rounds(60);
    assertThat(joiner.value("b")).isEqualTo(text("1"));
  }

  @Test
  void aDonorThatHasABranchGoOnFromAnotherIsFoundOut() {
    branchOfABranch("anew");
    settle();
    var of =
        new StoredSpace(one.state)
            .branchRows().stream().collect(Collectors.groupingBy(Row.BranchRow::first));
    assertThat(of).containsOnlyKeys(2L, 4L);
    var other = of.get(2L).stream().filter(it -> !it.name().equals(of.get(4L).getFirst().parent()));
    var parent = other.findFirst().orElseThrow().name();
    assertFoundOut(rows ->
        rows.stream()
            .map(row ->
                row instanceof Row.BranchRow(_, long first, var hash) && first == 4
                    ? new Row.BranchRow(parent, first, hash)
                    : row)
            .toList());
  }

  /// It may know of a later fork alone.
  @Test
  void aDonorThatHasAKnownBranchBeginElsewhereIsRefusedAndNotNamed() {
    branchOfABranch("anew");
    settle();
    three.isCutOff = true;
    one.commit(Cluster.add("s", "on"));
    settleBut(three);
    var known = new StoredSpace(one.state).branchRows().getFirst();
    var lies = new int[1];
    UnaryOperator<List<Row>> elsewhere =
        rows ->
            rows.stream()
                .map(row -> {
                  if (!row.equals(known)) {
                    return row;
                  }
                  lies[0]++;
                  return (Row)
                      new Row.BranchRow(
                          new ReplicaId(thrownBack.key, 77), known.first(), known.hash());
                })
                .toList();
    for (var member : List.of(thrownBack, one, two)) {
      member.loseLog();
      member.restart();
      member.forgery = telling(elsewhere);
    }
    three.isCutOff = false;
    cluster.connectAll();
    cluster.rounds(40);
    assertThat(lies[0]).isPositive();
    assertThat(elements(three)).doesNotContain("on");
    assertThat(cluster.alarms)
        .anyMatch(it -> it.message().contains("was not taken over: it has another batch"));
    assertThat(cluster.alarmKinds()).doesNotContain(Effect.Kind.DONOR_FAULT);
    for (var member : List.of(thrownBack, one, two)) {
      member.forgery = UnaryOperator.identity();
    }
    cluster.rounds(60);
    assertThat(elements(three)).contains("on");
    assertAllSame();
  }

  /// It had taken a state over before all announced to read where branches begin.
  @Test
  void whoWasNotToldOfABranchIsNotNamedForIt() {
    threeBranches();
    settle();
    cluster.peerForm = TransferEncoding.BRANCHES_FORM - 1;
    var early = newcomer();
    assertThat(branches(early)).hasSize(2);
    cluster.peerForm = TransferEncoding.BRANCHES_FORM;
    var newcomer = newcomer();
    assertThat(newcomer.value("n")).isEqualTo(new Value.Int(113));
    assertThat(cluster.alarmKinds())
        .doesNotContain(Effect.Kind.DONOR_FAULT, Effect.Kind.DIGEST_MISMATCH);
    // A member that was told confirms it, or none does.
    assertThat(branches(newcomer)).isEqualTo(branches(one));
    assertThat(newcomer.status().digest()).isEqualTo(one.status().digest());
  }

  /// One of an earlier version would take what is new for a fault.
  @Test
  void nothingOfBranchesIsSaidBeforeAllReadIt() {
    threeBranches();
    settle();
    cluster.peerForm = TransferEncoding.BRANCHES_FORM - 1;
    var newcomer = newcomer();
    assertThat(newcomer.value("n")).isEqualTo(new Value.Int(113));
    assertThat(cluster.alarmKinds()).doesNotContain(Effect.Kind.DONOR_FAULT);
    for (var member : cluster.members) {
      for (var sent : member.sent(Message.Transferred.class)) {
        assertThat(TransferEncoding.encode(sent.transfer())[0]).isLessThanOrEqualTo((byte) 10);
        if (sent.transfer() instanceof Transfer.Page page) {
          assertThat(page.rows()).noneMatch(Row.BranchRow.class::isInstance);
        }
      }
    }
  }

  /// A member of an earlier version comes into reach, or is heard of, when the donor was asked
  /// already.
  @Test
  void whoIsToConfirmIsAskedInAFormThatItReads() {
    threeBranches();
    settle();
    cluster.members.forEach(member -> member.forgery = this::afterTheOfferSomeAreOlder);
    var newcomer = newcomer();
    var asked = newcomer.sent(Message.Transferred.class).stream().map(it -> it.transfer()).toList();
    assertThat(asked).anyMatch(it -> it instanceof Transfer.Ask(_, boolean newer) && newer);
    assertThat(asked).anyMatch(Transfer.Compare.class::isInstance);
    assertThat(asked).noneMatch(it -> it instanceof Transfer.Compare(_, _, _, var n) && n);
    assertThat(newcomer.value("n")).isEqualTo(new Value.Int(113));
    assertThat(cluster.alarmKinds())
        .doesNotContain(Effect.Kind.DONOR_FAULT, Effect.Kind.UNATTESTED);
  }

  private Message afterTheOfferSomeAreOlder(Message said) {
    if (said instanceof Message.Transferred(_, _, Transfer.Offer _)) {
      cluster.peerForm = TransferEncoding.BRANCHES_FORM - 1;
    }
    return said;
  }

  @Test
  void aMachineOnOneBranchTakesOverStateWhileItLearnsOfTheOther() {
    begin();
    thrownBack.commit(Cluster.add("s", "lost"), Cluster.increment("n", 10));
    cluster.deliverAll();
    setBack();
    thrownBack.commit(Cluster.add("s", "again"), Cluster.increment("n", 1));
    copy = thrownBack.state.copy();
    one.hear(thrownBack, thrownBack.last());
    thrownBack.isCutOff = true;
    cluster.loseAll();
    cluster.rounds(10);
    one.commit(Cluster.add("s", "meanwhile"));
    cluster.rounds(3);
    for (var member : List.of(one, two, three)) {
      member.loseLog();
      member.restart();
    }
    setBack();
    thrownBack.commit(Cluster.add("s", "more"));
    cluster.members.forEach(member -> member.isCutOff = false);
    cluster.connectAll();
    cluster.rounds(60);
    for (var member : cluster.members) {
      assertThat(elements(member)).containsExactly("again", "before", "lost", "meanwhile", "more");
      assertThat(member.value("n")).isEqualTo(new Value.Int(111));
      StateCheck.holds(member);
    }
  }

  @Test
  void oneThatCannotTellItsBranchesApartTakesOverNoState() {
    begin();
    thrownBack.commit(Cluster.add("s", "lost"), Cluster.increment("n", 10));
    cluster.deliverAll();
    three.isCutOff = true;
    three.loseLog();
    three.restart();
    setBack();
    thrownBack.commit(Cluster.add("s", "again"), Cluster.increment("n", 1));
    one.hear(thrownBack, thrownBack.last());
    thrownBack.isCutOff = true;
    cluster.loseAll();
    cluster.connectAll();
    cluster.rounds(5);
    one.commit(Cluster.add("s", "on"));
    cluster.rounds(2);
    one.loseLog();
    two.loseLog();
    three.isCutOff = false;
    cluster.connectAll();
    cluster.rounds(40);
    // What it has would else be counted twice: by the name of the whole, and by that of the branch.
    assertThat(three.value("n")).isEqualTo(new Value.Int(110));
    assertThat(one.value("n")).isEqualTo(new Value.Int(111));
    three.state = new MemoryState();
    three.restart();
    cluster.connectAll();
    cluster.rounds(60);
    assertThat(three.value("n")).isEqualTo(new Value.Int(111));
    assertThat(three.status().digest()).isEqualTo(one.status().digest());
  }

  @Test
  void theStateOfAMemberOnAnotherBranchIsNotTakenForMoreOfTheOwn() {
    begin();
    three.side = 1;
    thrownBack.commit(Cluster.add("s", "lost"));
    cluster.deliverAll();
    setBack();
    thrownBack.side = 1;
    thrownBack.commit(Cluster.add("s", "again"));
    cluster.deliverAll();
    thrownBack.isCutOff = true;
    one.commit(Cluster.add("s", "on lost"));
    cluster.deliverAll();
    for (var member : List.of(one, two)) {
      member.loseLog();
      member.restart();
    }
    three.side = 0;
    cluster.connectAll();
    cluster.rounds(30);
    assertThat(elements(three)).containsExactly("again", "before");
    assertThat(elements(one)).containsExactly("before", "lost", "on lost");
    assertThat(cluster.alarmKinds()).contains(Effect.Kind.FORK);
    assertThat(cluster.alarmKinds()).doesNotContain(Effect.Kind.DIGEST_MISMATCH);
  }

  @Test
  void whereTheLogIsTooShortToTellTheyAreOneTheForkIsAlarmedAndOthersFlowOn() {
    begin();
    thrownBack.commit(Cluster.add("s", "lost"));
    cluster.deliverAll();
    setBack();
    thrownBack.commit(Cluster.add("s", "again"));
    var half = thrownBack.last();
    thrownBack.isCutOff = true;
    cluster.loseAll();
    for (var member : List.of(one, two, three)) {
      member.loseLog();
      member.restart();
    }
    cluster.connectAll();
    one.hear(thrownBack, half);
    cluster.rounds(5);
    assertThat(cluster.alarmKinds()).contains(Effect.Kind.FORK);
    two.commit(Cluster.add("s", "on"));
    cluster.rounds(3);
    for (var member : List.of(one, two, three)) {
      assertThat(elements(member)).containsExactly("before", "lost", "on");
      StateCheck.holds(member);
    }
  }

  @Test
  void aForgerWhoForksWithoutEndIsHeldToItsLimits() {
    begin();
    for (int i = 0; i < 3 * Forks.PER_KEY_MAX; i++) {
      one.hear(
          thrownBack,
          Forgery.by(thrownBack.self()).doing(new Operation.Increment(Path.of("f"), i)).sign());
      cluster.loseAll();
    }
    assertThat(new Forks(new SpaceState(Cluster.MAIN, one.state)).all().size())
        .isLessThanOrEqualTo(Forks.PER_KEY_MAX);
    assertThat(one.status().buffered()).isLessThanOrEqualTo(1_024);
    two.commit(Cluster.set("a", "flows"));
    cluster.deliverAll();
    cluster.rounds(3);
    assertThat(one.value("a")).isEqualTo(text("flows"));
  }

  @Test
  void ofForksBeyondTheLimitOfAKeyNothingFollows() {
    begin();
    for (int i = 0; i < 2 * Forks.PER_KEY_MAX; i++) {
      var replica = new ReplicaId(thrownBack.key, 1_000 + i);
      for (int half = 0; half < 2; half++) {
        one.hear(
            thrownBack,
            Forgery.by(replica).doing(new Operation.Increment(Path.of("f"), half)).sign());
      }
      cluster.loseAll();
    }
    one.commit(Cluster.set("a", "makes all durable"));
    long[] rows = {0};
    one.state.scan(
        Table.META, new byte[] {'k'}, new byte[] {'l'}, (_, _) -> ++rows[0] < Long.MAX_VALUE);
    assertThat(rows[0]).isEqualTo(2L * Forks.PER_KEY_MAX);
  }

  private static Value text(String value) {
    return new Value.Text(value);
  }
}
