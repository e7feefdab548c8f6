package io.starling.crdt.exhaustive;

import static io.starling.crdt.model.Ops.add;
import static io.starling.crdt.model.Ops.assign;
import static io.starling.crdt.model.Ops.disable;
import static io.starling.crdt.model.Ops.enable;
import static io.starling.crdt.model.Ops.increment;
import static io.starling.crdt.model.Ops.makeMap;
import static io.starling.crdt.model.Ops.remove;
import static io.starling.crdt.model.Ops.removeElement;
import static io.starling.crdt.model.Ops.reset;
import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.op.Operation;
import io.starling.crdt.value.Value;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// All that three replicas can do, for each type: two updates each of two kinds, and four updates
/// of more kinds, in every interleaving of updates, deliveries and joins.
class ExhaustiveTest {

  private static final Path KEY = Path.of("k");
  private static final Path FIELD = KEY.field("f");

  /// The operations of a type. The first two are the ones that get into each other's way the most.
  enum Type {
    COUNTER(increment(KEY, 1), reset(KEY), increment(KEY, -1), remove(KEY)),
    REGISTER(assign(KEY, "a"), remove(KEY), assign(KEY, "b")),
    FLAG(enable(KEY), disable(KEY), remove(KEY)),
    SET(add(KEY, "x"), removeElement(KEY, "x"), add(KEY, "y"), remove(KEY)),
    DISABLE_WINS_FLAG(
        new Operation.Enable(KEY, Bias.REMOVE),
        new Operation.Disable(KEY, Bias.REMOVE),
        remove(KEY)),
    REMOVE_WINS_SET(
        new Operation.AddElement(KEY, new Value.Text("x"), Bias.REMOVE),
        new Operation.RemoveElement(KEY, new Value.Text("x"), Bias.REMOVE),
        new Operation.AddElement(KEY, new Value.Text("y"), Bias.REMOVE),
        remove(KEY)),
    MAP(assign(FIELD, "a"), remove(KEY), makeMap(KEY), remove(FIELD)),
    COUNTER_IN_MAP(increment(FIELD, 1), remove(KEY), reset(FIELD), assign(KEY, "a")),
    MIXED(add(FIELD, "x"), assign(KEY, "a"), increment(KEY, 1), makeMap(KEY), enable(FIELD));

    private final List<Operation> alphabet;

    Type(Operation... alphabet) {
      this.alphabet = List.of(alphabet);
    }
  }

  @ParameterizedTest
  @EnumSource
  void twoUpdatesEachOfTwoKinds(Type type) {
    explore(type, List.of(2, 2, 2), type.alphabet.subList(0, 2));
  }

  @ParameterizedTest
  @EnumSource
  void fourUpdatesOfAllKinds(Type type) {
    explore(type, List.of(2, 1, 1), type.alphabet);
  }

  private static void explore(Type type, List<Integer> updates, List<Operation> alphabet) {
    var shapes = Shape.all(updates);
    long histories = 0;
    long states = 0;
    long joins = 0;
    for (var shape : shapes) {
      var exploration = new Exploration(shape, alphabet);
      exploration.run();
      histories += exploration.histories();
      states += exploration.states();
      joins += exploration.joins();
    }
    System.out.printf(
        "%s, updates %s of %d kinds: %d shapes, %d histories, %d states, %d joins%n",
        type, updates, alphabet.size(), shapes.size(), histories, states, joins);
    var total = updates.stream().mapToInt(n -> n).sum();
    assertThat(histories).isEqualTo(shapes.size() * (long) Math.pow(alphabet.size(), total));
  }
}
