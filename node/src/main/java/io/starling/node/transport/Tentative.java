package io.starling.node.transport;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.PeerAddress;
import io.starling.node.peer.PeerHints.Outlook;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// How an address is dialled that someone has hinted at. Safe to use from any thread.
///
/// Until a member has proven itself there, pauses double from [#PAUSE_FIRST] to [#PAUSE_MAX], also
/// when the hint goes and comes: a ghost costs a few attempts an hour. From then on it is dialled
/// like any peer's; and when nobody hints at it any more, until none has answered for
/// [#PROVEN_KEPT]: so hints that vanish cut nothing, and addresses that others get are let go.
final class Tentative implements Persistence {

  static final Duration PAUSE_FIRST = Duration.ofSeconds(1);
  static final Duration PAUSE_MAX = Duration.ofMinutes(5);
  static final Duration PROVEN_KEPT = Duration.ofHours(1);

  /// Between looks at whether the peer is linked already, and at whether the budget allows more.
  static final Duration LOOK = Duration.ofSeconds(1);

  /// Peers said to be at one address; with more of them nobody can tell, and it is dialled.
  static final int CLAIMS_MAX = 4;

  private final Backoff backoff;
  private final DialBudget budget;
  private final Predicate<KeyFingerprint> isLinked;
  private final LongSupplier nanos;
  private final Set<KeyFingerprint> claims = new LinkedHashSet<>();
  private boolean isContested;
  private boolean isProven;
  private int failures;
  private long earliestNanos;
  private Optional<Long> failingSince = Optional.empty();

  /// @param isLinked whether this node has a stream to a peer that it has dialled itself
  /// @param nanos a clock that never goes back
  Tentative(
      Backoff backoff, DialBudget budget, Predicate<KeyFingerprint> isLinked, LongSupplier nanos) {
    this.backoff = backoff;
    this.budget = budget;
    this.isLinked = isLinked;
    this.nanos = nanos;
    this.earliestNanos = nanos.getAsLong();
  }

  /// Someone says that a peer is there.
  synchronized void claim(KeyFingerprint peer) {
    if (!claims.contains(peer) && claims.size() == CLAIMS_MAX) {
      isContested = true;
    } else {
      claims.add(peer);
    }
  }

  /// Nobody says so any more.
  ///
  /// @return whether the address may be forgotten
  synchronized boolean disclaim(KeyFingerprint peer) {
    claims.remove(peer);
    return claims.isEmpty() && !isProven;
  }

  synchronized Outlook outlook() {
    if (isProven) {
      return Outlook.PROVEN;
    }
    return failures > 0 ? Outlook.FAILING : Outlook.UNTRIED;
  }

  @Override
  public synchronized Duration wait(PeerAddress address) {
    long left = earliestNanos - nanos.getAsLong();
    if (left > 0) {
      return Duration.ofNanos(left);
    }
    boolean isNeedless = !isContested && !claims.isEmpty() && claims.stream().allMatch(isLinked);
    return isNeedless || !budget.take() ? LOOK : Duration.ZERO;
  }

  @Override
  public synchronized void greeted() {
    isProven = true;
    failures = 0;
    failingSince = Optional.empty();
    backoff.reset();
  }

  @Override
  public synchronized boolean isWorthTelling() {
    return isProven || budget.mayTell();
  }

  @Override
  public synchronized Optional<Duration> ended(boolean wasGreeted) {
    if (wasGreeted) {
      greeted();
    } else {
      failures++;
    }
    if (!isProven) {
      var pause = pause();
      earliestNanos = nanos.getAsLong() + pause.toNanos();
      return Optional.of(pause);
    }
    long now = nanos.getAsLong();
    long since = failingSince.orElse(now);
    failingSince = Optional.of(since);
    boolean isOver = claims.isEmpty() && now - since > PROVEN_KEPT.toNanos();
    return isOver ? Optional.empty() : Optional.of(backoff.next());
  }

  private Duration pause() {
    int doublings = Math.min(failures - 1, 30);
    var pause = PAUSE_FIRST.multipliedBy(1L << doublings);
    return pause.compareTo(PAUSE_MAX) < 0 ? pause : PAUSE_MAX;
  }
}
