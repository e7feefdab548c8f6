package io.starling.node.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.store.DotFun;
import io.starling.crdt.store.Unit;
import io.starling.crdt.value.Value;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Message;
import io.starling.replica.message.Transfer;
import io.starling.replica.message.Transfer.Row;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What waits is weighed by what it takes, not by what its bytes are alone.
final class WeightTest {

  private static final int MANY = 10_000;

  @Test
  void eachReplicaThatACellNamesIsWeighed() {
    var dots = new TreeMap<Dot, Unit>();
    for (int i = 0; i < MANY; i++) {
      dots.put(new Dot(new ReplicaId(new KeyFingerprint(1, 2), i), 1, 0), Unit.UNIT);
    }
    var page = page(new CellId.Single(Path.of("flag"), CellKind.FLAG), dots);

    assertThat(Weight.of(page.read())).isGreaterThan(Weight.of(page) + 40L * MANY);
  }

  /// Of an element nothing but its bytes is kept, whatever is in it.
  @Test
  void theValuesOfAnElementAreNotKept() {
    var empty = Collections.nCopies(MANY, (Value) new Value.Text(""));
    var dots = new TreeMap<Dot, Unit>();
    dots.put(new Dot(new ReplicaId(new KeyFingerprint(1, 2), 3), 1, 0), Unit.UNIT);
    var page = page(new CellId.Element(Path.of("set"), new Value.Array(empty)), dots);

    assertThat(Weight.of(page.read())).isLessThan(Weight.of(page) + 1_000);
  }

  private static Message page(CellId id, TreeMap<Dot, Unit> dots) {
    byte[] content = CellEncoding.encode(new Cell.Presence(new DotFun<>(dots)), ReplicaForm.FULL);
    var rows = List.<Row>of(new Row.CellRow(id.canonical(), content, false));
    return new Message.Transferred(new SpaceId(1, 2), 3, new Transfer.Page(0, rows, true));
  }
}
