package io.starling.replica;

import io.starling.replica.batch.ForkProof;
import io.starling.replica.batch.SignedBatch;
import java.util.Optional;

/// What follows from two batches of one number: the proof is kept, told to the operator and to all
/// members, and tells where a replica ends.
final class Proving {

  private final Parts parts;
  private final Outbox outbox;
  private final OwnIncarnation own;
  private final ForkTalk talk;
  private final Takeover takeover;

  Proving(Parts parts, Outbox outbox, OwnIncarnation own, ForkTalk talk, Takeover takeover) {
    this.parts = parts;
    this.outbox = outbox;
    this.own = own;
    this.talk = talk;
    this.takeover = takeover;
  }

  /// Another batch of a batch's number is here.
  ///
  /// @param atHand the proof, if the other one is at hand
  void contradicts(SignedBatch signed, Optional<ForkProof> atHand) {
    var batch = signed.batch();
    var proof = atHand.or(() -> parts.forks.meet(signed));
    proof.ifPresent(this::proven);
    if (proof.isEmpty() && !parts.forks.isProven(ForkProof.place(signed))) {
      outbox.alarm(
          Effect.Kind.FORK,
          batch.replica(),
          "two batches " + batch.seq() + " of " + batch.replica() + ", of which one is gone here");
    }
    own.isForked(batch.replica());
  }

  /// A peer has shown a batch: perhaps another one of its number is here.
  void meet(SignedBatch half) {
    parts.forks.meet(half).ifPresent(this::proven);
  }

  /// A proof, unless it is kept already.
  void take(ForkProof proof) {
    if (!parts.forks.isProven(proof.place())) {
      proven(proof);
    }
  }

  void proven(ForkProof proof) {
    var replica = proof.place().replica();
    if (proof.isPoint()) {
      outbox.alarm(Effect.Kind.FORK, proof.place(), proof.sentence());
    } else if (parts.state.branches().end(replica).isEmpty()) {
      outbox.alarm(Effect.Kind.FORK, replica, proof.sentence());
    }
    boolean isNew = parts.forks.keep(proof);
    if (isNew) {
      outbox.staged();
      talk.tell(parts.peers.reachable(), proof);
    }
    own.isForked(replica);
    parts.forking.learn(proof, isNew || parts.forks.isProven(proof.place()));
    takeover.place();
  }

  /// Says at the start of a node what was proven before.
  void tellOperatorOnce() {
    if (!parts.hasToldForks) {
      parts.hasToldForks = true;
      parts
          .forks
          .all()
          .forEach(proof -> outbox.alarm(Effect.Kind.FORK, proof.place(), proof.sentence()));
    }
  }
}
