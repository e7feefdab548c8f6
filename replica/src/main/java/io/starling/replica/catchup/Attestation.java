package io.starling.replica.catchup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellDigest;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Secret;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.SystemPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;

/// Finds out whether a donor's state is what another member has.
///
/// The others are asked as soon as the donor has said what its snapshot is, and their answers are
/// kept until the stage is whole: so there is little between the two vectors, however long the
/// transfer takes.
final class Attestation {

  /// Answers that are kept.
  private static final int ANSWERS_MAX = 3;

  private final KeyFingerprint donor;
  private final long number;
  private final Transfer.Offer offer;
  private final Secret secret;
  private final TreeMap<KeyFingerprint, Transfer.Compared> answers = new TreeMap<>();
  private Optional<Running> running = Optional.empty();
  private Optional<KeyFingerprint> last = Optional.empty();
  private boolean isWaiting;

  /// A comparison that is under way.
  ///
  /// @param sum of the cells; there once the other's vector is reached
  private record Running(
      KeyFingerprint with,
      Transfer.Compared answer,
      Joiner.Staged staged,
      Projection projection,
      Optional<KeyedSum> sum) {}

  /// What came of it.
  sealed interface Finding {
    /// There is nothing to say yet.
    record Open() implements Finding {}

    /// Batches between the two are not at hand: a member has them.
    record Missing(KeyFingerprint at) implements Finding {}

    /// The state is what a member has.
    ///
    /// @param hashesFrom above which the chain hashes are confirmed, too
    record Same(KeyFingerprint as, VersionVector hashesFrom) implements Finding {}

    /// The state is not what a member has.
    record Other(KeyFingerprint than, String what) implements Finding {}
  }

  Attestation(KeyFingerprint donor, long number, Transfer.Offer offer, Secret secret) {
    this.donor = donor;
    this.number = number;
    this.offer = offer;
    this.secret = secret;
  }

  /// What is to be sent to those who may know.
  List<Answer> ask(List<KeyFingerprint> reachable) {
    var questions = new ArrayList<Answer>();
    for (var peer : reachable) {
      boolean isUseful = !peer.equals(donor) && !answers.containsKey(peer);
      if (isUseful && answers.size() + questions.size() < ANSWERS_MAX) {
        var question = new Transfer.Compare(offer.token(), offer.hashesFrom(), secret);
        questions.add(new Answer(peer, number, question));
      }
    }
    return questions;
  }

  /// A member has answered.
  void answered(KeyFingerprint from, long session, Transfer.Compared answer) {
    boolean isWanted = session == number && !from.equals(donor) && answers.size() < ANSWERS_MAX;
    if (isWanted) {
      answers.putIfAbsent(from, answer);
    }
  }

  /// Tries again what waited, with the next answer if there is another: what one claims to have may
  /// not exist, or be nowhere any more.
  void retry() {
    if (isWaiting && answers.size() > 1) {
      running = Optional.empty();
    }
    isWaiting = false;
  }

  /// The answer whose turn it is.
  private Map.Entry<KeyFingerprint, Transfer.Compared> next() {
    var after = last.map(answers::higherEntry);
    var next = after.isPresent() ? after.get() : answers.firstEntry();
    last = Optional.of(next.getKey());
    return next;
  }

  /// Whether there is something to compare.
  boolean hasWork() {
    return !isWaiting && (running.isPresent() || !answers.isEmpty());
  }

  /// Compares a little.
  ///
  /// @param staged the state, which is whole
  /// @param names where the store's numbers of replicas are
  /// @param cells those of the state
  /// @param source finds batches
  Finding work(
      SpaceId space,
      Joiner.Staged staged,
      StatePort names,
      StatePort cells,
      Optional<SystemPort> system,
      BiFunction<ReplicaId, Long, Optional<SignedBatch>> source) {
    if (running.isEmpty()) {
      var next = next();
      var projection =
          new Projection(
              space,
              names,
              cells,
              staged.heads(),
              staged.closes(),
              system,
              next.getValue().now(),
              source);
      running =
          Optional.of(
              new Running(next.getKey(), next.getValue(), staged, projection, Optional.empty()));
    }
    var current = running.get();
    if (current.sum().isPresent()) {
      return compare(current, current.sum().get());
    }
    return switch (current.projection().some()) {
      case WORKING -> new Finding.Open();
      case WAITING -> {
        isWaiting = true;
        yield new Finding.Missing(current.with());
      }
      case TOO_MUCH -> {
        // Its next answer is of a later vector still, but another's may be nearer.
        drop(current);
        yield new Finding.Open();
      }
      case IMPOSSIBLE -> {
        drop(current);
        yield new Finding.Other(current.with(), "a batch that it has does not follow on it");
      }
      case REACHED -> {
        var sum = new KeyedSum(secret, current.projection().cells());
        running =
            Optional.of(
                new Running(
                    current.with(),
                    current.answer(),
                    staged,
                    current.projection(),
                    Optional.of(sum)));
        yield new Finding.Open();
      }
    };
  }

  private void drop(Running ended) {
    answers.remove(ended.with());
    running = Optional.empty();
  }

  private Finding compare(Running reached, KeyedSum cells) {
    if (!cells.some()) {
      return new Finding.Open();
    }
    drop(reached);
    var answer = reached.answer();
    if (!cells.sum().equals(answer.cells())) {
      return new Finding.Other(reached.with(), "its cells are others");
    }
    if (!reached.projection().heads(secret).equals(answer.heads())) {
      return new Finding.Other(reached.with(), "what it says of heads or closes is other");
    }
    if (!hashes(reached.staged(), answer.hashesFrom()).equals(answer.hashes())) {
      return new Finding.Other(reached.with(), "the chain hashes it gives are others");
    }
    return new Finding.Same(reached.with(), answer.hashesFrom());
  }

  private CellDigest hashes(Joiner.Staged staged, VersionVector from) {
    var sum = CellDigest.ZERO;
    for (Token.Prefix head : staged.token().heads()) {
      var replica = head.replica();
      var chain = staged.hashes().getOrDefault(replica, new TreeMap<>());
      sum = sum.plus(Chains.sum(secret, replica, chain.tailMap(from.seq(replica), false)));
    }
    return sum;
  }

  /// What a member lacks of the way to what another has.
  Token have(SpaceId space, BiFunction<ReplicaId, Long, Optional<SignedBatch>> source) {
    var have = new ArrayList<Token.Prefix>();
    for (var head : offer.token().heads()) {
      long seq = head.seq();
      while (seq < head.seq() + Projection.BATCHES_MAX
          && source.apply(head.replica(), seq + 1).isPresent()) {
        seq++;
      }
      have.add(new Token.Prefix(head.replica(), seq, head.hash()));
    }
    return new Token(space, have);
  }

  long number() {
    return number;
  }

  KeyFingerprint donor() {
    return donor;
  }
}
