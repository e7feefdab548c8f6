package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.op.Operation;
import io.starling.crdt.value.Value;
import io.starling.replica.request.Outcome;
import org.junit.jupiter.api.Test;

class ClockTest {

  private static final long DRIFT_MILLIS = 60_000;

  private final Cluster cluster = new Cluster(3);
  private final Cluster.Member member = cluster.member(0);

  @Test
  void stampsOfANodeOnlyGoForward() {
    var last = HybridTime.ZERO;
    for (int i = 0; i < 50; i++) {
      member.clockSkewMillis = -i * 37L % 500;
      member.commit(Cluster.increment("n", 1));
      assertThat(stamp(member)).isGreaterThan(last);
      last = stamp(member);
    }
  }

  @Test
  void stampsGoForwardAcrossStartsToo() {
    member.commit(Cluster.increment("n", 1));
    var before = stamp(member);
    member.clockSkewMillis = -30_000;
    member.restart();
    member.commit(Cluster.increment("n", 1));
    assertThat(stamp(member)).isGreaterThan(before);
  }

  @Test
  void aStampFollowsWhatWasSeen() {
    member.clockSkewMillis = 5_000;
    member.commit(Cluster.set("k", "ahead"));
    cluster.deliverAll();
    cluster.member(1).commit(Cluster.set("k", "answer"));
    assertThat(stamp(cluster.member(1))).isGreaterThan(stamp(member));
    cluster.deliverAll();
    assertThat(member.value("k")).isEqualTo(new Value.Text("answer"));
  }

  @Test
  void aStampFromAfarMovesTheClockNoFurtherThanTheDrift() {
    var far = HybridTime.ofMillis(member.now().toEpochMilli() + 10L * 365 * 86_400_000);
    member.hear(
        cluster.member(1),
        Forgery.by(new ReplicaId(cluster.member(1).key, 99))
            .stamped(far)
            .doing(new Operation.Enable(Path.of("f")))
            .sign());
    member.commit(Cluster.set("k", "v"));
    long ahead = stamp(member).millis() - member.now().toEpochMilli();
    assertThat(ahead).isBetween(0L, DRIFT_MILLIS);
    assertThat(cluster.alarmKinds()).containsExactly(Effect.Kind.CLOCK_DRIFT);
  }

  @Test
  void theFirstWriteThatHasSeenAFarStampReplacesItsValue() {
    var pinned = cluster.member(1);
    pinned.clockSkewMillis = 3_600_000;
    pinned.commit(Cluster.set("k", "pinned"));
    pinned.clockSkewMillis = 0;
    cluster.deliverAll();
    assertThat(member.value("k")).isEqualTo(new Value.Text("pinned"));
    member.commit(Cluster.set("k", "replaced"));
    assertThat(stamp(member)).isLessThan(stamp(pinned));
    cluster.deliverAll();
    for (var each : cluster.members) {
      assertThat(each.value("k")).isEqualTo(new Value.Text("replaced"));
    }
  }

  @Test
  void aDriftingPeerIsAnAlarmARound() {
    cluster.member(1).clockSkewMillis = DRIFT_MILLIS + 1_000;
    for (int i = 0; i < 20; i++) {
      cluster.member(1).commit(Cluster.increment("n", 1));
      member.hear(cluster.member(1), cluster.member(1).last());
    }
    assertThat(cluster.alarmKinds()).containsExactly(Effect.Kind.CLOCK_DRIFT);
  }

  @Test
  void aNodeFarFromTheMedianOfItsPeersRefusesWritesAndGoesOnReadingAndApplying() {
    cluster.rounds(4);
    member.clockSkewMillis = DRIFT_MILLIS + 5_000;
    cluster.rounds(4);
    var before = StateCheck.contents(member.state);
    var refused = member.refused(Cluster.set("k", "v"));
    assertThat(refused.reason()).isEqualTo(Outcome.Reason.UNAVAILABLE);
    assertThat(refused.message())
        .isEqualTo(
            "this node's clock is 65000 ms off the median of its peers; set the clock, or write on"
                + " another node");
    assertThat(StateCheck.contents(member.state)).isEqualTo(before);
    cluster.member(1).commit(Cluster.set("k", "there"));
    cluster.deliverAll();
    assertThat(member.value("k")).isEqualTo(new Value.Text("there"));
    member.clockSkewMillis = 0;
    cluster.rounds(4);
    member.commit(Cluster.set("k", "again"));
  }

  @Test
  void aNodeThatIsBehindRefusesToo() {
    cluster.rounds(4);
    member.clockSkewMillis = -DRIFT_MILLIS - 5_000;
    cluster.rounds(4);
    assertThat(member.refused(Cluster.set("k", "v")).message()).contains("-65000 ms off");
  }

  @Test
  void onePeerAloneIsNoMajority() {
    var two = new Cluster(2);
    two.rounds(4);
    two.member(0).clockSkewMillis = 10 * DRIFT_MILLIS;
    two.rounds(4);
    two.member(0).commit(Cluster.set("k", "v"));
  }

  @Test
  void theOthersAreNotImpressedByOneThatIsOff() {
    member.clockSkewMillis = 10 * DRIFT_MILLIS;
    cluster.rounds(6);
    cluster.member(1).commit(Cluster.set("k", "v"));
    cluster.member(2).commit(Cluster.set("l", "v"));
  }

  @Test
  void aClockThatWasPutRightCountsAgainThoughNobodyIsHeard() {
    member.clockSkewMillis = DRIFT_MILLIS + 5_000;
    cluster.rounds(4);
    member.refused(Cluster.set("k", "v"));
    member.isCutOff = true;
    member.clockSkewMillis = 0;
    cluster.loseAll();
    member.commit(Cluster.set("k", "v"));
  }

  @Test
  void whatWasHeardLongAgoIsForgotten() {
    member.clockSkewMillis = DRIFT_MILLIS + 5_000;
    cluster.rounds(4);
    member.isCutOff = true;
    cluster.pass(31_000);
    member.commit(Cluster.set("k", "v"));
  }

  private static HybridTime stamp(Cluster.Member member) {
    return member.last().batch().time();
  }
}
