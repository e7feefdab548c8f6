package io.starling.replica.catchup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.CellDigest;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.port.SnapshotPort;
import io.starling.replica.port.StateSnapshot;
import io.starling.replica.read.Coverage;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.state.DigestTree;
import io.starling.replica.state.SpaceState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Tells members that take over another's state what is here, so that they need not believe a donor
/// alone: sums by a scan of one snapshot, under a secret of theirs. Works in small pieces, at one
/// question at a time.
final class Comparer {

  /// Members whose question is kept; over it, refused as busy.
  static final int QUESTIONS_MAX = 8;

  // Chain hashes that are looked up in one go.
  private static final int STEP = 64;

  /// Ticks for which a question is kept about what has not come here yet.
  private static final long PATIENCE_TICKS = 50;

  /// Ticks after an answer in which the same member is not answered again.
  private static final long REST_TICKS = 20;

  private final SpaceId space;
  private final SpaceState state;
  private final SnapshotPort snapshots;
  // In the order of arrival.
  private final Map<KeyFingerprint, Question> questions = new LinkedHashMap<>();
  private final TreeMap<KeyFingerprint, Rest> rests = new TreeMap<>();
  private Optional<Look> look = Optional.empty();
  private long tick;

  /// @param session that was answered
  private record Rest(long session, long until) {}

  private record Question(long session, Transfer.Compare asked, long since) {}

  /// A look at one snapshot for one question.
  private final class Look implements AutoCloseable {
    private final KeyFingerprint asker;
    private final Question question;
    private final StateSnapshot snapshot;
    private final Token now = state.origins().token();
    private final CellDigest heads;
    private final Optional<CellDigest> branches;
    private final KeyedSum cells;
    private final Chains chains;

    private Look(KeyFingerprint asker, Question question) {
      this.asker = asker;
      this.question = question;
      var asked = question.asked();
      this.heads = state.origins().sum(asked.secret());
      this.branches =
          asked.withBranches()
              ? Optional.of(state.origins().branchSum(asked.secret()))
              : Optional.empty();
      this.snapshot = snapshots.open();
      this.cells = new KeyedSum(asked.secret(), snapshot);
      this.chains = new Chains(snapshot, asked.token(), asked.hashesFrom());
    }

    private Optional<Answer> some() {
      if (!cells.some() || !chains.some(STEP)) {
        return Optional.empty();
      }
      if (!cells.plain().equals(DigestTree.total(snapshot))) {
        return Optional.of(
            Answer.refused(
                asker, question.session(), Transfer.Reason.DAMAGED, DonorSession.DAMAGE));
      }
      var hashes = chains.sum(question.asked().secret());
      var compared =
          new Transfer.Compared(now, cells.sum(), heads, chains.from(), hashes, branches);
      return Optional.of(new Answer(asker, question.session(), compared));
    }

    @Override
    public void close() {
      snapshot.close();
    }
  }

  Comparer(SpaceId space, SpaceState state, SnapshotPort snapshots) {
    this.space = space;
    this.state = state;
    this.snapshots = snapshots;
  }

  /// Takes a question. One that the same member asked before in another session is dropped for it.
  ///
  /// @return a refusal, if it is not taken
  Optional<Answer> on(KeyFingerprint from, long session, Transfer.Compare asked) {
    if (state.unattested().isPresent()) {
      return Optional.of(
          Answer.refused(
              from,
              session,
              Transfer.Reason.UNATTESTED,
              "its own state was never confirmed by a third member"));
    }
    var before = Optional.ofNullable(questions.get(from));
    if (before.filter(it -> it.session() == session).isPresent()) {
      return Optional.empty();
    }
    var rest = Optional.ofNullable(rests.get(from)).filter(it -> it.until() > tick);
    if (rest.filter(it -> it.session() == session).isPresent()) {
      // Asked again while the answer was on its way.
      return Optional.empty();
    }
    boolean isRushed = rest.isPresent();
    if (isRushed || before.isEmpty() && questions.size() >= QUESTIONS_MAX) {
      return Optional.of(
          Answer.refused(from, session, Transfer.Reason.BUSY, "it compares for others"));
    }
    forget(from);
    questions.put(from, new Question(session, asked, tick));
    return Optional.empty();
  }

  private boolean isHere(Question question) {
    return new SpaceReader(space, state.staging()).coverage(question.asked().token())
        == Coverage.COVERED;
  }

  boolean hasWork() {
    return look.isPresent();
  }

  /// Looks a little further.
  List<Answer> work() {
    var answer = look.orElseThrow().some();
    answer.ifPresent(it -> {
      rests.put(it.to(), new Rest(it.session(), tick + REST_TICKS));
      forget(it.to());
    });
    return answer.stream().toList();
  }

  /// Begins with the first question that can be answered. What is told of must be in the snapshot,
  /// so all that was applied must be durable.
  void begin() {
    boolean isFree = look.isEmpty() && !state.isJoining() && state.staging().isEmpty();
    if (!isFree || state.unattested().isPresent()) {
      return;
    }
    for (var entry : questions.entrySet()) {
      if (isHere(entry.getValue())) {
        look = Optional.of(new Look(entry.getKey(), entry.getValue()));
        return;
      }
    }
  }

  /// Time has passed.
  List<Answer> tick() {
    tick++;
    rests.values().removeIf(it -> it.until() <= tick);
    var refusals = new ArrayList<Answer>();
    for (var entry : List.copyOf(questions.entrySet())) {
      boolean isLate = tick - entry.getValue().since() > PATIENCE_TICKS;
      if (isLate && look.filter(it -> it.asker.equals(entry.getKey())).isEmpty()) {
        questions.remove(entry.getKey());
        refusals.add(
            Answer.refused(
                entry.getKey(),
                entry.getValue().session(),
                Transfer.Reason.INCOMPARABLE,
                "it has not applied what is to be compared"));
      }
    }
    return refusals;
  }

  void forget(KeyFingerprint member) {
    questions.remove(member);
    if (look.filter(it -> it.asker.equals(member)).isPresent()) {
      close();
    }
  }

  /// Lets go of its snapshot.
  void close() {
    look.ifPresent(Look::close);
    look = Optional.empty();
  }
}
