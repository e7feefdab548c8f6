package io.starling.node.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.memory.MemorySpaces;
import io.starling.node.status.CatchUpProgress;
import io.starling.replica.status.SpaceStatus;
import io.starling.replica.status.SpaceStatus.CatchingUp;
import io.starling.replica.status.SpaceStatus.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Rates and remaining time, by a clock of the test.
final class CatchUpPaceTest {

  private static final KeyFingerprint DONOR = new KeyFingerprint(1, 1);
  private static final long CELLS = 1_000_000;
  private static final long CELL_BYTES = 100;

  private long millis = 1_000_000;
  private final CatchUpPace pace = new CatchUpPace(() -> Instant.ofEpochMilli(millis));

  private CatchUpProgress tell(Phase phase, KeyFingerprint donor, long fetched) {
    var at = new CatchingUp(phase, Optional.of(donor), CELLS, fetched, fetched * CELL_BYTES);
    pace.told(status(Optional.of(at)));
    return pace.progress().orElseThrow();
  }

  private CatchUpProgress fetched(long cells) {
    return tell(Phase.FETCHING, DONOR, cells);
  }

  private static SpaceStatus status(Optional<CatchingUp> catchingUp) {
    var alone = new MemorySpaces().find("main").orElseThrow().status();
    return new SpaceStatus(
        alone.self(),
        alone.active(),
        alone.closedReplicas(),
        alone.closed(),
        alone.digest(),
        alone.cells(),
        alone.stable(),
        alone.buffered(),
        alone.peers(),
        alone.token(),
        alone.tallies(),
        catchingUp,
        alone.log(),
        alone.revocation());
  }

  /// So many cells a second for so long, told each tick.
  private CatchUpProgress run(long from, long cellsPerSecond, Duration length) {
    var progress = fetched(from);
    for (long ran = 0; ran < length.toMillis(); ran += 100) {
      millis += 100;
      progress = fetched(from + cellsPerSecond * (ran + 100) / 1_000);
    }
    return progress;
  }

  @Test
  void nothingIsSaidWhileNothingIsTakenOver() {
    pace.told(status(Optional.empty()));
    assertThat(pace.progress()).isEmpty();
    fetched(1);
    pace.told(status(Optional.empty()));
    assertThat(pace.progress()).isEmpty();
  }

  @Test
  void aRateIsKnownAfterASecond() {
    var early = run(0, 50_000, Duration.ofMillis(900));
    assertThat(early.bytesPerSecond()).isEmpty();
    assertThat(early.remaining()).isEmpty();
    assertThat(early.at().fetched()).isEqualTo(45_000);
    millis += 100;
    var known = fetched(50_000);
    assertThat(known.bytesPerSecond()).contains(50_000 * CELL_BYTES);
    assertThat(known.remaining()).contains(Duration.ofSeconds(19));
  }

  @Test
  void aRateIsThatOfTheLastSecondsOnly() {
    run(0, 50_000, Duration.ofSeconds(12));
    var slow = run(600_000, 1_000, Duration.ofSeconds(11));
    assertThat(slow.bytesPerSecond()).contains(1_000 * CELL_BYTES);
    assertThat(slow.remaining()).contains(Duration.ofSeconds(389));
  }

  @Test
  void whereNothingComesAnyMoreNoTimeRemains() {
    run(0, 50_000, Duration.ofSeconds(5));
    var stalled = run(250_000, 0, Duration.ofSeconds(12));
    assertThat(stalled.bytesPerSecond()).contains(0L);
    assertThat(stalled.remaining()).isEmpty();
  }

  @Test
  void anotherSessionAnotherDonorAndAClockThatGoesBackBeginAnew() {
    run(0, 50_000, Duration.ofSeconds(2));
    assertThat(fetched(10).bytesPerSecond()).isEmpty();
    assertThat(run(10, 50_000, Duration.ofSeconds(2)).bytesPerSecond()).isPresent();
    assertThat(tell(Phase.FETCHING, new KeyFingerprint(2, 2), 200_000).bytesPerSecond()).isEmpty();
    assertThat(run(0, 50_000, Duration.ofSeconds(2)).bytesPerSecond()).isPresent();
    millis -= 60_000;
    assertThat(fetched(100_001).bytesPerSecond()).isEmpty();
  }

  @Test
  void onlyWhatIsFetchedHasARate() {
    run(0, 50_000, Duration.ofSeconds(2));
    for (var phase : new Phase[] {Phase.PROVING, Phase.COMPARING, Phase.JOINING}) {
      millis += 2_000;
      var progress = tell(phase, DONOR, 100_000);
      assertThat(progress.bytesPerSecond()).isEmpty();
      assertThat(progress.remaining()).isEmpty();
    }
  }
}
