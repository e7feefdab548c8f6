package io.starling.node.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.bench.SpacesBench.Beside;
import io.starling.node.bench.SpacesBench.Neighbour;
import io.starling.node.bench.SpacesBench.Size;
import io.starling.node.bench.SpacesBench.Throughput;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The benchmark, made small: what it counts must hold on any machine, what it times may not.
final class SpacesBenchTest {

  @TempDir private Path directory;

  @Test
  void aSpaceIsWrittenToWhateverIsTheMatterWithItsNeighbour() throws Exception {
    var size = new Size(2, Duration.ofMillis(20), List.of(1, 3));
    try (var bench = new SpacesBench(size, directory.resolve("store"), _ -> {})) {
      var result = bench.run();

      assertThat(result.throughput()).extracting(Throughput::clients).containsExactly(1, 3);
      assertThat(result.throughput())
          .allMatch(row -> row.two().min() > 0 && row.one().min() > 0 && row.ratio().min() > 0);
      assertThat(result.beside()).extracting(Beside::neighbour).containsExactly(Neighbour.values());
      // Four clients that each write at least once, in two pairs.
      assertThat(result.beside()).allMatch(row -> row.written() >= 8);
      assertThat(result.beside()).allMatch(row -> row.alone().p50().min() > 0);
      // Its neighbour was in the trouble that was asked for.
      assertThat(result.beside()).allMatch(row -> row.neighbourRefused() > 0);
      assertThat(result.beside().get(0).neighbourWritten()).isZero();
      assertThat(result.beside().get(1).neighbourWritten()).isZero();
      assertThat(result.beside().get(2).neighbourWritten()).isPositive();
    }
  }
}
