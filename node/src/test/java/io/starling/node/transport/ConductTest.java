package io.starling.node.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ConductTest {

  private long now = -5;
  private final Conduct conduct =
      new Conduct(
          new TransportLimits.Faults(
              2, Duration.ofSeconds(60), Duration.ofSeconds(30), Duration.ofSeconds(100)),
          () -> now);

  @Test
  void aFewFaultsAreBorne() {
    assertThat(conduct.fault()).isFalse();
    assertThat(conduct.fault()).isFalse();
    assertThat(conduct.shutOut()).isZero();
    pass(61);
    assertThat(conduct.fault()).isFalse();
  }

  @Test
  void oneTooManyShutsOutForLongerEachTime() {
    for (int seconds : new int[] {30, 60, 100, 100}) {
      assertThat(conduct.fault()).isFalse();
      assertThat(conduct.fault()).isFalse();
      assertThat(conduct.fault()).isTrue();
      assertThat(conduct.shutOut()).isEqualTo(Duration.ofSeconds(seconds));
      pass(seconds);
      assertThat(conduct.shutOut()).isZero();
    }
  }

  @Test
  void pausesDoubleWithinTheirBounds() {
    var timing = Flock.QUICK.timing();
    var backoff = new Backoff(timing, new SplittableRandom(7));
    long base = timing.redialFirst().toNanos();
    for (int i = 0; i < 20; i++) {
      assertThat(backoff.next().toNanos()).isBetween(base / 2, base + base / 2);
      base = Math.min(2 * base, timing.redialMax().toNanos());
    }
    backoff.reset();
    assertThat(backoff.next()).isLessThanOrEqualTo(timing.redialFirst().multipliedBy(2));
  }

  private void pass(int seconds) {
    now += Duration.ofSeconds(seconds).toNanos();
  }
}
