package io.starling.crdt.oracle;

import static io.starling.crdt.model.Ops.add;
import static io.starling.crdt.model.Ops.assign;
import static io.starling.crdt.model.Ops.increment;
import static io.starling.crdt.model.Ops.nothing;
import static io.starling.crdt.model.Ops.number;
import static io.starling.crdt.model.Ops.object;
import static io.starling.crdt.model.Ops.remove;
import static io.starling.crdt.model.Ops.removeElement;
import static io.starling.crdt.model.Ops.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.op.Operation;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The oracle by itself: it is the measure of all else, so its own measure is by hand.
class HistoryTest {

  private static final Path KEY = Path.of("k");
  private static final Path FIELD = KEY.field("f");
  private static final ReplicaId A = new ReplicaId(new KeyFingerprint(0, 0), 1);
  private static final ReplicaId B = new ReplicaId(new KeyFingerprint(0, 0), 2);

  private final History history = new History();

  @Test
  void anElementIsThereIfAnAddIsThatNoRemovalSaw() {
    does(A, 1, add(KEY, "x"), seen(0, 0));
    does(B, 1, add(KEY, "x"), seen(0, 0));
    does(A, 2, removeElement(KEY, "x"), seen(1, 0));
    assertThat(history.view(KEY).toValue()).isEqualTo(texts("x"));
    does(A, 3, removeElement(KEY, "x"), seen(2, 1));
    assertThat(history.view(KEY).toValue()).isEqualTo(nothing());
  }

  @Test
  void oneReadsWhatOneHasSeen() {
    does(A, 1, add(KEY, "x"), seen(0, 0));
    does(B, 1, remove(KEY), seen(1, 0));
    does(B, 2, increment(Path.of("l"), 5), seen(1, 1));
    assertThat(history.view(KEY, seen(1, 0)).toValue()).isEqualTo(texts("x"));
    assertThat(history.view(KEY, seen(1, 1)).toValue()).isEqualTo(nothing());
    assertThat(history.liveKeys(seen(0, 0))).isEmpty();
    assertThat(history.liveKeys(seen(1, 0))).containsExactly("k");
    assertThat(history.liveKeys()).containsExactly("l");
    assertThat(history.size()).isEqualTo(3);
  }

  @Test
  void anIncrementStandsUntilARemovalThatSawItNamesIt() {
    does(A, 1, increment(FIELD, 5), seen(0, 0));
    does(A, 2, increment(FIELD, 7), seen(1, 0));
    assertThat(history.tallies(KEY, seen(1, 0))).containsExactly(named(1, 5));
    assertThat(history.tallies(KEY, seen(2, 0))).containsExactly(named(2, 12));
    does(B, 1, new Operation.Remove(KEY, List.of(named(1, 5))), seen(1, 0));
    assertThat(history.view(KEY).toValue()).isEqualTo(object("f", number(7)));
    does(B, 2, new Operation.Reset(FIELD, List.of(named(2, 12))), seen(2, 1));
    assertThat(history.view(KEY).toValue()).isEqualTo(nothing());
    assertThat(history.tallies(KEY, seen(2, 2))).isEmpty();
  }

  @Test
  void whatAnAuthorCannotHaveSeenIsRefused() {
    does(A, 1, increment(FIELD, 5), seen(0, 0));
    does(A, 2, increment(FIELD, 7), seen(1, 0));
    for (var wrong : List.of(named(2, 12), named(1, 6), named(3, 12))) {
      var operation = new Operation.Remove(KEY, List.of(wrong));
      assertThatThrownBy(() -> does(B, 1, operation, seen(1, 0)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(history.size()).isEqualTo(2);
  }

  @Test
  void aDotIsUsedOnce() {
    does(A, 1, assign(KEY, "x"), seen(0, 0));
    assertThatThrownBy(() -> does(A, 1, assign(Path.of("l"), "x"), seen(0, 0)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(history.liveKeys()).containsExactly("k");
  }

  private void does(ReplicaId author, long seq, Operation operation, CausalContext context) {
    history.add(operation, new Dot(author, seq, 0), HybridTime.ZERO, context);
  }

  private static VersionVector seen(long ofA, long ofB) {
    return VersionVector.EMPTY.with(A, ofA).with(B, ofB);
  }

  private static NamedTally named(long seq, long total) {
    return new NamedTally(new CellId.Share(FIELD, A), new Tally(seq, 0, total));
  }
}
