package io.starling.replica;

import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.apply.Verdict;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.fork.Forking;
import io.starling.replica.limits.Limits;
import java.util.SortedSet;

/// Applies what can be applied of the batches that wait.
final class Applying {

  private final Parts parts;
  private final Outbox outbox;
  private final OwnIncarnation own;
  private final ForkTalk talk;
  private final Proving proving;
  private final Takeover takeover;
  private final long nowMillis;

  Applying(
      Parts parts,
      Outbox outbox,
      OwnIncarnation own,
      ForkTalk talk,
      Proving proving,
      Takeover takeover,
      long nowMillis) {
    this.parts = parts;
    this.outbox = outbox;
    this.own = own;
    this.talk = talk;
    this.proving = proving;
    this.takeover = takeover;
    this.nowMillis = nowMillis;
  }

  /// Of all replicas.
  void drain() {
    boolean isMoving = true;
    while (isMoving) {
      isMoving = false;
      for (var replica : parts.buffer.replicas()) {
        isMoving |= advanceAll(replica);
      }
    }
    parts.state.cells().flush();
  }

  /// Of one replica and its branches.
  ///
  /// @return whether there was any
  boolean advanceAll(ReplicaId root) {
    boolean hasMoved = false;
    while (advance(root)) {
      hasMoved = true;
    }
    return hasMoved;
  }

  /// Does the next step of a replica and its branches that can be done.
  private boolean advance(ReplicaId root) {
    for (var step : parts.forking.next(root)) {
      switch (step) {
        case Forking.Step.Prove(var proof) -> {
          proving.proven(proof);
          return true;
        }
        case Forking.Step.Apply next when advance(next) -> {
          return true;
        }
        case Forking.Step.Apply _ -> {}
      }
    }
    return false;
  }

  private boolean advance(Forking.Step.Apply next) {
    var signed = next.batch();
    var replica = next.replica();
    if (!mayBegin(replica)
        || parts.catchUp.holds(signed.batch())
        || !parts.standing.stands(signed, replica)) {
      return false;
    }
    return switch (parts.applier.apply(signed, replica, next.begins())) {
      case Verdict.Applied(var named, var keys) -> {
        took(named, keys);
        yield true;
      }
      case Verdict.Waits() -> false;
      case Verdict.Forked(var message) -> {
        parts.forking.isStuck(signed);
        parts.peers.refuse(signed.batch().replica());
        talk.challenge(parts.challenges.of(signed.batch()));
        outbox.alarm(Effect.Kind.FORK, replica, message);
        yield false;
      }
      case Verdict.Invalid(var message) -> {
        parts.invalid.put(replica, signed.hash());
        if (parts.invalid.size() > Parts.INVALID_MAX) {
          parts.invalid.pollFirstEntry();
        }
        parts.peers.refuse(signed.batch().replica());
        parts.buffer.dropChain(signed);
        outbox.alarm(
            Effect.Kind.INVALID_BATCH,
            replica,
            "batch " + signed.batch().seq() + " of " + replica + " is invalid: " + message);
        yield false;
      }
    };
  }

  /// Takes in new incarnations and branches of one key at a bounded rate; those that must wait stay
  /// buffered.
  private boolean mayBegin(ReplicaId replica) {
    if (parts.state.origins().seq(replica) > 0) {
      return true;
    }
    int begun = parts.begunThisRound.getOrDefault(replica.key(), 0);
    return begun < Limits.INCARNATIONS_PER_ROUND;
  }

  /// @param signed names branches by their names
  private void took(SignedBatch signed, SortedSet<String> keys) {
    var batch = signed.batch();
    var replica = batch.replica();
    if (batch.seq() == parts.state.branches().first(replica)) {
      parts.begunThisRound.merge(replica.key(), 1, Integer::sum);
    }
    parts.state.origins().refresh();
    drop(signed);
    takeover.place();
    outbox.applied(signed, keys);
    if (parts.clock.isBeyondDrift(batch.time(), nowMillis)) {
      outbox.alarm(
          Effect.Kind.CLOCK_DRIFT,
          replica,
          "batch "
              + batch.seq()
              + " of "
              + replica
              + " is stamped "
              + (batch.time().millis() - nowMillis)
              + " ms ahead of this node's clock");
    }
    parts.clock = parts.clock.observe(batch.time(), nowMillis);
    parts.peers.applied(signed);
    parts.standing.applied(replica);
    parts.announcer.changed();
    batch.closes().forEach(close -> own.isClosed(close.replica(), replica));
  }

  /// It waits no longer; of a replica that was forked others of its number still may.
  private void drop(SignedBatch signed) {
    var batch = signed.batch();
    var root = parts.state.branches().root(batch.replica());
    if (parts.state.branches().end(root).isEmpty()) {
      parts.buffer.dropUpTo(root, batch.seq());
      return;
    }
    parts.buffer.at(root, batch.seq()).stream()
        .filter(it -> it.hash().equals(signed.hash()))
        .forEach(parts.buffer::drop);
    parts.forking.hasNews();
    parts.invalid.clear();
    parts.peers.reconsider();
  }
}
