package io.starling.node.bench.catchup;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.bench.Check;
import io.starling.node.bench.catchup.CatchUpBench.Scattered;
import io.starling.node.bench.catchup.CatchUpBench.Size;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The benchmark, made small: what it counts must hold on any machine, what it times may not.
final class CatchUpBenchTest {

  private static final int CELLS = 20_000;

  @TempDir private Path directory;

  @Test
  void whatDiffersIsTakenOverWithinItsBytesAndRoundTripsAndABlankMemberTakesAll() throws Exception {
    var result = new CatchUpBench(new Size(CELLS, 1, 1), directory, _ -> {}).run();
    assertThat(result.scattered()).extracting(Scattered::differing).containsExactly(1, 100, 10_000);
    assertThat(result.scattered()).flatMap(Scattered::checks).hasSize(6).allMatch(Check::ok);
    for (var row : result.scattered()) {
      assertThat(row.fetched()).isGreaterThanOrEqualTo(row.differing());
      // Less than the cells themselves cannot have come.
      assertThat(row.bytesIn()).isGreaterThan(row.cellBytes());
      assertThat(row.bytesOut()).isPositive();
      assertThat(row.roundTrips()).isPositive();
    }
    var one = result.scattered().getFirst();
    assertThat(one.fetched()).isLessThan(100);
    var blank = result.blank().orElseThrow();
    assertThat(blank.cells()).isEqualTo(CELLS);
    assertThat(blank.roundTrips()).isPositive();
    assertThat(blank.bytes()).isBetween(blank.cellBytes(), blank.cellBytes() * 5 / 4);
    assertThat(List.of(blank.controlSeconds(), blank.liveSeconds()))
        .allMatch(time -> time.min() > 0);
    assertThat(blank.joinedSeconds().median()).isGreaterThanOrEqualTo(blank.liveSeconds().median());
  }
}
