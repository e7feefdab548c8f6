package io.starling.crdt.laws;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.op.Operation;
import io.starling.crdt.value.Value;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/// Operations on few places with few values, so that they meet.
final class Operations {

  private static final Path KEY = Path.of("k");
  private static final Path FIELD = KEY.field("f");
  private static final Path DEEP = FIELD.field("g");
  private static final Path OTHER = KEY.field("h");

  private Operations() {}

  static Arbitrary<Operation> counter() {
    return Arbitraries.of(KEY, Path.of("l"))
        .flatMap(path -> Arbitraries.oneOf(increments(path), resets(path), removals(path)));
  }

  static Arbitrary<Operation> register() {
    return Arbitraries.oneOf(assignments(KEY), assignments(KEY), removals(KEY));
  }

  static Arbitrary<Operation> flag() {
    return Arbitraries.oneOf(flags(KEY, Bias.ADD), flags(KEY, Bias.ADD), removals(KEY));
  }

  static Arbitrary<Operation> set() {
    return sets(Bias.ADD);
  }

  static Arbitrary<Operation> disableWinsFlag() {
    return Arbitraries.oneOf(flags(KEY, Bias.REMOVE), flags(KEY, Bias.REMOVE), removals(KEY));
  }

  static Arbitrary<Operation> removeWinsSet() {
    return sets(Bias.REMOVE);
  }

  private static Arbitrary<Operation> sets(Bias bias) {
    var elements = elements(KEY, bias);
    return Arbitraries.oneOf(elements, elements, elements, removals(KEY));
  }

  static Arbitrary<Operation> map() {
    var leaves =
        Arbitraries.of(DEEP, OTHER)
            .flatMap(path ->
                Arbitraries.oneOf(
                    assignments(path),
                    increments(path),
                    elements(path, Bias.ADD),
                    elements(path, Bias.REMOVE),
                    flags(path, Bias.ADD),
                    flags(path, Bias.REMOVE)));
    var marks = Arbitraries.of(KEY, FIELD).map(path -> new Operation.MakeMap(path, List.of()));
    return Arbitraries.oneOf(leaves, leaves, marks.map(mark -> mark), removalsAnywhere());
  }

  static Arbitrary<Operation> mixed() {
    return Arbitraries.of(KEY, FIELD)
        .flatMap(path ->
            Arbitraries.oneOf(
                assignments(path),
                increments(path),
                resets(path),
                elements(path, Bias.ADD),
                elements(path, Bias.REMOVE),
                flags(path, Bias.ADD),
                flags(path, Bias.REMOVE),
                Arbitraries.just(new Operation.MakeMap(path, List.of())),
                removals(path)));
  }

  private static Arbitrary<Operation> increments(Path path) {
    return Arbitraries.of(1L, -1L, 5L, Long.MAX_VALUE)
        .map(amount -> new Operation.Increment(path, amount));
  }

  private static Arbitrary<Operation> resets(Path path) {
    return Arbitraries.just(new Operation.Reset(path, List.of()));
  }

  private static Arbitrary<Operation> assignments(Path path) {
    return Combinators.combine(Arbitraries.of(1, 2), Arbitraries.of(ReadRule.class))
        .as((value, rule) -> new Operation.Assign(path, new Value.Int(value), rule, List.of()));
  }

  private static Arbitrary<Operation> flags(Path path, Bias bias) {
    return Arbitraries.of(new Operation.Enable(path, bias), new Operation.Disable(path, bias));
  }

  private static Arbitrary<Operation> elements(Path path, Bias bias) {
    return Combinators.combine(Arbitraries.of("x", "y"), Arbitraries.of(true, false))
        .as((text, isAdded) -> {
          var element = new Value.Text(text);
          return isAdded
              ? new Operation.AddElement(path, element, bias)
              : new Operation.RemoveElement(path, element, bias);
        });
  }

  private static Arbitrary<Operation> removals(Path path) {
    return Arbitraries.just(new Operation.Remove(path, List.of()));
  }

  private static Arbitrary<Operation> removalsAnywhere() {
    return Arbitraries.of(KEY, FIELD, DEEP, OTHER).flatMap(Operations::removals);
  }
}
