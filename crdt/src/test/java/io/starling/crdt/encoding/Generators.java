package io.starling.crdt.encoding;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.Assignment;
import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Mark;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.op.Operation;
import io.starling.crdt.store.DotFun;
import io.starling.crdt.store.Unit;
import io.starling.crdt.value.Value;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/// Arbitrary members of everything that has canonical bytes.
public final class Generators {

  private Generators() {}

  /// Unicode text of every plane, with the characters at which encodings change their length.
  public static Arbitrary<String> texts() {
    var points =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0x20, 0x7E),
            Arbitraries.of(0, 1, 2, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFD, 0xFFFF),
            Arbitraries.of(0x10000, 0x1F426, 0x10FFFF));
    return points
        .list()
        .ofMaxSize(6)
        .map(list -> {
          var text = new StringBuilder();
          list.forEach(text::appendCodePoint);
          return text.toString();
        });
  }

  /// Names of few letters, among them some that begin others.
  public static Arbitrary<String> names() {
    var few = Arbitraries.of("a", "b", "a/b", "ab", "a\u0001", "a\u0002", "\u0001", "é", "\uFFFF");
    return Arbitraries.oneOf(
        few, few, texts().map(text -> text.replace("\0", "")).filter(text -> !text.isEmpty()));
  }

  public static Arbitrary<Path> paths() {
    var fields = Arbitraries.oneOf(names(), Arbitraries.just("")).list().ofMaxSize(3);
    return Combinators.combine(names(), fields).as(Path::new);
  }

  public static Arbitrary<Value> values() {
    return values(2);
  }

  private static Arbitrary<Value> values(int depth) {
    Arbitrary<Value> scalars =
        Arbitraries.oneOf(
            Arbitraries.just(new Value.Null()),
            Arbitraries.of(true, false).map(Value.Bool::new),
            Arbitraries.longs().map(Value.Int::new),
            Arbitraries.doubles().map(Value.Real::new),
            decimals(),
            texts().map(Value.Text::new));
    if (depth == 0) {
      return scalars;
    }
    var inner = values(depth - 1);
    Arbitrary<Value> arrays = inner.list().ofMaxSize(3).map(Value.Array::new);
    Arbitrary<Value> structs =
        Arbitraries.maps(texts(), inner)
            .ofMaxSize(3)
            .map(fields -> new Value.Struct(new TreeMap<>(fields)));
    return Arbitraries.oneOf(scalars, scalars, arrays, structs);
  }

  private static Arbitrary<Value> decimals() {
    var unscaled =
        Arbitraries.bigIntegers().between(BigInteger.TEN.pow(30).negate(), BigInteger.TEN.pow(30));
    return Combinators.combine(unscaled, Arbitraries.integers().between(-400, 400))
        .as(BigDecimal::new)
        .map(Value::number);
  }

  public static Arbitrary<ReplicaId> replicaIds() {
    var word = Arbitraries.oneOf(Arbitraries.of(0L, 1L, -1L, Long.MIN_VALUE), Arbitraries.longs());
    return Combinators.combine(word, word, word)
        .as((high, low, number) -> new ReplicaId(new KeyFingerprint(high, low), number));
  }

  public static Arbitrary<Dot> dots() {
    var replica = Arbitraries.oneOf(replicas(), replicaIds());
    var seq = Arbitraries.oneOf(Arbitraries.longs().between(1, 3), seqs());
    return Combinators.combine(replica, seq, indices()).as(Dot::new);
  }

  /// Vectors over four replicas, so that they have much in common.
  public static Arbitrary<VersionVector> vectors() {
    return Arbitraries.maps(replicas(), Arbitraries.longs().between(0, 3))
        .ofMaxSize(4)
        .map(entries -> VersionVector.of(new TreeMap<>(entries)));
  }

  /// Few replicas, so that they meet.
  public static Arbitrary<ReplicaId> replicas() {
    return Arbitraries.longs()
        .between(1, 4)
        .map(number -> new ReplicaId(new KeyFingerprint(number & 1, 0), number));
  }

  private static Arbitrary<Long> seqs() {
    return Arbitraries.longs().between(1, Long.MAX_VALUE);
  }

  private static Arbitrary<Integer> indices() {
    return Arbitraries.oneOf(
        Arbitraries.integers().between(0, 3), Arbitraries.integers().between(0, Integer.MAX_VALUE));
  }

  private static Arbitrary<Tally> tallies() {
    return Combinators.combine(seqs(), indices(), Arbitraries.longs()).as(Tally::new);
  }

  public static Arbitrary<CellId> cellIds() {
    Arbitrary<Function<Path, CellId>> singles =
        Arbitraries.of(CellKind.MAP, CellKind.REGISTER, CellKind.FLAG, CellKind.DISABLE_WINS_FLAG)
            .map(kind -> path -> new CellId.Single(path, kind));
    Arbitrary<Function<Path, CellId>> shares =
        replicaIds().map(origin -> path -> new CellId.Share(path, origin));
    Arbitrary<Function<Path, CellId>> elements =
        Combinators.combine(values(), biases())
            .as((element, bias) -> path -> new CellId.Element(path, element, bias));
    return Combinators.combine(paths(), Arbitraries.oneOf(singles, shares, elements))
        .as((path, id) -> id.apply(path));
  }

  public static Arbitrary<Cell> cells(CellKind kind) {
    return switch (kind) {
      case MAP, FLAG, SET ->
          Arbitraries.maps(dots(), Arbitraries.just(Unit.UNIT))
              .ofMaxSize(3)
              .map(entries -> new Cell.Presence(new DotFun<>(new TreeMap<>(entries))));
      case DISABLE_WINS_FLAG, REMOVE_WINS_SET ->
          Arbitraries.maps(dots(), Arbitraries.of(Mark.class))
              .ofMaxSize(3)
              .map(entries -> new Cell.Contested(new DotFun<>(new TreeMap<>(entries))));
      case REGISTER ->
          Arbitraries.maps(dots(), assignments())
              .ofMaxSize(3)
              .map(entries -> new Cell.Register(new DotFun<>(new TreeMap<>(entries))));
      case COUNTER -> {
        var any = Arbitraries.oneOf(tallies(), Arbitraries.just(Tally.NONE));
        yield Combinators.combine(any, any).as(Cell.Share::new);
      }
    };
  }

  private static Arbitrary<Assignment> assignments() {
    return Combinators.combine(
            values(), Arbitraries.longs().map(HybridTime::new), Arbitraries.of(ReadRule.class))
        .as(Assignment::new);
  }

  /// Runs of operations, many of them on one key.
  public static Arbitrary<List<Operation>> operations() {
    Arbitrary<Function<Path, Operation>> clears =
        Combinators.combine(values(), Arbitraries.of(ReadRule.class), named(), codes(3))
            .as((value, rule, named, code) -> path -> clear(path, value, rule, named, code));
    Arbitrary<Function<Path, Operation>> others =
        Combinators.combine(values(), Arbitraries.longs(), named(), codes(2))
            .as((value, amount, named, code) -> path -> other(path, amount, named, code));
    Arbitrary<Function<Path, Operation>> marks =
        Combinators.combine(values(), biases(), codes(4))
            .as((value, bias, code) -> path -> mark(path, value, bias, code));
    return Combinators.combine(paths(), Arbitraries.oneOf(clears, others, marks))
        .as((path, operation) -> operation.apply(path))
        .list()
        .ofMaxSize(4);
  }

  private static Operation clear(
      Path path, Value value, ReadRule rule, Function<Path, List<NamedTally>> named, int code) {
    var seen = named.apply(path);
    return switch (code) {
      case 0 -> new Operation.Assign(path, value, rule, seen);
      case 1 -> new Operation.MakeMap(path, seen);
      default -> new Operation.Remove(path, seen);
    };
  }

  private static Operation other(
      Path path, long amount, Function<Path, List<NamedTally>> named, int code) {
    return switch (code) {
      case 0 ->
          new Operation.Reset(
              path, named.apply(path).stream().filter(n -> n.share().path().equals(path)).toList());
      default -> new Operation.Increment(path, amount);
    };
  }

  private static Operation mark(Path path, Value value, Bias bias, int code) {
    return switch (code) {
      case 0 -> new Operation.Enable(path, bias);
      case 1 -> new Operation.Disable(path, bias);
      case 2 -> new Operation.AddElement(path, value, bias);
      default -> new Operation.RemoveElement(path, value, bias);
    };
  }

  private static Arbitrary<Bias> biases() {
    return Arbitraries.of(Bias.class);
  }

  private static Arbitrary<Integer> codes(int count) {
    return Arbitraries.integers().between(0, count - 1);
  }

  /// Tallies of counters at a path and in its fields.
  private static Arbitrary<Function<Path, List<NamedTally>>> named() {
    return Combinators.combine(
            replicaIds().list().ofMaxSize(2), names().list().ofMaxSize(2), tallies())
        .as((origins, fields, tally) ->
            path -> {
              var shares = new TreeSet<CellId.Share>();
              for (var origin : origins) {
                shares.add(new CellId.Share(path, origin));
                fields.forEach(f -> shares.add(new CellId.Share(path.field(f), origin)));
              }
              return shares.stream().map(share -> new NamedTally(share, tally)).toList();
            });
  }
}
