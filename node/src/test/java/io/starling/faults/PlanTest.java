package io.starling.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.starling.faults.Fault.Link;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class PlanTest {

  @Test
  void aSeedIsAPlan() {
    assertThat(Plan.draw(7, 5, 60_000)).isEqualTo(Plan.draw(7, 5, 60_000));
    assertThat(Plan.draw(7, 5, 60_000)).isNotEqualTo(Plan.draw(8, 5, 60_000));
  }

  @Test
  void eachKindIsInTheShortestPlan() {
    for (long seed = 0; seed < 20; seed++) {
      var plan = Plan.draw(seed, 3, 1);
      assertThat(Stream.concat(plan.network().stream(), plan.processes().stream()))
          .extracting(Fault::kind)
          .containsExactlyInAnyOrder(FaultKind.values());
    }
  }

  @Test
  void theFaultsOfALaneFollowEachOther() {
    var plan = Plan.draw(7, 5, 600_000);
    for (var lane : List.of(plan.network(), plan.processes())) {
      assertThat(lane).hasSizeGreaterThan(20);
      for (int i = 1; i < lane.size(); i++) {
        var before = lane.get(i - 1);
        assertThat(lane.get(i).fromMillis())
            .isGreaterThan(before.fromMillis() + before.forMillis());
      }
    }
  }

  @Test
  void whatIsCutIsWhatTheKindSays() {
    assertThat(cut(FaultKind.ONE_WAY)).containsExactly(new Link(2, 0));
    assertThat(cut(FaultKind.ISOLATION)).hasSize(8).allMatch(it -> touches(it, 2));
    assertThat(cut(FaultKind.HALVES)).hasSize(12).doesNotContain(new Link(2, 0), new Link(1, 4));
    assertThat(cut(FaultKind.BRIDGE)).hasSize(8).noneMatch(it -> touches(it, 2));
    assertThat(cut(FaultKind.LOSS)).isEmpty();
  }

  @Test
  void aBridgeNeedsThreeNodes() {
    assertThatIllegalArgumentException().isThrownBy(() -> Plan.draw(1, 2, 1));
  }

  private static boolean touches(Link link, int node) {
    return link.from() == node || link.to() == node;
  }

  private static List<Link> cut(FaultKind kind) {
    return new Fault(kind, List.of(2, 0, 3, 1, 4), 0, 0, 1).cut();
  }
}
