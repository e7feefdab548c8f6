package io.starling.node.json;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Assignment;
import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.read.View;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/// Arbitrary views.
public final class Views {

  private Views() {}

  /// What may be read at a path.
  public static Arbitrary<View> any(Path path) {
    return Arbitraries.oneOf(Arbitraries.just(new View.Absent()), present(path, 2));
  }

  private static Arbitrary<View> present(Path path, int depth) {
    var kinds = depth == 0 ? leaves(path) : Arbitraries.oneOf(leaves(path), fields(path, depth));
    return Arbitraries.oneOf(kinds, conflicts(path, depth));
  }

  private static Arbitrary<View> leaves(Path path) {
    return Arbitraries.oneOf(
        registers(),
        counters(path),
        Arbitraries.of(Bias.class).map(View.Flag::new),
        Combinators.combine(
                Arbitraries.of(Bias.class),
                Values.any().list().uniqueElements().ofMaxSize(3),
                Arbitraries.of(true, false))
            .as(View.Elements::new));
  }

  private static Arbitrary<View> fields(Path path, int depth) {
    return Arbitraries.of("x", "y", "z")
        .set()
        .ofMaxSize(2)
        .flatMap(names ->
            Combinators.combine(
                    names.stream().map(name -> present(path.field(name), depth - 1)).toList())
                .as(views -> {
                  var fields = new TreeMap<String, View>();
                  names.forEach(name -> fields.put(name, views.get(fields.size())));
                  return new View.Fields(fields);
                }));
  }

  private static Arbitrary<View> conflicts(Path path, int depth) {
    var map = depth == 0 ? Arbitraries.just(new View.Flag(Bias.REMOVE)) : fields(path, depth);
    return Combinators.combine(registers(), counters(path), map)
        .as((register, counter, other) -> {
          var views = new TreeMap<CellKind, View>();
          views.put(CellKind.REGISTER, register);
          views.put(CellKind.COUNTER, counter);
          views.put(other instanceof View.Flag ? CellKind.DISABLE_WINS_FLAG : CellKind.MAP, other);
          return new View.Conflict(views);
        });
  }

  private static Arbitrary<View> registers() {
    var assignments =
        Combinators.combine(
                Values.any(),
                Arbitraries.longs().map(HybridTime::new),
                Arbitraries.of(ReadRule.class))
            .as(Assignment::new);
    return Arbitraries.maps(dots(), assignments)
        .ofMinSize(1)
        .ofMaxSize(3)
        .map(values -> new View.Register(new TreeMap<>(values)));
  }

  private static Arbitrary<View> counters(Path path) {
    return Combinators.combine(Arbitraries.longs(), tallies(path)).as(View.Counter::new);
  }

  /// What was read of shares of a counter, one of each replica at most.
  public static Arbitrary<List<NamedTally>> tallies(Path path) {
    return Combinators.combine(dots(), Arbitraries.longs())
        .as((dot, total) ->
            new NamedTally(
                new CellId.Share(path, dot.replica()), new Tally(dot.seq(), dot.index(), total)))
        .list()
        .uniqueElements(NamedTally::share)
        .ofMaxSize(3)
        .map(list -> list.stream().sorted(Comparator.comparing(NamedTally::share)).toList());
  }

  private static Arbitrary<Dot> dots() {
    var replicas =
        Combinators.combine(Arbitraries.longs(), Arbitraries.longs(), Arbitraries.longs())
            .as((high, low, start) -> new ReplicaId(new KeyFingerprint(high, low), start));
    return Combinators.combine(
            replicas,
            Arbitraries.longs().between(1, Long.MAX_VALUE),
            Arbitraries.integers().between(0, Integer.MAX_VALUE))
        .as(Dot::new);
  }
}
