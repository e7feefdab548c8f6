package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.op.Operation;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.Head;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a member with a valid key can sign and nobody may believe.
class ForgedBatchTest {

  private static final Operation ENABLE = new Operation.Enable(Path.of("forged"));

  private Cluster cluster;
  private Cluster.Member honest;
  private Cluster.Member other;
  private Cluster.Member forger;
  private Map<String, String> before;

  @BeforeEach
  void aClusterWithSomeHistory() {
    cluster = new Cluster(3);
    honest = cluster.member(0);
    other = cluster.member(1);
    forger = cluster.member(2);
    honest.commit(Cluster.increment("n", 5));
    honest.commit(Cluster.increment("n", 1));
    forger.commit(Cluster.set("k", "1"));
    cluster.deliverAll();
    cluster.rounds(2);
    before = StateCheck.contents(honest.state);
  }

  @Test
  void claimsToHaveSeenMoreThanItsBatch() {
    var claimed = VersionVector.EMPTY.with(honest.self(), 2);
    assertInvalid(
        Forgery.by(newcomer()).narrowedTo(claimed).doing(ENABLE).sign(),
        "a transaction claims to have seen more than its batch");
  }

  @Test
  void claimsToHaveSeenItself() {
    var self = newcomer();
    assertInvalid(
        Forgery.by(self).narrowedTo(VersionVector.EMPTY.with(self, 1)).doing(ENABLE).sign(),
        "a transaction claims to have seen more than its batch");
  }

  @Test
  void listsItselfInItsContext() {
    var self = forger.self();
    assertInvalid(
        Forgery.after(forger.last()).seeing(forger.last().head()).doing(ENABLE).sign(),
        "its context names its own replica");
    assertThat(honest.status().active().seq(self)).isEqualTo(1);
  }

  @Test
  void takesBackWhatItHasNotSeenCounted() {
    assertInvalid(
        Forgery.by(newcomer()).doing(resetOf(honest.self(), 2)).sign(),
        "it takes back what it had not seen counted");
    assertThat(honest.value("n")).isEqualTo(new Value.Int(6));
  }

  @Test
  void mayTakeBackWhatItHasSeen() {
    honest.hear(
        forger,
        Forgery.by(newcomer()).seeing(head(honest)).doing(resetOf(honest.self(), 2)).sign());
    assertThat(cluster.alarms).isEmpty();
    assertThat(honest.value("n")).isEqualTo(new Value.Null());
    StateCheck.holds(honest);
  }

  @Test
  void takesBackWhatItsNarrowedContextHasNotSeen() {
    assertInvalid(
        Forgery.by(newcomer())
            .seeing(head(honest))
            .narrowedTo(VersionVector.EMPTY.with(honest.self(), 1))
            .doing(resetOf(honest.self(), 2))
            .sign(),
        "it takes back what it had not seen counted");
  }

  @Test
  void closesAReplicaOfAnotherKey() {
    assertInvalid(
        Forgery.by(newcomer()).seeing(head(honest)).closing(head(honest)).sign(),
        "it closes " + honest.self() + " without having seen that head");
  }

  @Test
  void closesItself() {
    assertInvalid(
        Forgery.after(forger.last()).closing(forger.last().head()).sign(),
        "it closes " + forger.self() + " without having seen that head");
  }

  @Test
  void closesAHeadItHasNotSeen() {
    assertInvalid(
        Forgery.by(newcomer()).closing(head(forger)).sign(),
        "it closes " + forger.self() + " without having seen that head");
  }

  @Test
  void closesAHeadOfAnotherHash() {
    var wrong = new Head(forger.self(), 1, new ChainHash(1, 2, 3, 4));
    assertInvalid(
        Forgery.by(newcomer()).seeing(head(forger)).closing(wrong).sign(),
        "it closes " + forger.self() + " without having seen that head");
  }

  @Test
  void carriesAVectorOfSystemInSystem() {
    var self = newcomer();
    assertInvalid(
        Forgery.by(self).seeingSystem(Forgery.nowhere(self, 3)).doing(ENABLE).sign(),
        "a batch of _system that carries a vector of _system");
  }

  @Test
  void isOfAnotherSpace() {
    var stranger = SpaceId.of(Cluster.ID, "other", 0);
    honest.hear(forger, Forgery.by(newcomer()).of(stranger).doing(ENABLE).sign());
    assertUnchanged(Effect.Kind.INVALID_BATCH, "sent a batch of another space");
    assertThat(honest.status().buffered()).isZero();
  }

  @Test
  void whatIsChainedToAnInvalidBatchIsNotKept() {
    var first = Forgery.by(newcomer()).closing(head(forger)).sign();
    honest.hear(forger, first, Forgery.after(first).doing(ENABLE).sign());
    assertUnchanged(Effect.Kind.INVALID_BATCH, "is invalid");
    honest.hear(forger, Forgery.after(first).doing(ENABLE).sign(), first);
    assertThat(honest.status().buffered()).isZero();
  }

  @Test
  void anInvalidBatchIsSaidOnceARoundAndNotPulled() {
    var invalid = Forgery.by(newcomer()).closing(head(forger)).sign();
    for (int i = 0; i < 50; i++) {
      honest.hear(forger, invalid);
    }
    assertThat(cluster.alarmKinds()).containsExactly(Effect.Kind.INVALID_BATCH);
    honest.effects.clear();
    cluster.rounds(20);
    assertThat(honest.sent(Message.Pull.class)).isEmpty();
    assertThat(honest.status().peers()).allMatch(peer -> peer.ahead() == 0);
  }

  @Test
  void anotherBranchOfAReplicaWithAnInvalidBatchIsNotConcerned() {
    var self = newcomer();
    honest.hear(forger, Forgery.by(self).closing(head(forger)).sign());
    var valid = Forgery.by(self).doing(ENABLE).sign();
    honest.hear(forger, valid);
    assertThat(honest.status().active().seq(self)).isEqualTo(1);
    assertThat(honest.value("forged")).isEqualTo(new Value.Bool(true));
  }

  @Test
  void isChainedToAnotherBatchThanTheOneHere() {
    honest.hear(
        forger,
        Forgery.after(forger.last()).chainedTo(new ChainHash(4, 4, 4, 4)).doing(ENABLE).sign());
    assertUnchanged(Effect.Kind.FORK, "is chained to another batch than the one applied here");
    // Of a branch perhaps, of which nothing else is known yet.
    assertThat(honest.status().buffered()).isEqualTo(1);
  }

  @Test
  void wasBuiltOnAnotherBranch() {
    var elsewhere = new Head(honest.self(), 2, new ChainHash(8, 8, 8, 8));
    honest.hear(forger, Forgery.by(newcomer()).seeing(elsewhere).doing(ENABLE).sign());
    assertUnchanged(Effect.Kind.FORK, "was built on another branch than the one applied here");
  }

  @Test
  void twoBatchesOfOneNumberAreAFork() {
    honest.hear(forger, Forgery.by(forger.self()).doing(ENABLE).sign());
    assertThat(cluster.alarmKinds()).containsExactly(Effect.Kind.FORK);
    assertThat(cluster.alarms.getFirst().message()).contains("two batches 1 of " + forger.self());
    // Each is the first of a branch, and both stand.
    assertThat(honest.value("forged")).isEqualTo(new Value.Bool(true));
    cluster.deliverAll();
    cluster.rounds(3);
    assertThat(other.value("forged")).isEqualTo(new Value.Bool(true));
    assertThat(honest.status().digest()).isEqualTo(other.status().digest());
  }

  @Test
  void twoBatchesOfOneNumberAreAForkThoughBothOnlyWait() {
    var waiting = Forgery.nowhere(new ReplicaId(other.key, 77), 1);
    var next = Forgery.after(forger.last()).seeing(waiting);
    honest.hear(forger, next.doing(ENABLE).sign());
    assertThat(cluster.alarms).isEmpty();
    honest.hear(forger, next.doing(ENABLE).sign());
    assertUnchanged(Effect.Kind.FORK, "two batches 2 of " + forger.self());
  }

  @Test
  void othersFlowOn() {
    honest.hear(
        forger,
        Forgery.by(newcomer()).closing(head(forger)).sign(),
        Forgery.after(forger.last()).chainedTo(new ChainHash(4, 4, 4, 4)).doing(ENABLE).sign());
    other.commit(Cluster.set("a", "flows"));
    cluster.deliverAll();
    assertThat(honest.value("a")).isEqualTo(new Value.Text("flows"));
    honest.commit(Cluster.set("b", "too"));
    cluster.deliverAll();
    assertThat(other.value("b")).isEqualTo(new Value.Text("too"));
    StateCheck.holds(honest);
  }

  @Test
  void endlessIncarnationsOfOneKeyAreTakenInAtABoundedRate() {
    var batches = new ArrayList<SignedBatch>();
    for (int i = 0; i < 200; i++) {
      batches.add(Forgery.by(new ReplicaId(forger.key, 5_000 + i)).doing(ENABLE).sign());
    }
    honest.hear(forger, batches.toArray(SignedBatch[]::new));
    assertThat(honest.status().active().size()).isEqualTo(2 + 64);
    assertThat(honest.status().buffered()).isEqualTo(200 - 64);
    cluster.rounds(4);
    assertThat(honest.status().active().size()).isEqualTo(2 + 200);
    assertThat(honest.status().buffered()).isZero();
  }

  @Test
  void alarmsOfARoundAreBoundedAndTheNextRoundRaisesThemAgain() {
    var invalid = new ArrayList<SignedBatch>();
    for (int i = 0; i < 300; i++) {
      var self = new ReplicaId(forger.key, 5_000 + i);
      invalid.add(Forgery.by(self).closing(head(forger)).doing(ENABLE).sign());
    }
    honest.hear(forger, invalid.toArray(SignedBatch[]::new));
    assertThat(cluster.alarms).hasSize(256);
    assertThat(cluster.alarmKinds()).containsOnly(Effect.Kind.INVALID_BATCH);
    assertThat(StateCheck.contents(honest.state)).isEqualTo(before);
    cluster.rounds(1);
    honest.hear(forger, Forgery.by(newcomer()).closing(head(forger)).sign());
    assertThat(cluster.alarms).hasSize(257);
  }

  @Test
  void aStampFromAfarIsAppliedAndRaisesAnAlarm() {
    var far = HybridTime.ofMillis(honest.now().toEpochMilli() + 3_600_000);
    honest.hear(forger, Forgery.by(newcomer()).stamped(far).doing(ENABLE).sign());
    assertThat(cluster.alarmKinds()).containsExactly(Effect.Kind.CLOCK_DRIFT);
    assertThat(cluster.alarms.getFirst().message()).contains("3600000 ms ahead");
    assertThat(honest.value("forged")).isEqualTo(new Value.Bool(true));
  }

  @Test
  void closesThatNameEachOtherInACircleDoNotStallAnybody() {
    var p = new ReplicaId(forger.key, 100);
    var q = new ReplicaId(forger.key, 200);
    var q1 = Forgery.by(q).doing(ENABLE).sign();
    var p1 = Forgery.by(p).seeing(q1.head()).closing(q1.head()).sign();
    var q2 = Forgery.after(q1).seeing(p1.head()).closing(p1.head()).sign();
    forger.isCutOff = true;
    honest.hear(forger, q1, p1, q2);
    assertThat(honest.status().active().contains(p)).isFalse();
    assertThat(honest.status().active().seq(q)).isEqualTo(2);
    cluster.rounds(3);
    assertThat(other.status().digest()).isEqualTo(honest.status().digest());
    assertThat(cluster.alarms).isEmpty();
  }

  private void assertInvalid(SignedBatch batch, String why) {
    honest.hear(forger, batch);
    assertUnchanged(Effect.Kind.INVALID_BATCH, why);
    assertThat(cluster.alarms.getFirst().message())
        .startsWith("batch " + batch.batch().seq() + " of " + batch.batch().replica());
  }

  private void assertUnchanged(Effect.Kind kind, String message) {
    assertThat(cluster.alarmKinds()).containsExactly(kind);
    assertThat(cluster.alarms.getFirst().message()).contains(message);
    assertThat(StateCheck.contents(honest.state)).isEqualTo(before);
    assertThat(honest.status().digest()).isEqualTo(other.status().digest());
  }

  private ReplicaId newcomer() {
    return new ReplicaId(new KeyFingerprint(3, 3), 4_711);
  }

  private static Head head(Cluster.Member member) {
    return member.last().head();
  }

  private static Operation resetOf(ReplicaId origin, long seq) {
    var share = new CellId.Share(Path.of("n"), origin);
    return new Operation.Reset(Path.of("n"), List.of(new NamedTally(share, new Tally(seq, 0, 6))));
  }
}
