package io.starling.simulation.time;

import java.time.Duration;
import java.time.Instant;

/// The wall clock of a node: off by a skew, too fast or too slow by a drift, moved by jumps.
///
/// Timers do not follow it; they run on virtual time, as a machine's run on its monotonic clock.
public final class NodeClock {

  /// What true clocks say at the beginning of a run.
  public static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");

  private static final long MILLION = 1_000_000;

  private final Agenda agenda;
  private long offsetNanos;
  private long partsPerMillion;
  private long latestMillis;
  private long changedNanos;
  private boolean wasMoved;

  public NodeClock(Agenda agenda) {
    this.agenda = agenda;
  }

  /// What the clock says now.
  public Instant now() {
    long elapsed = agenda.nowNanos();
    long drifted = elapsed + elapsed / MILLION * partsPerMillion;
    var now = BEGINNING.plusNanos(drifted).plusNanos(offsetNanos);
    latestMillis = Math.max(latestMillis, now.toEpochMilli());
    return now;
  }

  /// The latest time it ever said, in milliseconds since 1970.
  public long latestMillis() {
    return latestMillis;
  }

  /// How far it is from the true time.
  public Duration error() {
    return Duration.between(BEGINNING.plusNanos(agenda.nowNanos()), now());
  }

  /// When it was last moved, in virtual nanoseconds; 0 if never.
  public long changedNanos() {
    return changedNanos;
  }

  /// Whether it was ever wrong.
  public boolean wasMoved() {
    return wasMoved;
  }

  /// Moves the clock, back if negative.
  public void jump(long nanos) {
    changedNanos = agenda.nowNanos();
    offsetNanos += nanos;
    wasMoved |= nanos != 0;
  }

  /// Makes the clock gain so many microseconds a second, or lose them if negative.
  public void drift(long microsPerSecond) {
    partsPerMillion = microsPerSecond;
    wasMoved |= microsPerSecond != 0;
  }

  /// Sets the clock right.
  public void correct() {
    changedNanos = agenda.nowNanos();
    offsetNanos = 0;
    partsPerMillion = 0;
  }
}
