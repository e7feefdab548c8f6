package io.starling.client.link;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/// How long to wait before trying again: doubling from 25 ms to 1 s, of that a random part, so that
/// clients who lost one node do not come back in step.
public final class Backoff {

  private static final long FIRST_MILLIS = 25;
  private static final long MOST_MILLIS = 1_000;
  private static final int DOUBLINGS_MAX = 6;

  private Backoff() {}

  /// @param round how often all was tried; in round 0 nothing waits
  public static Duration before(int round) {
    if (round == 0) {
      return Duration.ZERO;
    }
    long most = Math.min(MOST_MILLIS, FIRST_MILLIS << Math.min(round - 1, DOUBLINGS_MAX));
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(most / 2, most + 1));
  }

  /// Waits, at most until the deadline; not at all in an interrupted thread, which stays so.
  static void pause(int round, Deadline deadline) {
    try {
      Thread.sleep(deadline.atMost(before(round)));
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }
}
