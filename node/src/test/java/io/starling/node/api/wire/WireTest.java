package io.starling.node.api.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.node.json.Values;
import io.starling.proto.v1.SetRegister;
import io.starling.proto.v1.Transaction;
import io.starling.replica.request.Mutation;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class WireTest {

  private static final Path HERE = new Path("key", List.of("a", "b"));

  @Property
  void everyMutationSurvives(@ForAll("mutations") List<Mutation> mutations)
      throws MalformedException {
    var message = Transaction.newBuilder();
    mutations.forEach(mutation -> message.addMutations(WireMutations.write(mutation)));

    assertThat(WireMutations.read(message.build())).isEqualTo(mutations);
  }

  @Property
  void everyViewSurvives(@ForAll("views") View view) throws MalformedException {
    assertThat(WireViews.read(HERE, WireViews.write(view))).isEqualTo(view);
  }

  @Test
  void severalElementsOfOneMutationBecomeOneEach() throws MalformedException {
    var add =
        io.starling.proto.v1.AddElements.newBuilder()
            .addElements(WireValues.write(new Value.Int(1)))
            .addElements(WireValues.write(new Value.Int(2)));
    var mutation =
        io.starling.proto.v1.Mutation.newBuilder().setPath(WireValues.write(HERE)).setAdd(add);

    assertThat(WireMutations.read(Transaction.newBuilder().addMutations(mutation).build()))
        .containsExactly(
            new Mutation.AddElement(HERE, new Value.Int(1)),
            new Mutation.AddElement(HERE, new Value.Int(2)));
  }

  @Test
  void aDecimalTakesTheNarrowestKind() throws MalformedException {
    assertThat(WireValues.read(decimal("7"))).isEqualTo(new Value.Int(7));
    assertThat(WireValues.read(decimal("0.5"))).isEqualTo(new Value.Real(0.5));
    assertThat(WireValues.read(decimal("18446744073709551617"))).isInstanceOf(Value.Decimal.class);
  }

  @Test
  void whatIsNoValueIsRefused() {
    var value = io.starling.proto.v1.Value.newBuilder();
    assertRefused(value.build());
    assertRefused(value.setNull(false).build());
    assertRefused(value.setReal(Double.NaN).build());
    assertRefused(value.setText("\ud800").build());
    assertRefused(value.setJson("{").build());
    assertRefused(decimal("seven"));
    assertRefused(decimal("1".repeat(2_000)));
    assertRefused(decimal("1e2000000000"));
  }

  @Test
  void theMessageNamesTheMutationThatIsWrong() {
    var right = WireMutations.write(new Mutation.Increment(HERE, 1));
    var wrong =
        io.starling.proto.v1.Mutation.newBuilder()
            .setPath(WireValues.write(HERE))
            .setSet(SetRegister.getDefaultInstance());
    var both = Transaction.newBuilder().addMutations(right).addMutations(wrong).build();

    assertThatThrownBy(() -> WireMutations.read(both)).hasMessageStartingWith("mutation 2: ");
  }

  private static void assertRefused(io.starling.proto.v1.Value message) {
    assertThatThrownBy(() -> WireValues.read(message))
        .isInstanceOf(MalformedException.class)
        .message()
        .isNotBlank();
  }

  private static io.starling.proto.v1.Value decimal(String digits) {
    return io.starling.proto.v1.Value.newBuilder().setDecimal(digits).build();
  }

  @Provide
  Arbitrary<List<Mutation>> mutations() {
    return Arbitraries.oneOf(
            Combinators.combine(paths(), Values.any(), Arbitraries.of(ReadRule.class))
                .as(Mutation.Set::new),
            Combinators.combine(paths(), Arbitraries.longs()).as(Mutation.Increment::new),
            Combinators.combine(paths(), Arbitraries.of(true, false)).as(Mutation.SetFlag::new),
            Combinators.combine(paths(), Values.any()).as(Mutation.AddElement::new),
            Combinators.combine(paths(), Values.any()).as(Mutation.RemoveElement::new),
            Combinators.combine(paths(), Values.structs(), Arbitraries.of(true, false))
                .as(Mutation.Merge::new),
            paths().map(Mutation.Remove::new),
            paths().flatMap(WireTest::resets))
        .map(mutation -> (Mutation) mutation)
        .list()
        .ofMinSize(1)
        .ofMaxSize(4);
  }

  private static Arbitrary<Mutation.Reset> resets(Path path) {
    return tallies(path)
        .map(seen -> seen.isEmpty() ? Optional.<List<NamedTally>>empty() : Optional.of(seen))
        .map(seen -> new Mutation.Reset(path, seen));
  }

  private static Arbitrary<Path> paths() {
    var names = Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(5);
    return Combinators.combine(names, names.list().ofMaxSize(3)).as(Path::new);
  }

  @Provide
  Arbitrary<View> views() {
    return Arbitraries.oneOf(Arbitraries.just(new View.Absent()), present(HERE, 2));
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
                Values.any().list().ofMaxSize(3),
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

  private static Arbitrary<List<NamedTally>> tallies(Path path) {
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
