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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/// Finds out whether a donor's state is what another member has.
///
/// The others are asked as soon as the donor has said what its snapshot is, and their answers are
/// kept until the stage is whole: so there is little between the two vectors, however long the
/// transfer takes.
final class Attestation {

  /// Members that must find a state to be another than theirs before its donor is named, where
  /// there are as many: one of them may be the liar.
  private static final int DISSENTERS = 2;

  /// Members that may differ in where branches begin alone before another donor is tried: of these
  /// one that was told all may still be found.
  private static final int UNTOLD_MAX = 8;

  /// Answers that are kept.
  private static final int ANSWERS_MAX = 3;

  private final Here here;
  private final KeyFingerprint donor;
  private final long number;
  private final Transfer.Offer offer;
  private final Secret secret;
  private final boolean withBranches;
  private final TreeMap<KeyFingerprint, Transfer.Compared> answers = new TreeMap<>();
  private final TreeSet<KeyFingerprint> dissenters = new TreeSet<>();
  // Who tells otherwise where branches begin, and nothing else.
  private final TreeSet<KeyFingerprint> untold = new TreeSet<>();
  // How often members were asked.
  private final TreeMap<KeyFingerprint, Integer> questions = new TreeMap<>();
  // Who had nothing to say.
  private final TreeSet<KeyFingerprint> refusals = new TreeSet<>();
  // Whose log does not reach back to the state.
  private final TreeSet<KeyFingerprint> tooFar = new TreeSet<>();
  // What the last of those who have another state has found.
  private Optional<Finding> dissent = Optional.empty();
  private Optional<Running> running = Optional.empty();
  private Optional<KeyFingerprint> last = Optional.empty();
  private boolean isWaiting;

  /// Where it is made.
  ///
  /// @param names where the store's numbers of replicas are
  /// @param source finds batches
  record Here(
      SpaceId space,
      StatePort names,
      Optional<SystemPort> system,
      BiFunction<ReplicaId, Long, Optional<SignedBatch>> source) {}

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
    record Same(VersionVector hashesFrom) implements Finding {}

    /// The state is not what a member has.
    record Other(KeyFingerprint than, String what) implements Finding {}

    /// The state is what a member has, but for where branches begin. One of the two may not have
    /// been told that, so nobody is at fault.
    record Untold(KeyFingerprint than) implements Finding {}
  }

  /// @param withBranches whether where branches begin is compared, too
  Attestation(
      Here here,
      KeyFingerprint donor,
      long number,
      Transfer.Offer offer,
      Secret secret,
      boolean withBranches) {
    this.withBranches = withBranches;
    this.here = here;
    this.donor = donor;
    this.number = number;
    this.offer = offer;
    this.secret = secret;
  }

  /// What is to be sent to those who may know, last of all to those who were asked most often: they
  /// may know nothing, or never answer. Nothing as long as one may hear it that cannot read it.
  ///
  /// @param readBranches whether all members read what tells where branches begin, as is known now:
  ///   more may be known than when the donor was asked
  List<Answer> ask(List<KeyFingerprint> reachable, boolean readBranches) {
    if (withBranches && !readBranches) {
      return List.of();
    }
    var question = new Transfer.Compare(offer.token(), offer.hashesFrom(), secret, withBranches);
    var asked =
        reachable.stream()
            .filter(peer -> mayTell(peer) && !answers.containsKey(peer))
            .sorted(Comparator.comparingInt(this::questions))
            .limit(Math.max(0, ANSWERS_MAX - answers.size()))
            .toList();
    asked.forEach(peer -> questions.merge(peer, 1, Integer::sum));
    return asked.stream().map(peer -> new Answer(peer, number, question)).toList();
  }

  /// Whether nobody has answered, and nobody can be asked as the donor was.
  boolean isUnsayable(boolean readBranches) {
    return withBranches && !readBranches && answers.isEmpty() && running.isEmpty();
  }

  private int questions(KeyFingerprint peer) {
    return questions.getOrDefault(peer, 0);
  }

  /// Whether a member may have more to say than it has said.
  private boolean mayTell(KeyFingerprint peer) {
    return !peer.equals(donor)
        && !dissenters.contains(peer)
        && !untold.contains(peer)
        && !tooFar.contains(peer);
  }

  /// A member has answered.
  void answered(KeyFingerprint from, long session, Transfer.Compared answer) {
    boolean isWanted = session == number && mayTell(from) && answers.size() < ANSWERS_MAX;
    if (isWanted) {
      answers.putIfAbsent(from, answer);
    }
  }

  /// A member has nothing to say: it may lack what is to be confirmed, or be busy.
  void refused(KeyFingerprint from, long session) {
    if (session == number && mayTell(from)) {
      refusals.add(from);
    }
  }

  /// The log of a member does not reach back to the state: what lies between the two is not to be
  /// had of it. Another may have just the state, and is not asked while too many answers are kept.
  ///
  /// @param replica whose batches it has not kept
  /// @param first the first batch of it that it has: what it says of an earlier question, when less
  ///   was at hand, says nothing of this
  void tooFar(KeyFingerprint from, ReplicaId replica, long first) {
    boolean isAsked = isWaiting && running.filter(it -> it.with().equals(from)).isPresent();
    if (isAsked && first > have().vector().seq(replica) + 1) {
      drop(running.get());
      tooFar.add(from);
      isWaiting = false;
    }
  }

  /// Whether some member has found the state to be another than its own.
  boolean isDoubted() {
    return dissent.isPresent();
  }

  /// A member whose state is a later one than this, where nobody in reach can say whether this is
  /// right: others lack it, or have gone on from it by what nobody has kept.
  ///
  /// @param mayGive whether a member's state can be asked for now
  /// @param hasWaited whether those who have said nothing are waited for no longer
  Optional<KeyFingerprint> later(
      List<KeyFingerprint> reachable, Predicate<KeyFingerprint> mayGive, boolean hasWaited) {
    boolean isAnybodyLeft =
        !hasWaited
            && reachable.stream().anyMatch(peer -> mayTell(peer) && !refusals.contains(peer));
    return isAnybodyLeft || !answers.isEmpty()
        ? Optional.empty()
        : tooFar.stream().filter(reachable::contains).filter(mayGive).findFirst();
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
  /// @param cells its cells
  /// @param reachable members that could be asked, the donor perhaps among them
  Finding work(Joiner.Staged staged, StatePort cells, List<KeyFingerprint> reachable) {
    if (running.isEmpty()) {
      var next = next();
      var projection =
          new Projection(
              here.space(),
              here.names(),
              cells,
              staged.heads(),
              staged.branches(),
              staged.closes(),
              here.system(),
              next.getValue().now(),
              here.source());
      running =
          Optional.of(
              new Running(next.getKey(), next.getValue(), staged, projection, Optional.empty()));
    }
    var current = running.get();
    if (current.sum().isPresent()) {
      return compare(current, current.sum().get(), reachable);
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
        yield other(current.with(), "a batch that it has does not follow on it", reachable);
      }
      case REACHED -> {
        var then = current.projection();
        var sum =
            staged
                .keyed()
                .map(known -> new KeyedSum(secret, known, cells, then.cells(), then.changed()))
                .orElseGet(() -> new KeyedSum(secret, then.cells()));
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

  private Finding compare(Running reached, KeyedSum cells, List<KeyFingerprint> reachable) {
    if (!cells.some()) {
      return new Finding.Open();
    }
    drop(reached);
    var answer = reached.answer();
    if (!cells.sum().equals(answer.cells())) {
      return other(reached.with(), "its cells are others", reachable);
    }
    if (!reached.projection().heads(secret).equals(answer.heads())) {
      return other(reached.with(), "what it says of heads or closes is other", reachable);
    }
    if (!hashes(reached.staged(), answer.hashesFrom()).equals(answer.hashes())) {
      return other(reached.with(), "the chain hashes it gives are others", reachable);
    }
    boolean isUntold =
        withBranches
            && !Optional.of(reached.projection().branches(secret)).equals(answer.branches());
    if (isUntold) {
      untold.add(reached.with());
      return untold.size() >= UNTOLD_MAX ? new Finding.Untold(reached.with()) : settled(reachable);
    }
    return new Finding.Same(answer.hashesFrom());
  }

  private Finding other(KeyFingerprint than, String what, List<KeyFingerprint> reachable) {
    var other = new Finding.Other(than, what);
    dissent = Optional.of(other);
    dissenters.add(than);
    return dissenters.size() >= DISSENTERS ? other : settled(reachable);
  }

  /// What is left to be said where nobody is left to ask. Who is too far to say anything of this
  /// state keeps one member's word from being the last: there is a later state then.
  private Finding settled(List<KeyFingerprint> reachable) {
    if (reachable.stream().anyMatch(peer -> mayTell(peer) || tooFar.contains(peer))) {
      return new Finding.Open();
    }
    // Who differs in where branches begin alone has confirmed all else.
    return untold.isEmpty()
        ? dissent.orElseGet(Finding.Open::new)
        : new Finding.Untold(untold.first());
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

  /// What is at hand of the way to what another has: of the donor's replicas, and of those that the
  /// donor has not heard of. What is at hand and not told of would be sent again each time, instead
  /// of what is missing.
  Token have() {
    var ends = new TreeMap<ReplicaId, Token.Prefix>();
    for (var head : offer.token().heads()) {
      ends.put(head.replica(), atHand(head.replica(), head.seq()).orElse(head));
    }
    for (var replica : running.map(it -> it.projection().wanted()).orElse(new TreeSet<>())) {
      if (!ends.containsKey(replica)) {
        atHand(replica, 0).ifPresent(last -> ends.put(replica, last));
      }
    }
    return new Token(here.space(), ends.values().stream().limit(Token.HEADS_MAX).toList());
  }

  /// The last of the batches that follow on one without a gap, as far as they are looked for.
  private Optional<Token.Prefix> atHand(ReplicaId replica, long before) {
    Optional<Token.Prefix> last = Optional.empty();
    for (long seq = before + 1; seq <= before + Projection.BATCHES_MAX; seq++) {
      var batch = here.source().apply(replica, seq);
      if (batch.isEmpty()) {
        break;
      }
      last = Optional.of(new Token.Prefix(replica, seq, batch.get().hash().first()));
    }
    return last;
  }

  long number() {
    return number;
  }
}
