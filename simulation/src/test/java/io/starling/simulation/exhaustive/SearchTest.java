package io.starling.simulation.exhaustive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every data type to the bound of `starling simulate --exhaustive`, and every spoiled one to that
/// of its flaw.
final class SearchTest {

  /// How many states there are: another number means that the search, a type or what may be done to
  /// it is another.
  private static final Map<DataType, Long> STATES = new EnumMap<>(DataType.class);

  static {
    STATES.put(DataType.COUNTER, 184_267L);
    STATES.put(DataType.REGISTER, 1_400_165L);
    STATES.put(DataType.GREATEST, 75_653L);
    STATES.put(DataType.FLAG, 51_120L);
    STATES.put(DataType.DISABLE_WINS_FLAG, 76_113L);
    STATES.put(DataType.SET, 359_937L);
    STATES.put(DataType.REMOVE_WINS_SET, 578_706L);
    STATES.put(DataType.MAP, 463_687L);
    STATES.put(DataType.COUNTERS_IN_MAP, 489_854L);
    STATES.put(DataType.MIXED, 591_201L);
  }

  @ParameterizedTest
  @EnumSource
  void allLawsHoldInAllStates(DataType type) {
    var outcome = Search.run(type, Bound.depth(4), Algebra.PRODUCTION);

    assertThat(outcome.flaw().map(Object::toString)).isEmpty();
    assertThat(outcome.states()).isEqualTo(STATES.get(type));
  }

  @ParameterizedTest
  @EnumSource
  void whatIsSpoiledIsFound(Spoiled spoiled) {
    var outcome = Search.run(spoiled.type(), Bound.depth(4), spoiled);

    assertThat(outcome.flaw().map(Object::toString)).as(spoiled.name()).isPresent();
    assertThat(outcome.flaw().orElseThrow().steps()).as(spoiled.name()).hasSizeBetween(1, 4);
  }

  @Test
  void theShortestHistoryOfAFlawIsTold() {
    var outcome = Search.run(DataType.COUNTER, Bound.depth(4), Spoiled.RESET_TAKES_ALL);

    assertThat(outcome.flaw().map(Object::toString).orElse("survives"))
        .isEqualTo(
            """
            A counts 1, reads 1
            B resets the counter, reads nothing
            then: B:1.0 comes to one that holds {k counted by A 1 at 1.0 less 0 at 0.0} \
            having seen {A=1}: joined with the delta: {k counted by A 1 at 1.0 less 0 at 0.0}, \
            not {k counted by A 1 at 1.0 less 1 at 1.0}\
            """);
  }

  @Test
  void aBoundOutOfRangeIsRefused() {
    assertThatThrownBy(() -> Bound.depth(0)).hasMessageContaining("1 to 6 updates");
    assertThatThrownBy(() -> Bound.depth(7)).hasMessageContaining("1 to 6 updates");
    assertThatThrownBy(() -> new Bound(1, -1)).hasMessageContaining("0 to 6 transfers");
  }
}
