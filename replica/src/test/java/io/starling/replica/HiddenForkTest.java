package io.starling.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.Path;
import io.starling.crdt.op.Operation;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.fork.Challenges;
import io.starling.replica.message.Message;
import io.starling.replica.port.MemoryState;
import io.starling.replica.state.StoredSpace;
import java.util.ArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A machine is set back twice to the same moment, and writes as many batches after the second time
/// as before the first: nobody's vector shows it, and the others have closed its replica. There are
/// more members than the heads that are shown at once for a batch that does not fit.
class HiddenForkTest {

  private final Cluster cluster = new Cluster(12);
  private final Cluster.Member thrownBack = cluster.members.getLast();
  private MemoryState copy = new MemoryState();

  @BeforeEach
  void aReplicaIsClosed() {
    cluster.members.forEach(member -> member.commit(Cluster.add("s", "of " + member.key)));
    cluster.deliverAll();
    copy = thrownBack.state.copy();
    thrownBack.commit(Cluster.add("s", "before"));
    cluster.deliverAll();
    setBack();
    cluster.connectAll();
    cluster.rounds(2);
    thrownBack.commit(Cluster.add("s", "under its next name"));
    cluster.rounds(2);
    assertThat(thrownBack.status().closed()).isNotEqualTo(CellDigest.ZERO);
  }

  /// The machine and its memory are what they were; it has heard of nobody since.
  private void setBack() {
    thrownBack.state = copy.copy();
    thrownBack.restartAsBefore();
    cluster.loseAll();
  }

  private void write(String text) {
    thrownBack.commit(Cluster.add("s", text));
    cluster.loseAll();
  }

  @Test
  void itsBeaconShowsItThoughTheOthersHaveClosedTheReplica() {
    setBack();
    write("again");
    cluster.connectAll();
    cluster.rounds(1);
    assertThat(cluster.alarms)
        .anyMatch(alarm -> alarm.message().contains("says that it has applied another batch 2 of"));
    cluster.rounds(30);
    assertAllEqual();
  }

  @Test
  void aBatchThatWaitsShowsItThoughBothSidesHaveClosedTheReplica() {
    setBack();
    write("again");
    thrownBack.restart();
    write("after a start");
    cluster.connectAll();
    cluster.rounds(200);
    assertAllEqual();
  }

  /// Each batch that a forger signs names others than there are. For each a few honest ones are
  /// shown, drawn by chance: were there no limit, many for each.
  @Test
  void whatIsShownForBatchesThatDoNotFitIsBoundedInARound() {
    var one = cluster.member(0);
    cluster.rounds(1);
    cluster.members.forEach(member -> {
      for (int i = 0; i < 20; i++) {
        member.commit(Cluster.increment("n", 1));
      }
    });
    cluster.deliverAll();
    cluster.rounds(1);
    var shown = new ArrayList<ForkProof.Place>();
    for (int i = 0; i < 40; i++) {
      var forgery = Forgery.by(new ReplicaId(thrownBack.key, 1_000 + i));
      for (var other : cluster.members.subList(0, 11)) {
        forgery.seeing(Forgery.nowhere(other.self(), 2 + i / 3));
      }
      one.hear(thrownBack, forgery.doing(new Operation.Increment(Path.of("f"), i)).sign());
      cluster.member(1).inbox.stream()
          .map(Cluster.InFlight::message)
          .filter(Message.Evidence.class::isInstance)
          .flatMap(message -> ((Message.Evidence) message).halves().stream())
          .forEach(half -> shown.add(ForkProof.place(half)));
      cluster.loseAll();
    }
    assertThat(shown).hasSize(Challenges.SHOWN_MAX).doesNotHaveDuplicates();
  }

  private void assertAllEqual() {
    var first = cluster.member(0).status();
    for (var member : cluster.members) {
      assertThat(member.status().token()).isEqualTo(first.token());
      assertThat(member.status().closed()).isEqualTo(first.closed());
      assertThat(member.status().digest()).isEqualTo(first.digest());
      assertThat(member.status().buffered()).isZero();
      StateCheck.holds(member);
    }
    assertThat(new StoredSpace(cluster.member(0).state).branchRows()).hasSize(2);
    assertThat(cluster.member(0).view("s").toValue().toString())
        .contains("before", "under its next name", "again");
  }
}
