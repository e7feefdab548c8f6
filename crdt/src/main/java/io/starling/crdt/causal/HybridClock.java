package io.starling.crdt.causal;

import java.time.Duration;

/// A hybrid logical clock: stamps that never go back, stay near physical time and follow causality.
///
/// Immutable: each step returns the clock that follows.
///
/// Reference: Kulkarni et al., Logical Physical Clocks (2014). Departure: a stamp further ahead of
/// physical time than `drift` moves the clock no further than `drift`, so that no peer can push it
/// away for good; the value so stamped is then outranked by being seen, not by a later stamp.
///
/// @param last the last stamp issued or observed
/// @param drift how far beyond physical time a received stamp may move the clock
public record HybridClock(HybridTime last, Duration drift) {

  public HybridClock {
    if (drift.isNegative()) {
      throw new IllegalArgumentException("negative drift");
    }
  }

  /// The clock after issuing a stamp, which is its [#last()]; later than all before.
  public HybridClock tick(long nowMillis) {
    var physical = HybridTime.ofMillis(nowMillis);
    var next = physical.compareTo(last) > 0 ? physical : last.next();
    return new HybridClock(next, drift);
  }

  /// The clock after seeing a stamp of another clock.
  public HybridClock observe(HybridTime seen, long nowMillis) {
    // At the bound a clock stops at the first stamp of its last millisecond, so that the stamps it
    // issues from there, which count on, are not beyond the drift of the next one in their turn.
    var capped = isBeyondDrift(seen, nowMillis) ? HybridTime.ofMillis(bound(nowMillis)) : seen;
    return capped.compareTo(last) > 0 ? new HybridClock(capped, drift) : this;
  }

  /// Whether a stamp's millisecond lies further ahead of physical time than the drift allows.
  public boolean isBeyondDrift(HybridTime seen, long nowMillis) {
    return seen.millis() > bound(nowMillis);
  }

  private long bound(long nowMillis) {
    return nowMillis + drift.toMillis();
  }
}
