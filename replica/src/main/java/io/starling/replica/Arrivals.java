package io.starling.replica;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.fork.Forking;
import io.starling.replica.message.Message;
import java.util.List;
import java.util.Optional;

/// Takes in batches, from peers, out of proofs of forks, or from what is left of a damaged store:
/// what is new waits in the causal buffer, what contradicts something here is found out about.
final class Arrivals {

  private final Parts parts;
  private final Outbox outbox;
  private final OwnIncarnation own;
  private final ForkTalk talk;
  private final Proving proving;
  private final Applying applying;
  private final long nowMillis;

  Arrivals(
      Parts parts,
      Outbox outbox,
      OwnIncarnation own,
      ForkTalk talk,
      Proving proving,
      Applying applying,
      long nowMillis) {
    this.parts = parts;
    this.outbox = outbox;
    this.own = own;
    this.talk = talk;
    this.proving = proving;
    this.applying = applying;
    this.nowMillis = nowMillis;
  }

  /// Takes batches that a peer has sent, and applies what can be.
  ///
  /// @return whether the buffer was too small for those of a revoked member
  boolean take(KeyFingerprint from, List<SignedBatch> batches) {
    boolean isFull = false;
    for (var batch : batches) {
      var author = batch.batch().replica().key();
      take(from, batch);
      applying.advanceAll(batch.batch().replica());
      isFull |= parts.buffer.trim(author) > 0 && parts.standing.isRevoked(author);
    }
    applying.drain();
    return isFull;
  }

  private void take(KeyFingerprint from, SignedBatch signed) {
    var batch = signed.batch();
    var replica = batch.replica();
    if (!isOfThisSpace(signed)) {
      outbox.alarm(
          Effect.Kind.INVALID_BATCH, from, "peer " + from + " sent a batch of another space");
      return;
    }
    parts.peers.heard(from, signed, nowMillis);
    batch.context().space().entries().forEach(it -> own.isKnownElsewhere(it.replica(), it.seq()));
    if (parts.forking.isApplied(signed)) {
      parts.forking.agrees(from, signed);
      return;
    }
    switch (parts.forking.arrives(signed)) {
      case OTHER -> proving.contradicts(signed, Optional.empty());
      case FOREIGN -> {
        own.isKnownElsewhere(replica, batch.seq());
        isForeign(signed);
      }
      case NEW -> {
        own.isKnownElsewhere(replica, batch.seq());
        own.isLost(batch);
      }
    }
    boolean isInvalid =
        parts.invalid.containsValue(signed.hash()) || parts.invalid.containsValue(batch.previous());
    if (!isInvalid && !parts.catchUp.covers(batch)) {
      keep(Optional.of(from), signed);
    }
  }

  /// It follows on another batch than is applied here.
  private void isForeign(SignedBatch signed) {
    var replica = signed.batch().replica();
    long seq = signed.batch().seq();
    if (parts.state.branches().end(replica).isEmpty()) {
      talk.challenge(parts.peers.reachable(), replica, seq - 1);
      outbox.alarm(
          Effect.Kind.FORK,
          replica,
          "batch "
              + seq
              + " of "
              + replica
              + " is chained to another batch than the one applied here");
    }
  }

  /// Takes what a peer says of forks. Nobody else may have a half as a batch any more.
  void take(KeyFingerprint from, Message.Evidence evidence) {
    var halves = evidence.halves();
    halves.forEach(half -> own.isKnownElsewhere(half.batch().replica(), half.batch().seq()));
    if (halves.size() == Message.Evidence.HALVES_MAX) {
      ForkProof.of(halves.getFirst(), halves.getLast()).ifPresent(proving::take);
    } else {
      halves.forEach(proving::meet);
    }
    halves.forEach(this::takeHalf);
    applying.drain();
    talk.heard(from, evidence);
  }

  private void takeHalf(SignedBatch half) {
    boolean isWanted =
        isOfThisSpace(half)
            && !parts.forking.isApplied(half)
            && !parts.invalid.containsValue(half.hash());
    if (isWanted) {
      parts.forking.arrives(half);
      // Who passes a proof on need not have applied what is in it.
      keep(Optional.of(half.batch().replica().key()), half);
      parts.buffer.trim(half.batch().replica().key());
    }
  }

  /// Takes batches that this node had before its store was damaged; perhaps nobody else has.
  void recovered(List<SignedBatch> batches) {
    for (var signed : batches) {
      var replica = signed.batch().replica();
      boolean isWanted =
          isOfThisSpace(signed)
              && !parts.forking.isApplied(signed)
              && !parts.catchUp.covers(signed.batch());
      if (isWanted) {
        if (parts.forking.arrives(signed) == Forking.Relation.OTHER) {
          proving.contradicts(signed, Optional.empty());
        }
        keep(Optional.empty(), signed);
        applying.advanceAll(replica);
        parts.buffer.trim(replica.key());
      }
    }
    applying.drain();
  }

  private boolean isOfThisSpace(SignedBatch signed) {
    return signed.batch().space().equals(parts.setup.space());
  }

  /// Buffers a batch, beside others of its number perhaps.
  private void keep(Optional<KeyFingerprint> from, SignedBatch signed) {
    var before = parts.buffer.get(signed.batch().replica(), signed.batch().seq());
    parts.standing.arrives(from, signed);
    var kept = parts.buffer.put(signed);
    var other = before.orElse(kept);
    if (!other.hash().equals(signed.hash())) {
      proving.contradicts(signed, ForkProof.of(signed, other));
    }
  }
}
