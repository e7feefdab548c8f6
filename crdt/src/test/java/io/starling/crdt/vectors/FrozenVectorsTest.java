package io.starling.crdt.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Assignment;
import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Mark;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.op.Operation;
import io.starling.crdt.op.OperationEncoding;
import io.starling.crdt.store.DotFun;
import io.starling.crdt.store.Unit;
import io.starling.crdt.value.Value;
import io.starling.crdt.value.ValueEncoding;
import java.math.BigDecimal;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/// Encodings as they were released. A change here breaks every store and every signature.
class FrozenVectorsTest {

  private static final ReplicaId ONE =
      new ReplicaId(new KeyFingerprint(0x0102030405060708L, 0x090A0B0C0D0E0F10L), 1);
  private static final ReplicaId TWO =
      new ReplicaId(new KeyFingerprint(0xF1F2F3F4F5F6F7F8L, 0xF9FAFBFCFDFEFFF0L), -2);
  private static final Dot FIRST = new Dot(ONE, 1, 0);
  private static final Dot SECOND = new Dot(TWO, 300, 7);
  private static final Path KEY = Path.of("places/2950159");
  private static final Path FIELD = KEY.field("name");
  private static final Path DEEP = KEY.field("names").field("日本");

  @Test
  void values() throws MalformedException {
    var values = new TreeMap<String, Value>();
    values.put("null", new Value.Null());
    values.put("false", new Value.Bool(false));
    values.put("true", new Value.Bool(true));
    values.put("int-zero", new Value.Int(0));
    values.put("int-one", new Value.Int(1));
    values.put("int-minus-one", new Value.Int(-1));
    values.put("int-least", new Value.Int(Long.MIN_VALUE));
    values.put("int-greatest", new Value.Int(Long.MAX_VALUE));
    values.put("real-tenth", new Value.Real(0.1));
    values.put("real-minus-zero", new Value.Real(-0.0));
    values.put("decimal", Value.number(new BigDecimal("-1234567890.1234567890123")));
    values.put("decimal-large", Value.number(new BigDecimal("12345678901234567890e5")));
    values.put("text-empty", new Value.Text(""));
    values.put("text-ascii", new Value.Text("Berlin"));
    values.put("text-planes", new Value.Text("aé日\uD83D\uDC26"));
    values.put("array-empty", new Value.Array(List.of()));
    values.put("array", new Value.Array(List.of(new Value.Text("a"), new Value.Int(7))));
    var fields = new TreeMap<String, Value>();
    fields.put("lat", new Value.Real(52.52437));
    fields.put("lon", new Value.Real(13.41053));
    values.put("struct-empty", new Value.Struct(new TreeMap<>()));
    values.put("struct", new Value.Struct(fields));
    values.put("nested", new Value.Array(List.of(new Value.Struct(fields), new Value.Null())));
    requireAll(9, values, value -> ValueEncoding.encode(value)[0]);
    new VectorFile("values.txt")
        .requireFrozen(values, ValueEncoding::encode, ValueEncoding::decode);
  }

  @Test
  void paths() throws MalformedException {
    var paths = new TreeMap<String, Path>();
    paths.put("key", KEY);
    paths.put("field", FIELD);
    paths.put("deep", DEEP);
    paths.put("field-without-name", KEY.field(""));
    new VectorFile("paths.txt")
        .requireFrozen(
            paths,
            FrozenVectorsTest::write,
            bytes -> {
              var in = new Decoder(bytes);
              var path = Path.read(in);
              in.finish();
              return path;
            });
  }

  @Test
  void cellIds() throws MalformedException {
    var ids = new TreeMap<String, CellId>();
    ids.put("map", new CellId.Single(KEY, CellKind.MAP));
    ids.put("register", new CellId.Single(FIELD, CellKind.REGISTER));
    ids.put("register-deep", new CellId.Single(DEEP, CellKind.REGISTER));
    ids.put("flag", new CellId.Single(KEY, CellKind.FLAG));
    ids.put("counter", new CellId.Share(KEY, TWO));
    ids.put("set-text", new CellId.Element(KEY, new Value.Text("x")));
    ids.put("set-array", new CellId.Element(KEY, new Value.Array(List.of(new Value.Int(1)))));
    ids.put("disable-wins-flag", new CellId.Single(KEY, CellKind.DISABLE_WINS_FLAG));
    ids.put("remove-wins-set", new CellId.Element(KEY, new Value.Text("x"), Bias.REMOVE));
    requireAll(CellKind.values().length, ids, CellId::kind);
    new VectorFile("cell-ids.txt")
        .requireFrozen(ids, CellId::canonical, bytes -> CellId.decode(bytes, ReplicaForm.FULL));
  }

  @Test
  void cells() throws MalformedException {
    for (var kind : CellKind.values()) {
      var label = kind.label();
      new VectorFile("cells-" + label + ".txt")
          .requireFrozen(
              cells(kind),
              cell -> CellEncoding.encode(cell, ReplicaForm.FULL),
              bytes -> CellEncoding.decode(kind, bytes, ReplicaForm.FULL));
    }
  }

  @Test
  void operations() throws MalformedException {
    var runs = new TreeMap<String, List<Operation>>();
    var share = new NamedTally(new CellId.Share(KEY, ONE), new Tally(3, 1, -4));
    var deep = new NamedTally(new CellId.Share(DEEP, TWO), new Tally(300, 0, 1_000));
    var text = new Value.Text("Berlin");
    runs.put("assign", List.of(new Operation.Assign(FIELD, text, ReadRule.LATEST, List.of())));
    runs.put(
        "assign-all", List.of(new Operation.Assign(KEY, text, ReadRule.ALL, List.of(share, deep))));
    runs.put("make-map", List.of(new Operation.MakeMap(KEY, List.of(share))));
    runs.put("remove", List.of(new Operation.Remove(KEY, List.of(share, deep))));
    runs.put("reset", List.of(new Operation.Reset(KEY, List.of(share))));
    runs.put("increment", List.of(new Operation.Increment(KEY, -300)));
    runs.put("enable", List.of(new Operation.Enable(KEY)));
    runs.put("disable", List.of(new Operation.Disable(KEY)));
    runs.put("add-element", List.of(new Operation.AddElement(KEY, text)));
    runs.put("remove-element", List.of(new Operation.RemoveElement(KEY, text)));
    runs.put("assign-max", List.of(new Operation.Assign(KEY, text, ReadRule.MAX, List.of())));
    runs.put("assign-min", List.of(new Operation.Assign(KEY, text, ReadRule.MIN, List.of())));
    runs.put("enable-contested", List.of(new Operation.Enable(KEY, Bias.REMOVE)));
    runs.put("disable-contested", List.of(new Operation.Disable(KEY, Bias.REMOVE)));
    runs.put("add-contested", List.of(new Operation.AddElement(KEY, text, Bias.REMOVE)));
    runs.put("remove-contested", List.of(new Operation.RemoveElement(KEY, text, Bias.REMOVE)));
    requireAll(9, runs, run -> run.getFirst().getClass().getName());
    runs.put(
        "run",
        List.of(
            new Operation.MakeMap(KEY, List.of()),
            new Operation.Assign(FIELD, text, ReadRule.LATEST, List.of()),
            new Operation.Increment(KEY.field("visits"), 1),
            new Operation.Increment(KEY.field("visits"), 1),
            new Operation.Enable(Path.of("other"))));
    new VectorFile("operations.txt")
        .requireFrozen(runs, FrozenVectorsTest::write, FrozenVectorsTest::read);
  }

  @Test
  void digests() throws MalformedException {
    var digests = new TreeMap<String, CellDigest>();
    digests.put("no-cell", CellDigest.ZERO);
    digests.put("one-cell", digest(new CellId.Single(KEY, CellKind.FLAG), FIRST));
    digests.put(
        "two-cells",
        digest(new CellId.Single(KEY, CellKind.FLAG), FIRST)
            .plus(digest(new CellId.Element(FIELD, new Value.Text("x")), SECOND)));
    new VectorFile("digests.txt")
        .requireFrozen(
            digests,
            digest -> new Encoder().u64(digest.high()).u64(digest.low()).toBytes(),
            bytes -> {
              var in = new Decoder(bytes);
              return new CellDigest(in.u64(), in.u64());
            });
  }

  private static SortedMap<String, Cell> cells(CellKind kind) {
    var cells = new TreeMap<String, Cell>();
    switch (kind) {
      case MAP, FLAG, SET -> {
        cells.put("one-dot", presence(FIRST));
        cells.put("two-dots", presence(SECOND, FIRST));
      }
      case DISABLE_WINS_FLAG, REMOVE_WINS_SET -> {
        cells.put("added", new Cell.Contested(DotFun.of(FIRST, Mark.ADDED)));
        cells.put(
            "removed-too",
            new Cell.Contested(DotFun.of(FIRST, Mark.ADDED).with(SECOND, Mark.REMOVED)));
      }
      case REGISTER -> {
        var latest = assignment(new Value.Text("Berlin"), 1_700_000_000_000L, ReadRule.LATEST);
        var all = assignment(new Value.Int(-1), 0, ReadRule.ALL);
        cells.put("one-value", new Cell.Register(DotFun.of(FIRST, latest)));
        cells.put("two-values", new Cell.Register(DotFun.of(SECOND, all).with(FIRST, latest)));
      }
      case COUNTER -> {
        var counted = new Tally(300, 7, -12);
        cells.put("counted", new Cell.Share(counted, Tally.NONE));
        cells.put("reset", new Cell.Share(counted, new Tally(1, 0, 5)));
      }
    }
    return cells;
  }

  private static Assignment assignment(Value value, long millis, ReadRule rule) {
    return new Assignment(value, HybridTime.ofMillis(millis).next(), rule);
  }

  private static Cell presence(Dot... dots) {
    DotFun<Unit> store = DotFun.empty();
    for (var dot : dots) {
      store = store.with(dot, Unit.UNIT);
    }
    return new Cell.Presence(store);
  }

  private static CellDigest digest(CellId id, Dot dot) {
    return CellDigest.of(id.canonical(), CellEncoding.encode(presence(dot), ReplicaForm.FULL));
  }

  private static byte[] write(Path path) {
    var out = new Encoder();
    path.write(out);
    return out.toBytes();
  }

  private static byte[] write(List<Operation> operations) {
    var out = new Encoder().u8(operations.size());
    OperationEncoding.write(out, operations);
    return out.toBytes();
  }

  private static List<Operation> read(byte[] bytes) throws MalformedException {
    var in = new Decoder(bytes);
    var operations = OperationEncoding.read(in, in.u8());
    in.finish();
    return operations;
  }

  /// A case that has no vector is not frozen.
  private static <T, K extends Comparable<K>> void requireAll(
      int cases, SortedMap<String, T> things, Function<T, K> caseOf) {
    var seen = new TreeSet<K>();
    things.values().forEach(thing -> seen.add(caseOf.apply(thing)));
    assertThat(seen).hasSize(cases);
  }
}
