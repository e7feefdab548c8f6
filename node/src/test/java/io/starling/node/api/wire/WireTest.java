package io.starling.node.api.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.node.json.Values;
import io.starling.node.json.Views;
import io.starling.proto.v1.SetRegister;
import io.starling.proto.v1.Transaction;
import io.starling.replica.request.Mutation;
import java.util.List;
import java.util.Optional;
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
    return Views.tallies(path)
        .map(seen -> seen.isEmpty() ? Optional.<List<NamedTally>>empty() : Optional.of(seen))
        .map(seen -> new Mutation.Reset(path, seen));
  }

  private static Arbitrary<Path> paths() {
    var names = Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(5);
    return Combinators.combine(names, names.list().ofMaxSize(3)).as(Path::new);
  }

  @Provide
  Arbitrary<View> views() {
    return Views.any(HERE);
  }
}
