package io.starling.node.transport;

import io.starling.node.identity.PeerAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;

/// For how long, and with what pauses, one address is dialled. Called by one [Dialler].
interface Persistence {

  /// Asked before each attempt.
  ///
  /// @return not positive to dial now; else after how long to ask again
  Duration wait(PeerAddress address);

  /// A member has proven itself at the address.
  void greeted();

  /// An attempt, or the stream that came of it, has ended.
  ///
  /// @param wasGreeted whether a member had proven itself
  /// @return the pause before the next attempt; empty to give up
  Optional<Duration> ended(boolean wasGreeted);

  /// Whether an operator wants to hear that nobody answers.
  boolean isWorthTelling();

  /// Dialled for ever: an operator has named the address.
  static Persistence steadfast(TransportLimits.Timing timing) {
    return new Steadfast(new Backoff(timing, new SplittableRandom()));
  }

  /// See [#steadfast].
  record Steadfast(Backoff backoff) implements Persistence {

    @Override
    public Duration wait(PeerAddress address) {
      return Duration.ZERO;
    }

    @Override
    public void greeted() {
      backoff.reset();
    }

    @Override
    public boolean isWorthTelling() {
      return true;
    }

    @Override
    public Optional<Duration> ended(boolean wasGreeted) {
      if (wasGreeted) {
        backoff.reset();
      }
      return Optional.of(backoff.next());
    }
  }
}
