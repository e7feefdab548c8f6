package io.starling.node.transport;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

/// How a peer has behaved: its faults of late, and until when it is shut out. Safe to use from any
/// thread.
///
/// A fault is what no correct peer sends: a bad signature, bytes that are no batch. A correct peer
/// may meet a bit error, so a few are borne.
final class Conduct {

  private final TransportLimits.Faults limits;
  private final LongSupplier nanoTime;
  private final Deque<Long> faults = new ArrayDeque<>();
  private long shutOutNanos;
  private long shutOutUntil;
  private boolean isShutOut;

  Conduct(TransportLimits.Faults limits, LongSupplier nanoTime) {
    this.limits = limits;
    this.nanoTime = nanoTime;
    this.shutOutNanos = limits.shutOutFirst().toNanos();
  }

  /// Notes a fault.
  ///
  /// @return whether it was one too many, and the peer is shut out now
  synchronized boolean fault() {
    long now = nanoTime.getAsLong();
    faults.addLast(now);
    while (now - faults.getFirst() > limits.window().toNanos()) {
      faults.removeFirst();
    }
    if (faults.size() <= limits.allowed()) {
      return false;
    }
    faults.clear();
    isShutOut = true;
    shutOutUntil = now + shutOutNanos;
    shutOutNanos = Math.min(2 * shutOutNanos, limits.shutOutMax().toNanos());
    return true;
  }

  /// For how long it still is shut out; zero if it is not.
  synchronized Duration shutOut() {
    long left = shutOutUntil - nanoTime.getAsLong();
    isShutOut &= left > 0;
    return isShutOut ? Duration.ofNanos(left) : Duration.ZERO;
  }
}
