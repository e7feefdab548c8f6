package io.starling.replica;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.message.Message;
import java.util.List;

/// What members tell each other of forks: proofs, which of them they keep, and halves of what may
/// be one.
final class ForkTalk {

  private final Parts parts;
  private final Outbox outbox;

  ForkTalk(Parts parts, Outbox outbox) {
    this.parts = parts;
    this.outbox = outbox;
  }

  /// Whether a peer knows of the same forks, so that both give one name to one thing.
  boolean agrees(KeyFingerprint peer) {
    return parts.forks.agrees(peer) && !parts.forking.owesSplit();
  }

  void tell(List<KeyFingerprint> to, ForkProof proof) {
    if (!to.isEmpty()) {
      evidence(to, List.of(proof.one(), proof.other()), false);
    }
  }

  /// Says which proofs are kept here, and asks for the same.
  void ask(KeyFingerprint peer) {
    evidence(List.of(peer), List.of(), false);
  }

  /// A peer has said which proofs it keeps.
  void heard(KeyFingerprint from, Message.Evidence evidence) {
    boolean isNews = parts.forks.told(from, evidence.held());
    if (!evidence.isAnswer()) {
      evidence(List.of(from), List.of(), true);
    }
    // What a peer does not keep though it was sent is not sent again before the next round.
    if (isNews) {
      parts.forks.lackedBy(from).ifPresent(proof -> tell(List.of(from), proof));
    }
  }

  /// A round has passed: peers that are not known to keep all proofs are sent one that they lack,
  /// or asked; and for batches that wait others are shown again.
  void round() {
    for (var peer : parts.forks.untold(parts.peers.reachable())) {
      parts
          .forks
          .lackedBy(peer)
          .ifPresentOrElse(proof -> tell(List.of(peer), proof), () -> ask(peer));
    }
    parts.challenges.passed();
    challenge(parts.challenges.again());
  }

  void challenge(List<ForkProof.Place> places) {
    places.forEach(place -> challenge(parts.peers.reachable(), place));
  }

  void challenge(List<KeyFingerprint> to, ReplicaId replica, long seq) {
    challenge(to, new ForkProof.Place(parts.setup.space(), replica, seq));
  }

  /// Shows the own half of what may be a fork to those who may have applied the other, so that the
  /// two meet: once a round.
  private void challenge(List<KeyFingerprint> to, ForkProof.Place place) {
    boolean isDue = !to.isEmpty() && !parts.forks.isProven(place) && parts.challenges.isDue(place);
    if (isDue) {
      parts.forks.logged(place).stream()
          .findFirst()
          .filter(parts.challenges::mayShow)
          .ifPresent(half -> evidence(to, List.of(half), false));
    }
  }

  private void evidence(List<KeyFingerprint> to, List<SignedBatch> halves, boolean isAnswer) {
    var held = parts.forks.held();
    outbox.send(to, new Message.Evidence(parts.setup.space(), halves, held, isAnswer));
  }
}
