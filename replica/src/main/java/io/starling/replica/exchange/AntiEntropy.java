package io.starling.replica.exchange;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.fork.Naming;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import io.starling.replica.state.SpaceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// Repair by log: finds out from what peers claim that something is missing here, and asks one of
/// them for it.
///
/// What was just sent is likely under way, so a gap is asked for only once it has stood for some
/// ticks, and one pull is under way at a time; an answer that never comes is waited for no longer
/// than a round. One that comes in pieces is waited for as long as within each round a piece makes
/// what is missing less: on a thin link it would else be asked for again while it is still coming,
/// and then all of it comes twice. A fresh link is asked at once, for nothing is under way on it.
public final class AntiEntropy {

  /// Ticks that a gap must stand before it is pulled.
  private static final long PATIENCE_TICKS = 2;

  /// Ticks for which a peer whose log does not reach back is not asked again.
  private static final long BEHIND_TICKS = 100;

  private final SpaceState state;
  private final Naming naming;
  private final Peers peers;
  private final SplittableRandom random;
  private final long roundTicks;
  private final int pullBytes;
  private Optional<KeyFingerprint> asked = Optional.empty();
  private long askedAtTick;
  private long leastAhead;
  private long tick;

  public AntiEntropy(
      SpaceState state,
      Naming naming,
      Peers peers,
      SplittableRandom random,
      long roundTicks,
      int pullBytes) {
    this.state = state;
    this.naming = naming;
    this.peers = peers;
    this.random = random;
    this.roundTicks = roundTicks;
    this.pullBytes = pullBytes;
  }

  /// Time has passed.
  ///
  /// @return the peer to pull from, if something is missing
  public Optional<KeyFingerprint> tick() {
    tick++;
    if (asked.isPresent() && tick - askedAtTick >= roundTicks) {
      asked = Optional.empty();
    }
    var candidates = new ArrayList<KeyFingerprint>();
    for (var peer : peers.all()) {
      noteGap(peer);
      boolean isDue =
          peer.isUp
              && peer.aheadSinceTick >= 0
              && tick - peer.aheadSinceTick >= PATIENCE_TICKS
              && tick >= peer.restsUntilTick;
      if (isDue) {
        candidates.add(peer.key);
      }
    }
    if (asked.isPresent() || candidates.isEmpty()) {
      return Optional.empty();
    }
    // One that is evicted may never answer; it is asked when nobody else has anything.
    var revoked = peers.revoked();
    if (!revoked.containsAll(candidates)) {
      candidates.removeAll(revoked);
    }
    return ask(candidates.get(random.nextInt(candidates.size())));
  }

  /// A beacon of a peer has come.
  ///
  /// @return the peer to pull from at once, if the link is fresh and something is missing
  public Optional<KeyFingerprint> announced(KeyFingerprint key) {
    var peer = peers.peer(key);
    noteGap(peer);
    boolean isFresh = peer.isFresh;
    peer.isFresh = false;
    boolean isDue = isFresh && peer.isUp && peer.aheadSinceTick >= 0 && asked.isEmpty();
    return isDue ? ask(key) : Optional.empty();
  }

  /// Whether a peer that just announced itself lacks something and should be told of it. Not, if
  /// just that was announced to it a moment ago: the two have crossed.
  public boolean shouldTell(KeyFingerprint key) {
    var peer = peers.peer(key);
    boolean isDue = tick - peer.toldAtTick >= roundTicks;
    boolean isTold =
        tick - peer.announcedAtTick < roundTicks && peer.announced.equals(state.origins().vector());
    if (!peer.isUp || !isDue || isTold || peers.lag(peer) == 0) {
      return false;
    }
    peer.toldAtTick = tick;
    return true;
  }

  /// The vector is being announced to a peer.
  public void announcing(KeyFingerprint key) {
    var peer = peers.peer(key);
    peer.announcedAtTick = tick;
    peer.announced = state.origins().vector();
  }

  /// Batches have come: the answer to a pull, a part of it, or others meanwhile.
  ///
  /// @param hasProgress whether anything was applied. A peer that has brought nothing since it was
  ///   asked is not asked again for a round, since it would only bring the same: so a claim that
  ///   nobody can make good costs one pull a round
  /// @return the peer to pull from again at once
  public Optional<KeyFingerprint> answered(
      KeyFingerprint key, Message.Part part, boolean hasProgress) {
    var peer = peers.peer(key);
    peer.hasBroughtSome |= hasProgress;
    if (!isAsked(key)) {
      return Optional.empty();
    }
    if (part == Message.Part.FRESH) {
      noteArriving(peer);
      return Optional.empty();
    }
    asked = Optional.empty();
    if (!peer.hasBroughtSome) {
      peer.restsUntilTick = tick + roundTicks;
      return Optional.empty();
    }
    return part == Message.Part.MORE ? ask(key) : Optional.empty();
  }

  /// A peer's log does not reach back to what is missing here.
  ///
  /// @return whether that answers a pull
  public boolean behind(KeyFingerprint key) {
    if (!isAsked(key)) {
      return false;
    }
    asked = Optional.empty();
    peers.peer(key).restsUntilTick = tick + BEHIND_TICKS;
    return true;
  }

  private boolean isAsked(KeyFingerprint key) {
    return asked.equals(Optional.of(key));
  }

  /// What to tell a peer that is pulled from.
  public Token have(KeyFingerprint key) {
    return peers.have(key);
  }

  /// The answer to a pull.
  public Message answer(Message.Pull pull) {
    return new LogAnswer(state, naming, pull.have(), pullBytes).toMessage(pull);
  }

  /// A random reachable peer for this round's exchange; empty but once a round.
  public Optional<KeyFingerprint> partner() {
    List<KeyFingerprint> reachable = peers.reachable();
    if (tick % roundTicks != 0 || reachable.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(reachable.get(random.nextInt(reachable.size())));
  }

  private Optional<KeyFingerprint> ask(KeyFingerprint key) {
    peers.peer(key).hasBroughtSome = false;
    asked = Optional.of(key);
    askedAtTick = tick;
    leastAhead = peers.ahead(key, peers.peer(key).claimed);
    return asked;
  }

  /// What a peer has just written makes nothing less that was missing: only what it was asked for
  /// does. So an answer that was lost is not waited for however much the peer writes.
  private void noteArriving(Peer peer) {
    long ahead = peers.ahead(peer.key, peer.claimed);
    if (ahead < leastAhead) {
      leastAhead = ahead;
      askedAtTick = tick;
    }
  }

  private void noteGap(Peer peer) {
    boolean isAhead = peers.ahead(peer.key, peer.claimed) > 0;
    if (!isAhead) {
      peer.aheadSinceTick = -1;
    } else if (peer.aheadSinceTick < 0) {
      peer.aheadSinceTick = tick;
    }
  }
}
