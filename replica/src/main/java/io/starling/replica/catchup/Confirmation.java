package io.starling.replica.catchup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.port.StatePort;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Whether the state that is being taken over may go live: has other members say so, and rules what
/// becomes of one of which nobody can.
///
/// A state waits for a minute. One that cannot be confirmed any more, since all who could say have
/// gone on from it, is left for a later one; what remains of the minute remains to that one, so
/// that an operator hears of it in time whatever members claim to have. What is ruled is carried
/// out by whoever asked.
final class Confirmation {

  /// Members that a cluster must have for a third one to confirm what a donor sent.
  private static final int MEMBERS_FOR_PROOF = 3;

  // Ticks after which a member is asked again to confirm.
  private static final long ASK_AGAIN_TICKS = 5;

  // Ticks after which a state is given up that nobody could confirm.
  private static final long PROOF_TICKS = 600;

  // How many of these are left at least to a state that was taken over instead of another.
  private static final long PROOF_TICKS_LEFT = 100;

  // Ticks after which those who say nothing are waited for no longer, if there is a later state.
  private static final long SILENT_TICKS = 200;

  private final CatchUp.Surroundings setup;
  private final Attestation.Here here;
  private Optional<Attestation> attestation = Optional.empty();
  private Optional<Waiting> waiting = Optional.empty();
  // For how long the next state waits for proof.
  private long patience = PROOF_TICKS;
  // Whether a state was left for a later one since the last that went live, or that was given up
  // with a word to an operator.
  private boolean hasTurned;
  // When a state was last taken over, or waited.
  private long lastBusy;
  private int reached;
  private long tick;

  /// A state that is whole.
  ///
  /// @param named what its replicas name of `_system`, which must be here first
  /// @param since the tick at which it was
  /// @param until the last tick at which it waits
  private record Waiting(Joiner.Staged staged, VersionVector named, long since, long until) {
    static Waiting from(long since, long until, Joiner.Staged staged) {
      var named =
          staged.heads().stream()
              .map(Transfer.Row.HeadRow::system)
              .reduce(VersionVector.EMPTY, VersionVector::join);
      return new Waiting(staged, named, since, until);
    }
  }

  /// What is to become of the state.
  sealed interface Ruling {
    /// There is nothing to say yet.
    record Open() implements Ruling {}

    /// A member is to send what lies between the state and its own.
    record Fetch(KeyFingerprint from, long session, Token beyond) implements Ruling {}

    /// It goes live.
    ///
    /// @param confirmed the seqs above which chain hashes are confirmed, too; empty if nothing is
    record Live(Joiner.Staged staged, Optional<VersionVector> confirmed) implements Ruling {}

    /// It is given up.
    ///
    /// @param isDoubted whether a member has found it to be another than its own
    /// @param told what others are to know of that
    record GiveUp(Joiner.Staged staged, boolean isDoubted, Optional<CatchUp.Act> told)
        implements Ruling {}

    /// It is left for a later one.
    ///
    /// @param isDoubted whether a member has found it to be another than its own
    record Leave(Joiner.Staged staged, KeyFingerprint later, boolean isDoubted) implements Ruling {}

    /// It is to be asked for anew, in a form that all read.
    record Again() implements Ruling {}
  }

  Confirmation(CatchUp.Surroundings setup, Attestation.Here here) {
    this.setup = setup;
    this.here = here;
  }

  /// A donor has said what its snapshot is.
  ///
  /// @return what others are asked
  List<Answer> offered(Joiner.Wish.Offered by, List<KeyFingerprint> reachable) {
    var secret = setup.secrets().apply(by.session());
    attestation =
        Optional.of(
            new Attestation(here, by.donor(), by.session(), by.offer(), secret, by.withBranches()));
    return ask(reachable);
  }

  private List<Answer> ask(List<KeyFingerprint> reachable) {
    return attestation.orElseThrow().ask(reachable, setup.readBranches().getAsBoolean());
  }

  /// The state is whole, and waits from now on.
  void whole(Joiner.Staged staged) {
    // Less of it is for the alarm's sake alone.
    long most = setup.proof() == Proof.NEEDED ? patience : PROOF_TICKS;
    waiting = Optional.of(Waiting.from(tick, tick + most, staged));
  }

  /// Whether a state that is whole waits.
  boolean isWaiting() {
    return waiting.isPresent();
  }

  /// The state is to be joined in another way, and not whole before that.
  void moved() {
    keepPatience(waiting.orElseThrow());
    waiting = Optional.empty();
  }

  /// Its transfer is over.
  void end() {
    waiting = Optional.empty();
    attestation = Optional.empty();
  }

  /// A state went live, or none is needed any more.
  void live() {
    patience = PROOF_TICKS;
    hasTurned = false;
  }

  /// A state was given up: the next one has as long as any for its proof.
  ///
  /// @param isTold whether an operator hears of it: what is left without a word is left once
  void givenUp(boolean isTold) {
    patience = PROOF_TICKS;
    hasTurned &= !isTold;
  }

  void answered(KeyFingerprint from, long session, Transfer.Compared answer) {
    attestation.ifPresent(it -> it.answered(from, session, answer));
  }

  void refused(KeyFingerprint from, long session) {
    attestation.ifPresent(it -> it.refused(from, session));
  }

  /// A member that was asked for batches beyond the state has not kept them.
  ///
  /// @param replica whose batches these are
  /// @param first the first that it has kept
  void tooFar(KeyFingerprint member, ReplicaId replica, long first) {
    attestation.ifPresent(it -> it.tooFar(member, replica, first));
  }

  boolean hasWork() {
    return waiting.isPresent() && attestation.filter(Attestation::hasWork).isPresent();
  }

  /// Compares a little.
  ///
  /// @param cells those of the state
  Ruling work(StatePort cells, List<KeyFingerprint> reachable) {
    var staged = waiting.orElseThrow().staged();
    return judge(attestation.orElseThrow().work(staged, cells, reachable));
  }

  /// Time has passed.
  void tick(List<KeyFingerprint> reachable) {
    tick++;
    reached = Math.max(reached, reachable.size());
    lastBusy = attestation.isPresent() ? tick : lastBusy;
    if (tick - lastBusy > PROOF_TICKS) {
      patience = PROOF_TICKS;
    }
  }

  /// Who is asked again, when it is time.
  List<Answer> askAgain(List<KeyFingerprint> reachable) {
    if (attestation.isEmpty() || tick % ASK_AGAIN_TICKS != 0) {
      return List.of();
    }
    attestation.get().retry();
    return ask(reachable);
  }

  /// What is left of the time for proof is left to the state that comes instead.
  private void keepPatience(Waiting whole) {
    patience = Math.max(whole.until() - tick, PROOF_TICKS_LEFT);
  }

  /// Leaves a state for a later one, goes on without proof where none can be had, or gives up.
  ///
  /// @param mayGive whether a member's state can be asked for now
  Ruling await(List<KeyFingerprint> reachable, Predicate<KeyFingerprint> mayGive) {
    if (waiting.isEmpty()) {
      return new Ruling.Open();
    }
    var whole = waiting.get();
    boolean isLate = tick > whole.until();
    var later = isLate ? Optional.<KeyFingerprint>empty() : later(whole, reachable, mayGive);
    if (later.isPresent()) {
      keepPatience(whole);
      hasTurned = true;
      return new Ruling.Leave(whole.staged(), later.get(), isDoubted());
    }
    if (!isSystemHere(whole)) {
      // Perhaps there is no such thing: another donor may do without.
      return isLate ? giveUp(whole, Optional.empty()) : new Ruling.Open();
    }
    if (membersKnown(whole.staged()) < MEMBERS_FOR_PROOF) {
      return new Ruling.Live(whole.staged(), Optional.empty());
    }
    boolean readBranches = setup.readBranches().getAsBoolean();
    if (attestation.filter(it -> it.isUnsayable(readBranches)).isPresent()) {
      keepPatience(whole);
      return new Ruling.Again();
    }
    if (!isLate) {
      return new Ruling.Open();
    }
    return setup.proof() == Proof.NEEDED
        ? unproven(whole, "no third member could confirm it")
        : new Ruling.Live(whole.staged(), Optional.empty());
  }

  /// Once before some state goes live or an operator is told: a member that claims more than there
  /// is would else have every state left.
  private Optional<KeyFingerprint> later(
      Waiting whole, List<KeyFingerprint> reachable, Predicate<KeyFingerprint> mayGive) {
    boolean hasWaited = tick - whole.since() > SILENT_TICKS;
    return hasTurned
        ? Optional.empty()
        : attestation.flatMap(it -> it.later(reachable, mayGive, hasWaited));
  }

  private Ruling judge(Attestation.Finding finding) {
    var whole = waiting.orElseThrow();
    var asked = attestation.orElseThrow();
    return switch (finding) {
      case Attestation.Finding.Open() -> new Ruling.Open();
      case Attestation.Finding.Missing(var at) ->
          new Ruling.Fetch(at, asked.number(), asked.have());
      case Attestation.Finding.Same(var hashesFrom) ->
          // What is missing of `_system` comes by itself; until then another answer will do as
          // well.
          isSystemHere(whole)
              ? new Ruling.Live(whole.staged(), Optional.of(hashesFrom))
              : new Ruling.Open();
      // If no proof is needed it goes live when nobody has given one.
      case Attestation.Finding.Untold _ when setup.proof() != Proof.NEEDED -> new Ruling.Open();
      case Attestation.Finding.Untold(var than) ->
          unproven(whole, than + " tells otherwise where branches of forks begin");
      case Attestation.Finding.Other(var than, var what) -> {
        var fault = "it is not what " + than + " has at the same vector: " + what;
        yield giveUp(whole, Optional.of(new CatchUp.Act.Fault(whole.staged().donor(), fault)));
      }
    };
  }

  private Ruling unproven(Waiting whole, String why) {
    return giveUp(whole, Optional.of(new CatchUp.Act.Unproven(whole.staged().donor(), why)));
  }

  private Ruling giveUp(Waiting whole, Optional<CatchUp.Act> told) {
    return new Ruling.GiveUp(whole.staged(), isDoubted(), told);
  }

  private boolean isDoubted() {
    return attestation.filter(Attestation::isDoubted).isPresent();
  }

  /// A member that has just come knows of few others; the state that it is offered, and those whom
  /// it can reach, tell of more.
  private long membersKnown(Joiner.Staged staged) {
    long known = Math.max(setup.members().getAsInt(), reached + 1L);
    if (setup.system().isPresent()) {
      return known;
    }
    // `_system` itself is what says who the members are.
    long told = staged.heads().stream().map(head -> head.replica().key()).distinct().count();
    return Math.max(known, told);
  }

  /// Statements about members lie in the past of what goes live, as of every batch.
  private boolean isSystemHere(Waiting whole) {
    return setup.system().stream()
        .allMatch(system ->
            whole.named().entries().stream()
                .allMatch(entry -> system.has(entry.replica(), entry.seq())));
  }
}
