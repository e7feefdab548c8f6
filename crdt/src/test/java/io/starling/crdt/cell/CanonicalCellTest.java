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
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
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
    assertThatThrownBy(() -> new CanonicalCell.Reader().read(name, new byte[0]))
        .isInstanceOf(MalformedException.class)
        .hasMessage("an empty cell");
    assertThatThrownBy(() -> new CanonicalCell.Reader().read(name, new byte[] {1}))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> new CanonicalCell.Reader().read(new byte[] {1}, name))
        .isInstanceOf(MalformedException.class);
  }

  /// It makes no values, and yet takes nothing that would not be read as a cell.
  @Test
  void whatIsReadAndWhatIsRefusedIsAsWhereValuesAreMade() throws MalformedException {
    var random = new SplittableRandom(7);
    var values =
        List.of(
            new Value.Text("plain"),
            new Value.Text("häßlich €"),
            new Value.Int(-3),
            new Value.Decimal(new BigDecimal("0.12345678901234567890123")),
            new Value.Array(List.of(new Value.Text("ü"), new Value.Null())));
    var reader = new CanonicalCell.Reader();
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      var kind = CellKind.values()[random.nextInt(CellKind.values().length)];
      byte[] name = name(kind, values.get(random.nextInt(values.size())));
      byte[] content = CellEncoding.encode(cell(kind, values, random), ReplicaForm.FULL);
      byte[] spoiled = random.nextInt(4) == 0 ? content : spoiled(content, random);
      var decoded = decoded(kind, spoiled);
      if (decoded.isEmpty()) {
        refused++;
        assertThatThrownBy(() -> reader.read(name, spoiled)).isInstanceOf(MalformedException.class);
      } else {
        var read = reader.read(name, spoiled);
        assertThat(read.isLive()).isEqualTo(decoded.get().isLive());
        assertThat(read.replicas()).isEqualTo(replicas(decoded.get()));
      }
    }
    assertThat(refused).isBetween(2_000, 18_000);
  }

  private static byte[] name(CellKind kind, Value element) {
    return switch (kind) {
      case MAP, REGISTER, FLAG, DISABLE_WINS_FLAG -> new CellId.Single(KEY, kind).canonical();
      case COUNTER -> new CellId.Share(KEY, ONE).canonical();
      case SET -> new CellId.Element(KEY, element, Bias.ADD).canonical();
      case REMOVE_WINS_SET -> new CellId.Element(KEY, element, Bias.REMOVE).canonical();
    };
  }

  private static Cell cell(CellKind kind, List<? extends Value> values, SplittableRandom random) {
    var dots = new TreeSet<Dot>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      dots.add(new Dot(random.nextBoolean() ? ONE : TWO, random.nextInt(1, 300), i));
    }
    var present = new TreeMap<Dot, Unit>();
    var marked = new TreeMap<Dot, Mark>();
    var assigned = new TreeMap<Dot, Assignment>();
    for (var dot : dots) {
      present.put(dot, Unit.UNIT);
      marked.put(dot, random.nextInt(3) == 0 ? Mark.REMOVED : Mark.ADDED);
      var value = values.get(random.nextInt(values.size()));
      assigned.put(dot, new Assignment(value, new HybridTime(7), ReadRule.LATEST));
    }
    return switch (kind) {
      case MAP, FLAG, SET -> new Cell.Presence(new DotFun<>(present));
      case DISABLE_WINS_FLAG, REMOVE_WINS_SET -> new Cell.Contested(new DotFun<>(marked));
      case REGISTER -> new Cell.Register(new DotFun<>(assigned));
      case COUNTER -> new Cell.Share(new Tally(5, 0, random.nextInt(9)), Tally.NONE);
    };
  }

  private static byte[] spoiled(byte[] content, SplittableRandom random) {
    if (random.nextInt(4) == 0) {
      return Arrays.copyOf(content, random.nextInt(content.length + 2));
    }
    byte[] spoiled = content.clone();
    spoiled[random.nextInt(spoiled.length)] = (byte) random.nextInt();
    return spoiled;
  }

  private static Optional<Cell> decoded(CellKind kind, byte[] content) {
    try {
      return Optional.of(CellEncoding.decode(kind, content, ReplicaForm.FULL))
          .filter(cell -> !cell.isEmpty());
    } catch (MalformedException refused) {
      return Optional.empty();
    }
  }

  private static List<ReplicaId> replicas(Cell cell) {
    return switch (cell) {
      case Cell.Presence(var dots) -> replicas(dots.entries().keySet());
      case Cell.Contested(var marks) -> replicas(marks.entries().keySet());
      case Cell.Register(var values) -> replicas(values.entries().keySet());
      case Cell.Share _ -> List.of(ONE);
    };
  }

  private static List<ReplicaId> replicas(Collection<Dot> dots) {
    return dots.stream().map(Dot::replica).distinct().toList();
  }

  private static CanonicalCell read(CellId id, Cell cell) throws MalformedException {
    byte[] name = id.canonical();
    byte[] content = CellEncoding.encode(cell, ReplicaForm.FULL);
    var read = new CanonicalCell.Reader().read(name, content);
    byte[] hash = Arrays.copyOf(CellDigest.sha256().digest(name), 3);
    assertThat(read.path()).isEqualTo(id.path());
    assertThat(read.kind()).isEqualTo(id.kind());
    assertThat(read.digest()).isEqualTo(CellDigest.of(name, content));
    assertThat(read.slot())
        .isEqualTo((hash[0] & 0xFF) << 16 | (hash[1] & 0xFF) << 8 | (hash[2] & 0xFF));
    return read;
  }
}
