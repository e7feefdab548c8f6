package io.starling.crdt.causal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class HybridClockTest {

  private static final Duration DRIFT = Duration.ofSeconds(60);
  private static final long BASE = 1_700_000_000_000L;

  /// A time of the wall clock, which jumps, and perhaps a stamp that arrives.
  record Moment(long now, boolean receives, HybridTime stamp) {}

  @Provide
  Arbitrary<List<Moment>> moments() {
    var now =
        Arbitraries.oneOf(
            Arbitraries.longs().between(BASE - 5, BASE + 5),
            Arbitraries.longs().between(BASE - 3_600_000, BASE + 3_600_000),
            Arbitraries.of(0L, -1L, BASE + 400_000_000_000L));
    var stamp =
        Arbitraries.oneOf(
            Arbitraries.longs().between(BASE - 5, BASE + 5).map(HybridTime::ofMillis),
            Combinators.combine(
                    Arbitraries.longs().between(BASE - 100_000, BASE + 100_000),
                    Arbitraries.integers().between(0, 0xFFFF))
                .as((millis, counter) -> new HybridTime(millis << 16 | counter)),
            Arbitraries.longs().map(HybridTime::new),
            Arbitraries.of(HybridTime.ZERO, new HybridTime(-1)));
    return Combinators.combine(now, Arbitraries.of(true, false), stamp)
        .as(Moment::new)
        .list()
        .ofMaxSize(20)
        .withoutEdgeCases();
  }

  @Property
  void stampsNeverGoBackWhateverTheWallClockDoes(@ForAll("moments") List<Moment> moments) {
    var clock = new HybridClock(HybridTime.ZERO, DRIFT);
    for (var moment : moments) {
      var before = clock;
      clock = moment.receives ? clock.observe(moment.stamp, moment.now) : clock.tick(moment.now);
      assertThat(clock.last()).isGreaterThanOrEqualTo(before.last());
      if (!moment.receives) {
        assertThat(clock.last()).isGreaterThan(before.last());
        assertThat(clock.last()).isGreaterThanOrEqualTo(HybridTime.ofMillis(moment.now));
      }
    }
  }

  @Property
  void noStampPushesTheClockBeyondTheDrift(@ForAll("moments") List<Moment> moments) {
    var clock = new HybridClock(HybridTime.ZERO, DRIFT);
    for (var moment : moments) {
      var before = clock;
      clock = clock.observe(moment.stamp, moment.now);
      boolean moved = !clock.equals(before);
      if (moved) {
        assertThat(clock.last().millis())
            .isLessThanOrEqualTo(Math.max(moment.now + DRIFT.toMillis(), 0));
      }
    }
  }

  @Property
  void anEffectIsStampedAfterItsCauseUnlessThatIsBeyondTheDrift(
      @ForAll("moments") List<Moment> moments) {
    var clock = new HybridClock(HybridTime.ZERO, DRIFT);
    for (var moment : moments) {
      clock = clock.observe(moment.stamp, moment.now).tick(moment.now);
      if (!clock.isBeyondDrift(moment.stamp, moment.now)) {
        assertThat(clock.last()).isGreaterThan(moment.stamp);
      }
    }
  }

  /// Else one forger would have every honest node that it pushed to the bound accused of the same.
  @Property
  void aClockAtTheBoundIssuesStampsThatItsPeersDoNotFindBeyondTheDrift(
      @ForAll("moments") List<Moment> moments) {
    for (var moment : moments) {
      var clock = new HybridClock(HybridTime.ZERO, DRIFT).observe(new HybridTime(-1), moment.now);
      for (int i = 0; i < 3; i++) {
        clock = clock.tick(moment.now);
        assertThat(clock.isBeyondDrift(clock.last(), Math.max(moment.now, -DRIFT.toMillis())))
            .isFalse();
      }
    }
  }

  @Example
  void withinAMillisecondTheCounterCounts() {
    var clock = new HybridClock(HybridTime.ZERO, DRIFT).tick(BASE).tick(BASE).tick(BASE - 1);
    assertThat(clock.last()).hasToString(BASE + "+2");
    assertThat(clock.tick(BASE + 1).last()).hasToString((BASE + 1) + "+0");
  }

  @Example
  void aFullCounterRunsOverIntoTheMilliseconds() {
    var full = new HybridTime(BASE << 16 | 0xFFFF);
    assertThat(full.next()).isEqualTo(HybridTime.ofMillis(BASE + 1));
    assertThat(new HybridTime(-1).next()).isEqualTo(new HybridTime(-1));
  }

  @Example
  void stampsOrderAsUnsignedNumbersAndClipWhatDoesNotFit() {
    assertThat(new HybridTime(-1)).isGreaterThan(new HybridTime(Long.MAX_VALUE));
    assertThat(HybridTime.ofMillis(-5)).isEqualTo(HybridTime.ZERO);
    assertThat(HybridTime.ofMillis(Long.MAX_VALUE).millis()).isEqualTo((1L << 48) - 1);
  }

  @Example
  void aDriftIsNotNegative() {
    assertThatThrownBy(() -> new HybridClock(HybridTime.ZERO, Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
