package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.replica.Cluster.Member;
import io.starling.replica.catchup.Proof;
import io.starling.replica.message.Message;
import io.starling.replica.message.Transfer;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Table;
import io.starling.replica.status.SpaceStatus.DigestCheck;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Members compare their cells with each other's, all the time.
class ScrubberTest {

  /// Rounds in which each has compared itself with each of two others.
  private static final int ROUNDS = 1_400;

  private final Cluster cluster = new Cluster(3);
  private final Member one = cluster.member(0);
  private final Member two = cluster.member(1);
  private final Member three = cluster.member(2);

  /// The sums that are kept know nothing of it, so beacons agree.
  @Test
  void rotInACellIsFoundThoughAllSumsThatAreKeptAgree() {
    for (int i = 0; i < 50; i++) {
      one.commit(Cluster.set("k/" + i, "v" + i));
    }
    cluster.rounds(5);
    rot(two);
    cluster.rounds(50);
    assertThat(cluster.alarmKinds()).isEmpty();
    assertThat(checks(one)).containsOnly(DigestCheck.EQUAL);
    cluster.rounds(ROUNDS);
    assertThat(cluster.alarmKinds())
        .contains(Effect.Kind.DIGEST_MISMATCH, Effect.Kind.STORE_DAMAGED)
        .containsOnly(Effect.Kind.DIGEST_MISMATCH, Effect.Kind.STORE_DAMAGED);
    assertThat(cluster.alarms)
        .anyMatch(alarm -> alarm.message().contains("its cells are others"))
        .anyMatch(alarm -> alarm.message().contains("of itself it says that its sums are not"));
    // Only the one that is damaged is to be made anew.
    assertThat(two.effects).anyMatch(Effect.Damaged.class::isInstance);
    assertThat(one.effects).noneMatch(Effect.Damaged.class::isInstance);
    assertThat(three.effects).noneMatch(Effect.Damaged.class::isInstance);
    assertThat(checks(two)).containsOnly(DigestCheck.UNEQUAL);
    assertThat(checks(one)).containsExactlyInAnyOrder(DigestCheck.EQUAL, DigestCheck.UNEQUAL);
  }

  /// So their vectors are never the same when they are compared.
  @Test
  void membersThatAlwaysWriteAreComparedToo() {
    for (int round = 0; round < ROUNDS; round++) {
      for (var member : cluster.members) {
        member.commit(Cluster.set("k/" + round % 40, "v" + round), Cluster.increment("n", 1));
      }
      cluster.rounds(1);
    }
    assertThat(cluster.alarmKinds()).isEmpty();
    for (var member : cluster.members) {
      assertThat(checks(member)).containsOnly(DigestCheck.EQUAL);
      assertThat(member.sent(Message.Transferred.class))
          .anyMatch(it -> it.transfer() instanceof Transfer.Compared);
    }
  }

  @Test
  void whatNobodyConfirmedIsLikeAnyOtherOnceAnotherMemberHasTheSame() {
    cluster.proof = Proof.PREFERRED;
    three.restart();
    three.isCutOff = true;
    for (int i = 0; i < 20; i++) {
      one.commit(Cluster.set("k/" + i, "v" + i));
    }
    cluster.rounds(5);
    one.loseLog();
    two.isCutOff = true;
    cluster.loseAll();
    three.isCutOff = false;
    cluster.connectAll();
    cluster.rounds(100);
    assertThat(three.value("k/7")).isEqualTo(one.value("k/7"));
    assertThat(cluster.alarmKinds()).contains(Effect.Kind.UNATTESTED);
    two.isCutOff = false;
    cluster.connectAll();
    cluster.rounds(ROUNDS);
    var isMarked = new ArrayList<byte[]>();
    three.state.scan(
        Table.META, new byte[] {'o'}, new byte[] {'o', 0}, (key, _) -> isMarked.add(key));
    assertThat(isMarked).isEmpty();
  }

  private static List<DigestCheck> checks(Member member) {
    return member.status().peers().stream().map(peer -> peer.digest()).toList();
  }

  private static void rot(Member member) {
    byte[] name = new CellId.Single(Path.of("k/7"), CellKind.REGISTER).canonical();
    byte[] other = new CellId.Single(Path.of("k/8"), CellKind.REGISTER).canonical();
    var content = member.state.get(Table.CELLS, other);
    member.state.persist(new Changes(List.of(new Changes.Write(Table.CELLS, name, content))));
  }
}
