package io.starling.replica.exchange;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SigningDomain;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.SignedAcknowledgement;
import io.starling.replica.message.Token;
import io.starling.replica.port.Signer;
import io.starling.replica.state.SpaceState;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.TreeMap;

/// States to peers that ask what this replica has applied.
///
/// A peer asks for what its clients wait for, so under load it asks again and again with newer
/// tokens. The newest covers all before it; the oldest is kept too, else a replica that is always a
/// little behind would answer none.
///
/// What it states is durable when it leaves: the effects of an event are persisted before anything
/// of it is sent. Cost: a look at each head of a token once, at the first that is missing for each
/// event that applies something, and one signature an answer.
public final class Acknowledger {

  /// Peers whose questions are remembered; those of others are answered at once or not at all.
  private static final int PEERS_MAX = 4_096;

  private final ClusterId cluster;
  private final SpaceId space;
  private final Signer signer;
  private final SpaceState state;
  private final TreeMap<KeyFingerprint, ArrayDeque<Question>> waiting = new TreeMap<>();

  public Acknowledger(ClusterId cluster, SpaceId space, Signer signer, SpaceState state) {
    this.cluster = cluster;
    this.space = space;
    this.signer = signer;
    this.state = state;
  }

  /// A token and how many of its heads are known to be applied: those stay so.
  private static final class Question {
    private final Token token;
    private int applied;

    private Question(Token token) {
      this.token = token;
    }
  }

  /// A peer asks. Empty if the token is not covered yet, or never will be.
  public Optional<SignedAcknowledgement> asked(
      KeyFingerprint peer, Token token, ReplicaId self, long nowMillis) {
    var question = new Question(token);
    return switch (coverage(question)) {
      case COVERED -> Optional.of(state(token, self, nowMillis));
      case NOT_YET -> {
        remember(peer, question);
        yield Optional.empty();
      }
      case FOREIGN -> Optional.empty();
    };
  }

  /// Something was applied: what can be answered now, by peer.
  public TreeMap<KeyFingerprint, SignedAcknowledgement> advanced(ReplicaId self, long nowMillis) {
    var answers = new TreeMap<KeyFingerprint, SignedAcknowledgement>();
    waiting.forEach((peer, questions) ->
        newestCovered(questions)
            .ifPresent(token -> answers.put(peer, state(token, self, nowMillis))));
    waiting.values().removeIf(ArrayDeque::isEmpty);
    return answers;
  }

  /// A peer is gone; it asks again when it is back.
  public void forget(KeyFingerprint peer) {
    waiting.remove(peer);
  }

  private void remember(KeyFingerprint peer, Question question) {
    if (waiting.size() >= PEERS_MAX && !waiting.containsKey(peer)) {
      return;
    }
    var questions = waiting.computeIfAbsent(peer, _ -> new ArrayDeque<>());
    if (questions.stream().anyMatch(known -> known.token.equals(question.token))) {
      return;
    }
    if (questions.size() == 2) {
      questions.removeLast();
    }
    questions.addLast(question);
  }

  /// Takes out what is answered, or never will be.
  private Optional<Token> newestCovered(ArrayDeque<Question> questions) {
    Optional<Token> newest = Optional.empty();
    for (var all = questions.iterator(); all.hasNext(); ) {
      var question = all.next();
      var coverage = coverage(question);
      if (coverage != Coverage.NOT_YET) {
        all.remove();
      }
      if (coverage == Coverage.COVERED) {
        newest = Optional.of(question.token);
      }
    }
    return newest;
  }

  private enum Coverage {
    COVERED,
    NOT_YET,
    FOREIGN
  }

  private Coverage coverage(Question question) {
    if (!question.token.space().equals(space)) {
      return Coverage.FOREIGN;
    }
    var heads = question.token.heads();
    if (!state.branches().isEmpty()) {
      var read = state.branches().read(question.token, state.origins());
      if (!read.unknown().isEmpty()) {
        return Coverage.NOT_YET;
      }
      heads = read.token().heads();
      question.applied = 0;
    }
    for (; question.applied < heads.size(); question.applied++) {
      var head = heads.get(question.applied);
      if (state.origins().seq(head.replica()) < head.seq()) {
        return Coverage.NOT_YET;
      }
      var hash = state.origins().hash(head.replica(), head.seq());
      if (hash.isPresent() && !head.matches(hash.get())) {
        return Coverage.FOREIGN;
      }
    }
    return Coverage.COVERED;
  }

  private SignedAcknowledgement state(Token token, ReplicaId self, long nowMillis) {
    var statement = new Acknowledgement(space, self, Acknowledgement.hash(token), nowMillis);
    byte[] body = statement.toBytes();
    byte[] signature = signer.sign(SigningDomain.acknowledgement(cluster, space, body));
    return new SignedAcknowledgement(statement, body, signature);
  }
}
