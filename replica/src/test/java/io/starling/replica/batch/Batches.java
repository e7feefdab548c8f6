package io.starling.replica.batch;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.op.Operation;
import io.starling.crdt.value.Value;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/// Arbitrary batches, and what they are made of.
public final class Batches {

  private Batches() {}

  public static Arbitrary<Batch> any() {
    var header =
        Combinators.combine(spaces(), replicas(), seqs(), hashes(), contexts(), times())
            .as((space, replica, seq, previous, context, time) ->
                new Batch(space, replica, seq, previous, context, time, List.of(), transaction()));
    return Combinators.combine(
            header, heads().list().ofMaxSize(3), transactions().list().ofMaxSize(4))
        .filter((_, closes, transactions) -> !closes.isEmpty() || !transactions.isEmpty())
        .as((h, closes, transactions) ->
            new Batch(
                h.space(),
                h.replica(),
                h.seq(),
                h.previous(),
                h.context(),
                h.time(),
                closes,
                transactions));
  }

  public static Arbitrary<SpaceId> spaces() {
    return Combinators.combine(Arbitraries.longs(), Arbitraries.longs()).as(SpaceId::new);
  }

  public static Arbitrary<ReplicaId> replicas() {
    return Combinators.combine(few(), few(), few())
        .as((high, low, incarnation) -> new ReplicaId(new KeyFingerprint(high, low), incarnation));
  }

  public static Arbitrary<Long> seqs() {
    return Arbitraries.oneOf(
        Arbitraries.longs().between(1, 300), Arbitraries.of(Long.MAX_VALUE, 1L << 32));
  }

  public static Arbitrary<ChainHash> hashes() {
    return Combinators.combine(few(), few(), few(), few()).as(ChainHash::new);
  }

  public static Arbitrary<HybridTime> times() {
    return Arbitraries.longs().map(HybridTime::new);
  }

  public static Arbitrary<VersionVector> vectors() {
    return Arbitraries.maps(replicas(), seqs())
        .ofMaxSize(4)
        .map(entries -> VersionVector.of(new TreeMap<>(entries)));
  }

  private static Arbitrary<Head> heads() {
    return Combinators.combine(replicas(), seqs(), hashes()).as(Head::new);
  }

  private static Arbitrary<ContextDifference> contexts() {
    return Combinators.combine(vectors(), vectors(), few(), few())
        .as((space, system, high, low) ->
            space.isEmpty() && system.isEmpty()
                ? ContextDifference.NONE
                : new ContextDifference(space, system, new Commitment(high, low)));
  }

  private static Arbitrary<Transaction> transactions() {
    Arbitrary<Narrowing> narrowings =
        Arbitraries.oneOf(
            Arbitraries.just(Narrowing.WHOLE), vectors().map(vector -> new Narrowing.To(vector)));
    return Combinators.combine(
            Arbitraries.of("", "ada", "ü".repeat(64)),
            narrowings,
            operations().list().ofMinSize(1).ofMaxSize(5))
        .as(Transaction::new);
  }

  private static List<Transaction> transaction() {
    return List.of(
        new Transaction("", Narrowing.WHOLE, List.of(new Operation.Enable(Path.of("k")))));
  }

  private static Arbitrary<Operation> operations() {
    var plain =
        Combinators.combine(paths(), values(), Arbitraries.integers().between(0, 8), few())
            .as(Batches::operation);
    return plain.map(operation -> operation);
  }

  private static Operation operation(Path path, Value value, int kind, long number) {
    var seen =
        List.of(
            new NamedTally(
                new CellId.Share(path, new ReplicaId(new KeyFingerprint(1, 2), number)),
                new Tally(7, 1, number)));
    return switch (kind) {
      case 0 -> new Operation.Assign(path, value, ReadRule.LATEST, List.of());
      case 1 -> new Operation.Assign(path, value, ReadRule.ALL, seen);
      case 2 -> new Operation.MakeMap(path, seen);
      case 3 -> new Operation.Remove(path, seen);
      case 4 -> new Operation.Reset(path, seen);
      case 5 -> new Operation.Increment(path, number);
      case 6 -> new Operation.Enable(path);
      case 7 -> new Operation.AddElement(path, value);
      default -> new Operation.RemoveElement(path, value);
    };
  }

  private static Arbitrary<Path> paths() {
    var fields = Arbitraries.of("", "f", "g", "日本").list().ofMaxSize(3);
    return Combinators.combine(Arbitraries.of("a", "a/b", "ü"), fields).as(Path::new);
  }

  private static Arbitrary<Value> values() {
    return Arbitraries.oneOf(
        Arbitraries.longs().map(Value.Int::new),
        Arbitraries.doubles().map(Value.Real::new),
        Arbitraries.of("", "text", "\uD83D\uDC26").map(Value.Text::new),
        Arbitraries.just(new Value.Array(List.of(new Value.Null(), new Value.Bool(false)))));
  }

  private static Arbitrary<Long> few() {
    return Arbitraries.of(0L, 1L, 2L, -1L, Long.MIN_VALUE, 0x0102030405060708L);
  }
}
