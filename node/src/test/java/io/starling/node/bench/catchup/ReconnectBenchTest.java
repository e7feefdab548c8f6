package io.starling.node.bench.catchup;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.bench.catchup.ReconnectBench.Kind;
import io.starling.node.bench.catchup.ReconnectBench.Row;
import io.starling.node.bench.catchup.ReconnectBench.Size;
import io.starling.node.bench.catchup.ReconnectBench.Writers;
import io.starling.node.transport.FrameKind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The benchmark, made small. What each second brings anyway, beacons and echoes, counts by how
/// long the machine takes, and so only up to a slack that no machine should need.
final class ReconnectBenchTest {

  /// What beacons and echoes may bring beyond the aim: those of half a minute at rest.
  private static final long SLACK = 32_000;

  @TempDir private Path directory;

  @Test
  void afterAPartitionLittleMoreThanWhatIsMissingGoesOverTheLink() throws Exception {
    var rows = new ReconnectBench(new Size(List.of(1, 100), 1), directory, _ -> {}).run();
    assertThat(rows)
        .extracting(row -> row.writers() + " " + row.each())
        .containsExactly("ONE 1", "BOTH 1", "ONE 100", "BOTH 100");
    for (var row : rows) {
      long batches = row.kinds().getOrDefault(FrameKind.BATCHES, new Kind(0, 0)).bytes();
      assertThat(row.batches()).isEqualTo((row.writers() == Writers.BOTH ? 2L : 1L) * row.each());
      // All of them, none of them twice.
      assertThat(batches).isBetween(row.batchBytes(), row.batchBytes() * 102 / 100 + 60);
      assertThat((double) lasting(row)).isLessThan(row.aim());
      assertThat((double) row.frameBytes()).isLessThan(row.aim() + SLACK);
      assertThat(row.wireBytes()).isGreaterThan(row.frameBytes());
    }
  }

  /// Bytes of frames that do not come by the clock.
  private static long lasting(Row row) {
    return row.kinds().entrySet().stream()
        .filter(it -> it.getKey() != FrameKind.BEACON && it.getKey() != FrameKind.ECHO)
        .mapToLong(it ->
            it.getValue().bytes() + ReconnectBench.MESSAGE_HEADER_BYTES * it.getValue().frames())
        .sum();
  }
}
