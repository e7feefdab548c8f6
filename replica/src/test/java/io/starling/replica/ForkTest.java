package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.op.Operation;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.fork.Forks;
import io.starling.replica.message.Message;
import io.starling.replica.port.MemoryState;
import io.starling.replica.state.SpaceState;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// A machine that is set back with its memory while its node runs, and what comes of it: a proof,
/// kept by all, and others that go on.
class ForkTest {

  private final Cluster cluster = new Cluster(4);
  private final Cluster.Member thrownBack = cluster.member(0);

  /// Writes "lost", which all take in, is set back to before it, and writes "again".
  private void fork() {
    thrownBack.commit(Cluster.add("s", "before"));
    cluster.deliverAll();
    var copy = thrownBack.state.copy();
    thrownBack.commit(Cluster.add("s", "lost"));
    cluster.deliverAll();
    thrownBack.state = copy;
    thrownBack.restartAsBefore();
    for (var other : others()) {
      thrownBack.on(new Event.PeerUp(other.key));
    }
    cluster.loseAll();
    thrownBack.commit(Cluster.add("s", "again"));
  }

  private List<Cluster.Member> others() {
    return cluster.members.subList(1, 4);
  }

  private static List<ForkProof> kept(Cluster.Member member) {
    return new Forks(new SpaceState(Cluster.MAIN, member.state)).all();
  }

  @Test
  void theProofReachesAllAndNamesWhoAndWhat() {
    fork();
    cluster.deliverAll();
    cluster.rounds(3);
    for (var member : cluster.members) {
      assertThat(kept(member)).as(member.key.toString()).hasSize(1);
      assertThat(kept(member).getFirst().place().replica().key()).isEqualTo(thrownBack.key);
      assertThat(kept(member).getFirst().place().seq()).isEqualTo(2);
    }
    assertThat(cluster.alarms)
        .filteredOn(alarm -> alarm.kind() == Effect.Kind.FORK)
        .anySatisfy(alarm ->
            assertThat(alarm.message())
                .contains("two batches 2 of " + thrownBack.key, "one that changes s (")
                .contains("Its machine was set back while the node ran"));
  }

  @Test
  void theProofReachesAllThoughOneHalfMetTheOtherOnOneMemberOnly() {
    thrownBack.commit(Cluster.add("s", "before"));
    cluster.deliverAll();
    var copy = thrownBack.state.copy();
    thrownBack.commit(Cluster.add("s", "lost"));
    cluster.deliverAll();
    thrownBack.state = copy;
    thrownBack.restartAsBefore();
    thrownBack.on(new Event.PeerUp(cluster.member(1).key));
    cluster.loseAll();
    thrownBack.commit(Cluster.add("s", "again"));
    var half = thrownBack.last();
    thrownBack.isCutOff = true;
    cluster.loseAll();
    cluster.member(1).hear(thrownBack, half);
    cluster.rounds(2);
    for (var member : others()) {
      assertThat(kept(member)).hasSize(1);
    }
  }

  @Test
  void aProofThatWasLostUnderWayIsToldAgainUntilAllKeepIt() {
    fork();
    cluster.member(1).hear(thrownBack, thrownBack.last());
    cluster.loseAll();
    thrownBack.isCutOff = true;
    others().forEach(member -> member.on(new Event.PeerDown(thrownBack.key)));
    others().forEach(member -> thrownBack.on(new Event.PeerDown(member.key)));
    cluster.rounds(3);
    for (var member : others()) {
      assertThat(kept(member)).hasSize(1);
    }
    // All know that all keep it: nothing more is said.
    int before = evidence();
    cluster.rounds(5);
    assertThat(evidence()).isEqualTo(before);
  }

  @Test
  void aMemberThatComesBackIsTold() {
    var away = cluster.member(3);
    away.isCutOff = true;
    fork();
    cluster.deliverAll();
    cluster.rounds(2);
    assertThat(kept(away)).isEmpty();
    away.isCutOff = false;
    cluster.connectAll();
    cluster.rounds(3);
    assertThat(kept(away)).hasSize(1);
  }

  @Test
  void aProofIsToldAgainAfterAStart() {
    fork();
    cluster.deliverAll();
    var member = cluster.member(1);
    member.restart();
    cluster.alarms.clear();
    cluster.connectAll();
    cluster.rounds(2);
    assertThat(cluster.alarms)
        .anySatisfy(alarm -> {
          assertThat(alarm.kind()).isEqualTo(Effect.Kind.FORK);
          assertThat(alarm.message()).contains("two batches 2 of " + thrownBack.key);
        });
  }

  @Test
  void theOthersFlowOnAndTheOneThatWasSetBackKeepsWhatItAcknowledged() {
    fork();
    cluster.deliverAll();
    cluster.rounds(3);
    for (var member : others()) {
      member.commit(Cluster.increment("n", 1));
    }
    cluster.deliverAll();
    cluster.rounds(3);
    for (var member : others()) {
      assertThat(member.value("n")).isEqualTo(new Value.Int(3));
      assertThat(member.status().digest()).isEqualTo(cluster.member(1).status().digest());
      StateCheck.holds(member);
    }
    assertThat(thrownBack.view("s").toString()).contains("again");
  }

  @Test
  void withoutItsStoreTheOneThatWasSetBackIsAMemberLikeAnyOtherAgain() {
    fork();
    cluster.deliverAll();
    cluster.rounds(3);
    thrownBack.state = new MemoryState();
    thrownBack.restart();
    cluster.connectAll();
    cluster.rounds(5);
    thrownBack.commit(Cluster.add("s", "again, by hand"));
    cluster.deliverAll();
    cluster.rounds(3);
    for (var member : cluster.members) {
      assertThat(member.view("s").toString()).contains("before", "lost", "again, by hand");
      assertThat(member.status().digest()).isEqualTo(thrownBack.status().digest());
      assertThat(member.status().active().size()).isEqualTo(1);
      StateCheck.holds(member);
    }
  }

  @Test
  void aMemberWhoseLogIsGoneLearnsOfItFromTheTwoHalves() {
    fork();
    var forgetful = cluster.member(2);
    forgetful.loseLog();
    forgetful.restart();
    cluster.connectAll();
    cluster.deliverAll();
    cluster.rounds(3);
    assertThat(kept(forgetful)).hasSize(1);
  }

  @Test
  void noMoreThanAFewProofsAreKeptAgainstOneKey() {
    var member = cluster.member(1);
    var forger = cluster.member(2).self();
    for (int i = 0; i < 3 * Forks.PER_KEY_MAX; i++) {
      var replica = new ReplicaId(forger.key(), 1_000 + i);
      member.hear(cluster.member(2), evidence(replica, "a", "b"));
      cluster.loseAll();
    }
    assertThat(kept(member)).hasSize(Forks.PER_KEY_MAX);
  }

  @Test
  void noMoreProofsAreKeptInASpaceThanItsLimit() {
    var member = cluster.member(1);
    for (int i = 0; i < Forks.PROOFS_MAX + 10; i++) {
      var replica = new ReplicaId(new KeyFingerprint(77, i), 1);
      member.hear(cluster.member(2), evidence(replica, "a", "b"));
      cluster.loseAll();
    }
    assertThat(kept(member)).hasSize(Forks.PROOFS_MAX);
  }

  @Test
  void halvesThatOnlyWaitFindEachOther() {
    var member = cluster.member(1);
    var replica = new ReplicaId(new KeyFingerprint(77, 0), 1);
    var cause = Forgery.nowhere(new ReplicaId(new KeyFingerprint(78, 0), 1), 1);
    for (var flag : List.of("a", "b")) {
      var half = Forgery.by(replica).seeing(cause).doing(new Operation.Enable(Path.of(flag)));
      var message =
          new Message.Evidence(Cluster.MAIN, List.of(half.sign()), new TreeSet<>(), false);
      member.hear(cluster.member(2), message);
    }
    assertThat(kept(member)).hasSize(1);
    assertThat(member.status().active().contains(replica)).isFalse();
  }

  @Test
  void twoEqualHalvesProveNothing() {
    var member = cluster.member(1);
    var replica = cluster.member(2).self();
    member.hear(cluster.member(2), evidence(replica, "a", "a"));
    assertThat(kept(member)).isEmpty();
    assertThat(cluster.alarms).isEmpty();
  }

  @Test
  void whoClaimsToLackWhatItIsSentIsNotSentItWithoutEnd() {
    fork();
    cluster.deliverAll();
    var member = cluster.member(1);
    int before = member.sent(Message.Evidence.class).size();
    var nothing = new Message.Evidence(Cluster.MAIN, List.of(), new TreeSet<>(), true);
    for (int i = 0; i < 10; i++) {
      member.hear(cluster.member(2), nothing);
    }
    assertThat(member.sent(Message.Evidence.class)).hasSize(before + 1);
  }

  @Test
  void theStoredFormIsReadBack() throws MalformedException {
    fork();
    cluster.deliverAll();
    var proof = kept(cluster.member(1)).getFirst();
    var again = ForkProof.fromBytes(proof.toBytes());
    assertThat(again.toBytes()).isEqualTo(proof.toBytes());
    assertThat(again.sentence()).isEqualTo(proof.sentence());
  }

  private int evidence() {
    return cluster.members.stream().mapToInt(it -> it.sent(Message.Evidence.class).size()).sum();
  }

  private static Message evidence(ReplicaId replica, String one, String other) {
    return new Message.Evidence(
        Cluster.MAIN, List.of(half(replica, one), half(replica, other)), new TreeSet<>(), false);
  }

  private static Message one(ReplicaId replica, String flag) {
    return new Message.Evidence(Cluster.MAIN, List.of(half(replica, flag)), new TreeSet<>(), false);
  }

  private static SignedBatch half(ReplicaId replica, String flag) {
    return Forgery.by(replica).doing(new Operation.Enable(Path.of(flag))).sign();
  }
}
