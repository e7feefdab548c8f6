package io.starling.simulation.exhaustive;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.simulation.command.SearchStates;
import io.starling.simulation.command.SearchStates.Result;
import io.starling.simulation.command.SearchStates.Timed;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is told of searches.
final class SearchStatesTest {

  private static final Bound BOUND = Bound.depth(2);
  private static final Timed HELD =
      new Timed(Search.run(DataType.FLAG, BOUND, Algebra.PRODUCTION), 1_500);
  private static final Timed BROKEN =
      new Timed(Search.run(DataType.FLAG, BOUND, Spoiled.DISABLING_WINS), 20);

  @Test
  void aLineForEachType() {
    assertThat(SearchStates.line(HELD))
        .isEqualTo(
            "ok     flag                     137 states       15 held        26 joined        40 read    1.5 s");
    assertThat(SearchStates.line(BROKEN))
        .startsWith("FAILED flag ")
        .contains("\nA enables the flag, reads true\nB disables the flag, reads nothing\nthen: ");
  }

  @Test
  void aFlawMakesTheWholeFail() {
    assertThat(new Result(BOUND, List.of(HELD)).isOk()).isTrue();
    assertThat(new Result(BOUND, List.of(HELD, BROKEN)).isOk()).isFalse();
    assertThat(SearchStates.json(new Result(BOUND, List.of(BROKEN))))
        .startsWith("{\"ok\":false,\"checks\":[{\"name\":\"flag\",\"value\":1,\"target\":0,")
        .contains("\"history\":[\"A enables the flag, reads true\",\"B disables");
  }
}
