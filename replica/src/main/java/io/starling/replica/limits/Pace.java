package io.starling.replica.limits;

/// How often something is done that may be called for without end: at once, then after one round,
/// two, four, up to [#ROUNDS_MAX]. After a long rest it is done at once again.
public final class Pace {

  /// The longest wait, in rounds.
  public static final int ROUNDS_MAX = 64;

  private long round;
  private long dueAt;
  private long wait = 1;

  /// A round has passed.
  public void passed() {
    round++;
    if (round - dueAt > 2 * ROUNDS_MAX) {
      wait = 1;
    }
  }

  /// Whether it may be done now.
  public boolean isDue() {
    return round >= dueAt;
  }

  /// It is being done now.
  public void done() {
    dueAt = round + wait;
    wait = Math.min(2 * wait, ROUNDS_MAX);
  }
}
