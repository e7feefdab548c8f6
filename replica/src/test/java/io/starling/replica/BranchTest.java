package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.op.Operation;
import io.starling.crdt.value.Value;
import io.starling.replica.fork.Forks;
import io.starling.replica.message.Message;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.Table;
import io.starling.replica.read.Coverage;
import io.starling.replica.request.Mutation;
import io.starling.replica.state.LogRemains;
import io.starling.replica.state.SpaceState;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

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
    for (var member : cluster.members) {
      assertThat(member.status().token()).isEqualTo(one.status().token());
      assertThat(member.status().digest()).isEqualTo(one.status().digest());
      assertThat(member.status().closed()).isEqualTo(one.status().closed());
      assertThat(member.status().buffered()).isZero();
      StateCheck.holds(member);
    }
    assertThat(cluster.alarmKinds()).isSubsetOf(Effect.Kind.FORK, Effect.Kind.LOST_TAIL);
  }

  private static List<String> elements(Cluster.Member member) {
    return member.reader().elements(Path.of("s"), Optional.empty(), 100).elements().stream()
        .map(element -> ((Value.Text) element).value())
        .toList();
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
