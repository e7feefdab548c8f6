package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.Path;
import io.starling.crdt.op.Operation;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.Head;
import io.starling.replica.limits.Pace;
import io.starling.replica.message.Beacon;
import io.starling.replica.message.Message;
import io.starling.replica.message.SignedBeacon;
import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A store that starts again, is thrown back, or runs twice.
class IncarnationTest {

  @Test
  void theFirstBatchOfAnIncarnationClosesThePredecessor() {
    var cluster = new Cluster(2);
    var member = cluster.member(0);
    member.commit(Cluster.increment("n", 1));
    var old = member.last();
    member.restart();
    assertThat(member.self()).isNotEqualTo(old.batch().replica());
    member.commit(Cluster.increment("n", 1));
    assertThat(member.last().batch().seq()).isEqualTo(1);
    assertThat(member.last().batch().closes()).containsExactly(old.head());
    member.commit(Cluster.increment("n", 1));
    assertThat(member.last().batch().closes()).isEmpty();
    assertThat(member.status().active().size()).isEqualTo(1);
    assertThat(member.status().closedReplicas()).isEqualTo(1);
  }

  @Test
  void whatIsClosedHereIsShownOfNoPeer() {
    var cluster = new Cluster(2);
    var member = cluster.member(0);
    var other = cluster.member(1);
    member.commit(Cluster.increment("n", 1));
    cluster.deliverAll();
    other.commit(Cluster.increment("n", 1));
    cluster.deliverAll();
    var old = member.self();
    assertThat(member.status().peers().getFirst().applied().orElseThrow().contains(old)).isTrue();
    assertThat(other.status().active().contains(old)).isTrue();
    var author = other.self();
    other.restart();
    cluster.connectAll();
    other.commit(Cluster.increment("n", 1));
    cluster.rounds(3);
    assertThat(member.status().active().contains(author)).isFalse();
    assertThat(member.status().peers().getFirst().applied().orElseThrow().contains(author))
        .isFalse();
  }

  @Test
  void aStartThatWritesNothingLeavesNothing() {
    var cluster = new Cluster(1);
    var member = cluster.member(0);
    member.commit(Cluster.set("k", "v"));
    var before = StateCheck.contents(member.state);
    for (int i = 0; i < 10; i++) {
      member.restart();
      member.refused(Cluster.increment("k", 1));
      member.on(new Event.Tick());
    }
    assertThat(StateCheck.contents(member.state)).isEqualTo(before);
  }

  @Test
  void aLostTailIsFetchedBackUnderANewIncarnation() {
    var cluster = new Cluster(3);
    var member = cluster.member(0);
    member.commit(Cluster.add("s", "kept"));
    var copy = member.state.copy();
    for (int i = 0; i < 5; i++) {
      member.commit(Cluster.add("s", "tail " + i), Cluster.increment("n", 1));
    }
    cluster.deliverAll();
    member.state = copy;
    member.restart();
    member.commit(Cluster.add("s", "after"), Cluster.increment("n", 1));
    cluster.connectAll();
    cluster.rounds(3);
    assertThat(cluster.alarmKinds()).containsOnly(Effect.Kind.LOST_TAIL);
    assertThat(cluster.alarms.getFirst().message())
        .contains("which this node's key wrote and its store lacks");
    for (var each : cluster.members) {
      assertThat(((View.Elements) each.view("s")).elements()).hasSize(7);
      assertThat(each.value("n")).isEqualTo(new Value.Int(6));
      StateCheck.holds(each);
    }
  }

  @Test
  void aFetchedTailThatTakesBackWhatThePredecessorCountedIsValidHereToo() {
    // The author's own store and others keep its context in other forms: the one omits the
    // predecessor, which the author itself has closed, the others may list it.
    var cluster = new Cluster(2);
    var member = cluster.member(0);
    member.commit(Cluster.increment("n", 5));
    member.restart();
    cluster.connectAll();
    member.commit(Cluster.set("k", "closes the predecessor"));
    var copy = member.state.copy();
    member.commit(new Mutation.Remove(Path.of("n")), Cluster.set("k", "lost"));
    cluster.deliverAll();
    member.state = copy;
    member.restart();
    cluster.connectAll();
    cluster.rounds(2);
    for (var each : cluster.members) {
      assertThat(each.view("n")).isInstanceOf(View.Absent.class);
      assertThat(each.value("k")).isEqualTo(new Value.Text("lost"));
    }
    assertThat(cluster.alarmKinds()).containsExactly(Effect.Kind.LOST_TAIL);
  }

  @Test
  void aCloseThatNamesTooLowANumberIsFollowedByOneThatNamesTheLast() {
    var cluster = new Cluster(2);
    var member = cluster.member(0);
    var other = cluster.member(1);
    member.commit(Cluster.add("s", "1"));
    var copy = member.state.copy();
    member.commit(Cluster.add("s", "2"));
    cluster.deliverAll();
    var old = member.last();
    member.state = copy;
    member.restart();
    member.commit(Cluster.add("s", "3"));
    assertThat(member.last().batch().closes().getFirst().seq()).isEqualTo(1);
    cluster.deliverAll();
    assertThat(other.status().active().contains(old.batch().replica())).isTrue();
    cluster.connectAll();
    cluster.rounds(2);
    assertThat(member.status().active().contains(old.batch().replica())).isTrue();
    member.commit(Cluster.add("s", "4"));
    assertThat(member.last().batch().closes()).containsExactly(old.head());
    cluster.deliverAll();
    for (var each : cluster.members) {
      assertThat(each.status().active().size()).isEqualTo(1);
      assertThat(each.status().closedReplicas()).isEqualTo(1);
      assertThat(((View.Elements) each.view("s")).elements()).hasSize(4);
    }
    assertThat(other.status().closed()).isEqualTo(member.status().closed());
  }

  @Test
  void aRemovalCoversWhatCameOfAReopenedReplicaBeforeItWasClosedAgain() {
    // The author lists the old incarnation at 1, applies more of it and a close of that, and from
    // then on omits it: to readers of its next batch it has seen all of it all the same.
    var cluster = new Cluster(3);
    var thrownBack = cluster.member(0);
    var author = cluster.member(1);
    var reader = cluster.member(2);
    thrownBack.commit(Cluster.add("s", "1"));
    var copy = thrownBack.state.copy();
    cluster.deliverAll();
    author.commit(Cluster.set("k", "lists the old incarnation"));
    cluster.deliverAll();
    thrownBack.commit(Cluster.add("s", "2"));
    cluster.deliverAll();
    thrownBack.state = copy;
    thrownBack.restart();
    cluster.connectAll();
    cluster.rounds(2);
    thrownBack.commit(Cluster.add("s", "3"));
    cluster.deliverAll();
    author.commit(new Mutation.Remove(Path.of("s")));
    assertThat(author.last().batch().context().space().size()).isEqualTo(1);
    cluster.deliverAll();
    for (var each : cluster.members) {
      assertThat(each.view("s")).isInstanceOf(View.Absent.class);
      assertThat(each.status().digest()).isEqualTo(reader.status().digest());
    }
  }

  @Test
  void aMachineThrownBackWhileItRunsIsNotedByABeacon() {
    var cluster = new Cluster(2);
    var member = cluster.member(0);
    member.commit(Cluster.add("s", "1"));
    var ended = member.self();
    member.hear(cluster.member(1), claim(cluster, member, 2));
    assertThat(member.self()).isNotEqualTo(ended);
    assertThat(cluster.alarms.getFirst().message())
        .contains("incarnation " + ended + " of this node has ended: a peer has batch 2 of it")
        .contains("it goes on as " + member.self());
    member.commit(Cluster.add("s", "2"));
    assertThat(member.last().batch().closes().getFirst().replica()).isEqualTo(ended);
  }

  @Test
  void aMachineThrownBackWhileItRunsIsNotedByThePullOfAPeer() {
    var cluster = new Cluster(2);
    var member = cluster.member(0);
    member.commit(Cluster.add("s", "1"));
    var ended = member.self();
    var beyond = new Head(ended, 2, member.last().hash());
    var prefix = new Token.Prefix(ended, 2, beyond.hash().first());
    var token = new Token(Cluster.MAIN, List.of(prefix));
    member.hear(cluster.member(1), new Message.Pull(Cluster.MAIN, token));
    assertThat(member.self()).isNotEqualTo(ended);
    assertThat(cluster.alarmKinds()).containsExactly(Effect.Kind.LOST_TAIL);
  }

  @Test
  void aMachineThrownBackWhileItRunsIsNotedByTheContextOfABatch() {
    var cluster = new Cluster(2);
    var member = cluster.member(0);
    member.commit(Cluster.add("s", "1"));
    var ended = member.self();
    member.hear(
        cluster.member(1),
        Forgery.by(cluster.member(1).self())
            .seeing(Forgery.nowhere(ended, 2))
            .doing(new Operation.Enable(Path.of("f")))
            .sign());
    assertThat(member.self()).isNotEqualTo(ended);
  }

  @Test
  void aMachineThrownBackWhileItRunsIsNotedByItsOwnBatch() {
    var cluster = new Cluster(2);
    var member = cluster.member(0);
    member.commit(Cluster.add("s", "1"));
    var copy = member.state.copy();
    member.commit(Cluster.add("s", "2"));
    var lost = member.last();
    var ended = member.self();
    // Memory and store are those of before.
    member.state = copy;
    member.restartAsBefore();
    assertThat(member.self()).isEqualTo(ended);
    member.hear(cluster.member(1), lost);
    assertThat(member.self()).isNotEqualTo(ended);
    assertThat(((View.Elements) member.view("s")).elements()).hasSize(2);
  }

  @Test
  void aCloneStartedBesideTheOriginalEndsItsIncarnationAndBothGoOn() {
    var cluster = new Cluster(3);
    var original = cluster.member(0);
    original.commit(Cluster.add("s", "both"));
    cluster.deliverAll();
    var clone = cluster.cloneOf(original);
    original.commit(Cluster.add("s", "original"), Cluster.increment("n", 1));
    clone.commit(Cluster.add("s", "clone"), Cluster.increment("n", 10));
    cluster.deliverAll();
    cluster.rounds(3);
    original.commit(Cluster.increment("n", 1));
    clone.commit(Cluster.increment("n", 10));
    cluster.rounds(5);
    assertThat(cluster.alarmKinds()).containsOnly(Effect.Kind.LOST_TAIL);
    assertThat(cluster.alarms).anyMatch(a -> a.message().contains("it was closed by"));
    for (var each : cluster.members) {
      assertThat(((View.Elements) each.view("s")).elements()).hasSize(3);
      assertThat(each.value("n")).isEqualTo(new Value.Int(22));
      assertThat(each.status().digest()).isEqualTo(original.status().digest());
    }
  }

  @Test
  void twoProcessesOfOneKeyDoNotEndEachOtherWithEachWrite() {
    var cluster = new Cluster(3);
    var original = cluster.member(0);
    original.commit(Cluster.add("s", "both"));
    cluster.deliverAll();
    var clone = cluster.cloneOf(original);
    int writes = 200;
    for (int i = 0; i < writes; i++) {
      original.commit(Cluster.increment("n", 1));
      clone.commit(Cluster.increment("n", 1));
      cluster.deliverAll();
      if (i % 2 == 0) {
        cluster.rounds(1);
      }
    }
    var other = cluster.member(1);
    assertThat(other.value("n")).isEqualTo(new Value.Int(2 * writes));
    assertThat(other.status().closedReplicas()).isBetween(2, 24);
    assertThat(cluster.alarms).hasSizeLessThan(40);

    // One is stopped; the other goes on, and in the end nobody lists what has ended.
    clone.isCutOff = true;
    for (int i = 0; i < 2 * Pace.ROUNDS_MAX; i++) {
      cluster.rounds(1);
      original.commit(Cluster.increment("n", 1));
    }
    cluster.deliverAll();
    for (var each : cluster.members.subList(0, 3)) {
      assertThat(each.value("n")).isEqualTo(new Value.Int(2 * writes + 2 * Pace.ROUNDS_MAX));
      assertThat(each.status().active().size()).isEqualTo(1);
      assertThat(each.status().digest()).isEqualTo(original.status().digest());
      StateCheck.holds(each);
    }
  }

  @Test
  void aNumberOnceGivenIsNotGivenToAnother() {
    // An incarnation had its number stored before its first batch; the store is thrown back to that
    // moment, and the batches come back after another replica's.
    var cluster = new Cluster(3);
    var member = cluster.member(0);
    var other = cluster.member(1);
    member.refused(Cluster.increment("k", 1), Cluster.set("k", "v"));
    cluster.member(2).commit(Cluster.increment("n", 100));
    cluster.deliverAll();
    var copy = member.state.copy();
    member.commit(Cluster.increment("n", 1));
    cluster.deliverAll();
    var lost = member.last();
    other.commit(Cluster.increment("n", 10));
    var others = other.last();
    cluster.loseAll();
    member.state = copy;
    member.restart();
    member.hear(other, lost, others);
    assertThat(member.value("n")).isEqualTo(new Value.Int(111));
    StateCheck.holds(member);
  }

  @Test
  void twoHundredStartsLeaveShortVectorsContextsAndBeacons() {
    var cluster = new Cluster(3);
    var restless = cluster.member(0);
    for (int i = 0; i < 200; i++) {
      restless.commit(Cluster.increment("n", 1), Cluster.add("s", "e" + i));
      cluster.deliverAll();
      restless.restart();
      cluster.connectAll();
    }
    cluster.member(1).commit(Cluster.set("a", "1"));
    cluster.member(2).commit(Cluster.set("b", "1"));
    restless.commit(Cluster.set("c", "1"));
    cluster.deliverAll();
    cluster.rounds(5);
    for (var each : cluster.members) {
      assertThat(each.status().active().size()).isEqualTo(3);
      assertThat(each.status().closedReplicas()).isEqualTo(200);
      assertThat(each.status().closed()).isEqualTo(restless.status().closed());
      assertThat(each.status().digest()).isEqualTo(restless.status().digest());
      assertThat(each.value("n")).isEqualTo(new Value.Int(200));
      assertThat(each.reader().token().toBytes().length).isLessThan(150);
    }
    for (var each : cluster.members) {
      each.commit(Cluster.set("last", "1"));
      assertThat(each.last().batch().context().space().size()).isLessThanOrEqualTo(2);
      assertThat(each.last().bytes()).isLessThan(400);
      var beacon = each.sent(Message.Announcement.class).getLast().beacon();
      assertThat(beacon.body().length).isLessThan(250);
    }
    assertThat(cluster.alarms).isEmpty();
  }

  @Test
  void aNewcomerTakesInTwoHundredIncarnationsAtABoundedRate() {
    var cluster = new Cluster(2);
    var restless = cluster.member(0);
    cluster.member(1).isCutOff = true;
    for (int i = 0; i < 200; i++) {
      restless.commit(Cluster.increment("n", 1));
      restless.restart();
    }
    restless.commit(Cluster.increment("n", 1));
    cluster.loseAll();
    cluster.member(1).isCutOff = false;
    cluster.connectAll();
    cluster.rounds(6);
    assertThat(cluster.member(1).value("n")).isEqualTo(new Value.Int(201));
    assertThat(cluster.member(1).status().closedReplicas()).isEqualTo(200);
    assertThat(cluster.member(1).status().buffered()).isZero();
  }

  private static Message claim(Cluster cluster, Cluster.Member member, long seq) {
    var peer = cluster.member(1);
    peer.on(new Event.PeerUp(member.key));
    var said = peer.sent(Message.Announcement.class).getLast().beacon().beacon();
    var moved = List.of(new Token.Prefix(member.self(), seq, 1));
    var forged =
        new Beacon(
            said.space(),
            said.author(),
            said.head(),
            moved,
            said.closed(),
            said.digest(),
            said.cells(),
            said.time(),
            said.wallMillis());
    return new Message.Announcement(new SignedBeacon(forged, forged.toBytes(), new byte[64]));
  }
}
