package io.starling.crdt.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.store.DotFun;
import io.starling.crdt.store.Unit;
import io.starling.crdt.value.Value;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CanonicalCellTest {

  private static final ReplicaId ONE = new ReplicaId(new KeyFingerprint(1, 2), 3);
  private static final ReplicaId TWO = new ReplicaId(new KeyFingerprint(4, 5), 6);
  private static final Path KEY = Path.of("key");

  @Test
  void whatFollowsFromTheBytesIsWorkedOut() throws MalformedException {
    var assigned = new Assignment(new Value.Text("v"), new HybridTime(7), ReadRule.LATEST);
    var values = Map.of(new Dot(ONE, 1, 0), assigned, new Dot(TWO, 2, 0), assigned);
    var id = new CellId.Single(KEY, CellKind.REGISTER);
    var cell = read(id, new Cell.Register(new DotFun<>(new TreeMap<>(values))));
    assertThat(cell.replicas()).containsExactlyInAnyOrder(ONE, TWO);
    assertThat(cell.isLive()).isTrue();
  }

  @Test
  void eachReplicaIsNamedOnce() throws MalformedException {
    var dots = Map.of(new Dot(ONE, 1, 0), Unit.UNIT, new Dot(ONE, 2, 0), Unit.UNIT);
    var id = new CellId.Element(KEY, new Value.Text("e"));
    var cell = read(id, new Cell.Presence(new DotFun<>(new TreeMap<>(dots))));
    assertThat(cell.replicas()).containsExactly(ONE);
  }

  @Test
  void aShareThatWasResetNamesItsOriginAndIsNotLive() throws MalformedException {
    var all = new Tally(5, 0, 9);
    var cell = read(new CellId.Share(KEY, TWO), new Cell.Share(all, all));
    assertThat(cell.replicas()).containsExactly(TWO);
    assertThat(cell.isLive()).isFalse();
  }

  @Test
  void whatIsNoCellIsRefused() {
    byte[] name = new CellId.Single(KEY, CellKind.FLAG).canonical();
    assertThatThrownBy(() -> CanonicalCell.of(CellDigest.sha256(), name, new byte[0]))
        .isInstanceOf(MalformedException.class)
        .hasMessage("an empty cell");
    assertThatThrownBy(() -> CanonicalCell.of(CellDigest.sha256(), name, new byte[] {1}))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> CanonicalCell.of(CellDigest.sha256(), new byte[] {1}, name))
        .isInstanceOf(MalformedException.class);
  }

  private static CanonicalCell read(CellId id, Cell cell) throws MalformedException {
    byte[] name = id.canonical();
    byte[] content = CellEncoding.encode(cell, ReplicaForm.FULL);
    var read = CanonicalCell.of(CellDigest.sha256(), name, content);
    byte[] hash = Arrays.copyOf(CellDigest.sha256().digest(name), 3);
    assertThat(read.path()).isEqualTo(id.path());
    assertThat(read.kind()).isEqualTo(id.kind());
    assertThat(read.digest()).isEqualTo(CellDigest.of(name, content));
    assertThat(read.slot())
        .isEqualTo((hash[0] & 0xFF) << 16 | (hash[1] & 0xFF) << 8 | (hash[2] & 0xFF));
    return read;
  }
}
