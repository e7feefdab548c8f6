package io.starling.replica.limits;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PaceTest {

  private final Pace pace = new Pace();

  @Test
  void whatIsCalledForWithoutEndIsDoneEverMoreSeldom() {
    int done = 0;
    for (int round = 0; round < 1_000; round++) {
      if (pace.isDue()) {
        pace.done();
        done++;
      }
      pace.passed();
    }
    assertThat(done).isBetween(15, 25);
  }

  @Test
  void inOneRoundItIsDoneOnce() {
    assertThat(pace.isDue()).isTrue();
    pace.done();
    assertThat(pace.isDue()).isFalse();
    pace.passed();
    assertThat(pace.isDue()).isTrue();
  }

  @Test
  void afterALongRestItIsDoneAtOnceAndSoonAgain() {
    for (int round = 0; round < 1_000; round++) {
      if (pace.isDue()) {
        pace.done();
      }
      pace.passed();
    }
    for (int round = 0; round < 4 * Pace.ROUNDS_MAX; round++) {
      pace.passed();
    }
    assertThat(pace.isDue()).isTrue();
    pace.done();
    pace.passed();
    assertThat(pace.isDue()).isTrue();
  }
}
