package io.starling.crdt.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.MalformedException;
import org.junit.jupiter.api.Test;

class TallyTest {

  @Test
  void theLaterOneWinsAndNotTheLarger() {
    var early = new Tally(1, 5, 100);
    var late = new Tally(2, 0, 3);
    assertThat(early.join(late)).isEqualTo(late);
    assertThat(late.join(early)).isEqualTo(late);
    assertThat(new Tally(2, 1, 0).join(late)).isEqualTo(new Tally(2, 1, 0));
    assertThat(Tally.NONE.join(early)).isEqualTo(early);
    // Only a forger makes these two; all nodes take the same one.
    assertThat(new Tally(2, 0, 4).join(late)).isEqualTo(late.join(new Tally(2, 0, 4)));
  }

  @Test
  void aTallyOfNothingCountsNothing() {
    for (var wrong : new long[][] {{0, 0, 1}, {0, 1, 0}, {-1, 0, 0}, {1, -1, 0}}) {
      assertThatThrownBy(() -> new Tally(wrong[0], (int) wrong[1], wrong[2]))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aShareIsLiveWhileItCountedAfterItsReset() {
    var replica = new ReplicaId(new KeyFingerprint(0, 0), 1);
    var share = ((Cell.Share) Cell.empty(CellKind.COUNTER)).plus(new Dot(replica, 1, 0), 5);
    assertThat(share.isLive()).isTrue();
    var reset = share.resetTo(share.counted());
    assertThat(reset.isLive()).isFalse();
    assertThat(reset.isEmpty()).as("counters leave a trace").isFalse();
    assertThat(reset.resetTo(Tally.NONE)).isEqualTo(reset);
    var again = reset.plus(new Dot(replica, 2, 0), -5);
    assertThat(again.isLive()).isTrue();
    assertThat(again.value()).isEqualTo(-5);
  }

  @Test
  void codesAreReadBackAndNeverChange() throws MalformedException {
    int code = 1;
    for (var kind : CellKind.values()) {
      assertThat(kind.code()).isEqualTo(code++);
      assertThat(CellKind.ofCode(kind.code())).isEqualTo(kind);
    }
    for (var rule : ReadRule.values()) {
      assertThat(rule.code()).isEqualTo(rule.ordinal());
      assertThat(ReadRule.ofCode(rule.code())).isEqualTo(rule);
    }
    for (var mark : Mark.values()) {
      assertThat(mark.code()).isEqualTo(mark.ordinal());
      assertThat(Mark.ofCode(mark.code())).isEqualTo(mark);
    }
    assertThatThrownBy(() -> Mark.ofCode(2)).isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> CellKind.ofCode(8)).isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> ReadRule.ofCode(4)).isInstanceOf(MalformedException.class);
  }
}
