package io.starling.node.transport;

import java.util.function.LongSupplier;

/// How often addresses that were only hinted at may be dialled, all together: a few at once, then
/// at an even rate; and how often the log may say that nobody answers at one. Safe to use from any
/// thread.
final class DialBudget {

  /// Attempts that may begin at once.
  static final int BURST = 16;

  /// Attempts a second after that.
  static final int PER_SECOND = 8;

  private static final long NANOS_EACH = 1_000_000_000L / PER_SECOND;

  /// Between lines of the log.
  static final long TELL_EVERY_NANOS = 10_000_000_000L;

  private final LongSupplier nanos;
  private long tellNanos;
  private long fullAtNanos;

  /// @param nanos a clock that never goes back
  DialBudget(LongSupplier nanos) {
    this.nanos = nanos;
    this.fullAtNanos = nanos.getAsLong();
    this.tellNanos = fullAtNanos;
  }

  /// Takes one line of the log, if one is due.
  synchronized boolean mayTell() {
    long now = nanos.getAsLong();
    if (now - tellNanos < 0) {
      return false;
    }
    tellNanos = now + TELL_EVERY_NANOS;
    return true;
  }

  /// Takes one attempt, if one is left.
  synchronized boolean take() {
    long now = nanos.getAsLong();
    long from = Math.max(0, fullAtNanos - now);
    if (from + NANOS_EACH > BURST * NANOS_EACH) {
      return false;
    }
    fullAtNanos = now + from + NANOS_EACH;
    return true;
  }
}
