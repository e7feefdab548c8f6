package io.starling.replica.truncation;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.exchange.Stability;
import io.starling.replica.limits.Limits;
import io.starling.replica.limits.LogRetention;
import io.starling.replica.state.LogExtent;
import io.starling.replica.state.LogExtent.Front;
import io.starling.replica.state.Origin;
import io.starling.replica.state.SpaceState;
import java.util.Optional;
import java.util.OptionalLong;

/// Takes old batches out of the log, a few at a time: those that all members have and nobody is
/// likely to ask for any more, and past the limits also others.
///
/// Two kinds of batches stay, whatever the limits say. The last one of a replica that is not
/// closed: it is what the next one follows. And what this node has written and no other member is
/// known to have: nobody else could give it to others by log.
///
/// Of a batch that goes before all have it, the hash stays, so that one that is built on another
/// branch is still told from one that is not; it goes when all have the batch.
///
/// The oldest batches of all replicas are walked by age in passes. A pass is over where nothing is
/// old enough and the log small enough. Walking in that order takes what is over the limit from the
/// oldest, whoever wrote it.
public final class Truncation {

  /// Rounds from one pass to the next, while the log is not over its size.
  private static final long PASS_ROUNDS = 10;

  /// Bytes of batches that one step reads.
  private static final long STEP_BYTES = 4 << 20;

  /// Entries at the end of each replica that always name their hash: the engines of other spaces
  /// ask for those of `_system` a moment after they have read its vector.
  private static final long RECENT = 64;

  private final KeyFingerprint self;
  private final SpaceState state;
  private final LogExtent log;
  private final Stability stability;
  private LogRetention retention;
  private final long hashesMax;
  private Optional<Pass> pass = Optional.empty();
  private long rounds;
  private long truncated;
  private long truncatedUnstable;

  /// @param hashesMax hashes without bodies that are kept
  public Truncation(
      KeyFingerprint self,
      SpaceState state,
      Stability stability,
      LogRetention retention,
      long hashesMax) {
    this.self = self;
    this.state = state;
    this.log = state.log();
    this.stability = stability;
    this.retention = retention;
    this.hashesMax = hashesMax;
  }

  /// Where a pass is.
  ///
  /// @param at the front that it has looked at last
  /// @param hashesOf the number of the replica whose hashes it has looked at last
  private record Pass(Optional<Front> at, boolean isThroughBodies, int hashesOf) {}

  /// Another amount is to be kept: what is too much goes soon, and what has gone does not return.
  public void retain(LogRetention other) {
    retention = other;
    pass = Optional.of(new Pass(Optional.empty(), false, -1));
  }

  /// A round is over: a pass may be due.
  public void round() {
    rounds++;
    boolean isDue = rounds % PASS_ROUNDS == 0 || log.bytes() > retention.bytes();
    if (isDue && pass.isEmpty()) {
      pass = Optional.of(new Pass(Optional.empty(), false, -1));
    }
  }

  /// Whether a pass is under way.
  public boolean hasWork() {
    return pass.isPresent();
  }

  /// Batches that have gone since the replica was opened.
  public long truncated() {
    return truncated;
  }

  /// Those of them that not all members were known to have.
  public long truncatedUnstable() {
    return truncatedUnstable;
  }

  /// The stamp of the oldest batch in the log; empty if it is not known, or there is none.
  public OptionalLong oldestMillis() {
    return log.oldest().map(front -> OptionalLong.of(front.millis())).orElse(OptionalLong.empty());
  }

  /// Does a step of the pass that is under way.
  ///
  /// @param nowMillis empty while the own clock cannot be relied on
  /// @return whether anything was changed
  public boolean work(OptionalLong nowMillis) {
    if (pass.isEmpty()) {
      return false;
    }
    var step = new Step(nowMillis);
    step.run();
    return log.isChanged();
  }

  /// One step.
  private final class Step {
    private final OptionalLong nowMillis;
    private final Stability.Known known = stability.known();
    private int left = Limits.TRUNCATED_PER_STEP;
    private long bytesLeft = STEP_BYTES;

    private Step(OptionalLong nowMillis) {
      this.nowMillis = nowMillis;
    }

    private void run() {
      left -= log.search(left);
      if (left > 0 && !pass.orElseThrow().isThroughBodies()) {
        bodies();
      }
      if (left > 0 && pass.orElseThrow().isThroughBodies()) {
        hashes();
      }
    }

    private void bodies() {
      var at = pass.orElseThrow().at();
      var next = at.isEmpty() ? log.oldest() : log.after(at.get());
      while (next.isPresent() && mayGo(next.get()) && left > 0 && bytesLeft > 0) {
        var front = next.get();
        visit(front);
        left--;
        at = next;
        next = log.after(front);
      }
      boolean isOver = next.isEmpty() || !mayGo(next.get());
      pass = Optional.of(new Pass(at, isOver, -1));
    }

    /// Whether a batch of that age goes at all; those after it are younger.
    private boolean mayGo(Front front) {
      return isLogTooLarge() || isOlder(front, retention.stableAge().toMillis());
    }

    private boolean isLogTooLarge() {
      return log.bytes() > retention.bytes();
    }

    private boolean isOlder(Front front, long ageMillis) {
      return nowMillis.isPresent() && front.millis() < nowMillis.getAsLong() - ageMillis;
    }

    private void visit(Front front) {
      var origin = origin(front.number());
      boolean isLast = front.seq() == origin.seq() && !isClosed(origin);
      if (isLast || isOnlyCopy(origin, front.seq())) {
        return;
      }
      boolean isOverLimit = isLogTooLarge() || isOlder(front, retention.age().toMillis());
      boolean isStable = front.seq() <= known.stable(origin.replica());
      boolean mayGoIfStable = isStable && !(isOwn(origin) && known.isAlone());
      if (isOverLimit || mayGoIfStable) {
        log.cut(front, !isStable || isRecent(origin, front.seq()));
        bytesLeft -= front.bytes();
        truncated++;
        truncatedUnstable += isStable ? 0 : 1;
      }
    }

    private boolean isOwn(Origin origin) {
      return origin.replica().key().equals(self);
    }

    /// A member that knows of no other may not have met them yet, so it keeps its own batches up to
    /// the limits; if it is the only one, nobody needs them.
    private boolean isOnlyCopy(Origin origin, long seq) {
      return isOwn(origin) && !known.isAlone() && known.seen(origin.replica()) < seq;
    }

    private void hashes() {
      var next = log.hashedAfter(pass.orElseThrow().hashesOf());
      while (next.isPresent() && left > 0) {
        int number = next.get();
        var origin = origin(number);
        boolean isTooMany = log.hashes() > hashesMax;
        long goes = isTooMany ? Long.MAX_VALUE : known.stable(origin.replica());
        long old = isClosed(origin) ? Long.MAX_VALUE : origin.seq() - RECENT;
        int dropped = log.dropHashes(number, Math.min(goes, old), left);
        boolean isThrough = dropped < left;
        left -= Math.max(1, dropped);
        if (isThrough) {
          pass = Optional.of(new Pass(Optional.empty(), true, number));
          next = log.hashedAfter(number);
        }
      }
      if (next.isEmpty()) {
        pass = Optional.empty();
      }
    }

    private Origin origin(int number) {
      var replica = state.numbers().replica(number);
      return state.origins().find(replica).orElseThrow();
    }

    private boolean isClosed(Origin origin) {
      return state.origins().isClosed(origin.replica());
    }

    private boolean isRecent(Origin origin, long seq) {
      return !isClosed(origin) && seq > origin.seq() - RECENT;
    }
  }
}
