package io.starling.replica.catchup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Transfer;
import io.starling.replica.read.Coverage;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.state.SpaceState;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Tells members that take over another's state what is here, so that they need not believe a donor
/// alone. Works in small pieces.
final class Comparer {

  /// Members that are being answered at a time; over it, refused as busy.
  static final int QUESTIONS_MAX = 8;

  // Chain hashes that are looked up in one go.
  private static final int STEP = 64;

  private final SpaceId space;
  private final SpaceState state;
  private final TreeMap<KeyFingerprint, Question> questions = new TreeMap<>();

  private record Question(long session, Chains chains) {}

  Comparer(SpaceId space, SpaceState state) {
    this.space = space;
    this.state = state;
  }

  /// Takes a question. One that was asked before by the same member is dropped for it.
  ///
  /// @return an answer, if there is nothing to look up for it
  Optional<Answer> on(KeyFingerprint from, long session, Transfer.Compare question) {
    if (state.unattested().isPresent()) {
      return Optional.of(
          Answer.refused(
              from,
              session,
              Transfer.Reason.UNATTESTED,
              "its own state was never confirmed by a third member"));
    }
    var coverage = new SpaceReader(space, state.staging()).coverage(question.token());
    if (state.isJoining() || coverage != Coverage.COVERED) {
      return Optional.of(
          Answer.refused(
              from,
              session,
              Transfer.Reason.INCOMPARABLE,
              "it has not applied what is to be compared"));
    }
    if (questions.size() >= QUESTIONS_MAX && !questions.containsKey(from)) {
      return Optional.of(
          Answer.refused(from, session, Transfer.Reason.BUSY, "it compares for others"));
    }
    var chains = new Chains(state.staging(), question.token(), question.hashesFrom());
    questions.put(from, new Question(session, chains));
    return Optional.empty();
  }

  boolean hasWork() {
    return !questions.isEmpty();
  }

  List<Answer> work() {
    var first = questions.firstEntry();
    var chains = first.getValue().chains();
    if (!chains.some(STEP)) {
      return List.of();
    }
    questions.remove(first.getKey());
    if (state.isJoining()) {
      return List.of();
    }
    var origins = state.origins();
    var compared =
        new Transfer.Compared(
            origins.token(), state.digests().total(), origins.sum(), chains.from(), chains.sum());
    return List.of(new Answer(first.getKey(), first.getValue().session(), compared));
  }

  void forget(KeyFingerprint member) {
    questions.remove(member);
  }
}
