package io.starling.replica.catchup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.causal.CausalBuffer;
import io.starling.replica.causal.Closes;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.port.SnapshotPort;
import io.starling.replica.port.SystemPort;
import io.starling.replica.state.SpaceState;
import io.starling.replica.status.SpaceStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.IntSupplier;

/// Catching up by state, both sides of it: takes over what differs from a donor, has another member
/// confirm it, makes it part of the state, joins it with the cells; and is a donor to others.
public final class CatchUp {

  /// Members that a cluster must have for a third one to confirm what a donor sent.
  private static final int MEMBERS_FOR_PROOF = 3;

  // Staged cells joined in one go, each go being a synced write.
  private static final int SWEEP = 1_000;

  // Ticks after which a member is asked again to confirm.
  private static final long ASK_AGAIN_TICKS = 5;

  // Ticks after which a stage is given up that nobody could confirm.
  private static final long PROOF_TICKS = 600;

  // Ticks for which a donor that failed is not asked.
  private static final long REST_TICKS = 50;

  private final Surroundings setup;
  private final SpaceState state;
  private final Joiner joiner;
  private final Donor donor;
  private final Comparer comparer;
  private final CausalBuffer buffer;
  private final TreeMap<KeyFingerprint, Long> rests = new TreeMap<>();
  private Optional<Proof> proof = Optional.empty();
  private long tick;

  /// What it works in.
  ///
  /// @param members how many the cluster has, this one included
  /// @param isProofNeeded whether a state that no third member can confirm is never taken over,
  ///   unless there is no third; else it is after a minute
  public record Surroundings(
      SpaceId space,
      Limits limits,
      SnapshotPort snapshots,
      Optional<SystemPort> system,
      IntSupplier members,
      boolean isProofNeeded) {}

  public CatchUp(
      Surroundings setup, SpaceState state, CausalBuffer buffer, SplittableRandom random) {
    this.setup = setup;
    this.state = state;
    this.buffer = buffer;
    this.joiner = new Joiner(state, setup.snapshots(), random);
    this.donor = new Donor(setup.space(), state, setup.snapshots(), setup.limits());
    this.comparer = new Comparer(setup.space(), state, buffer);
  }

  /// A stage that is whole and waits to be confirmed.
  private final class Proof {
    private final Joiner.Staged staged;
    private final long number;
    private final long since = tick;
    private boolean isAsked;
    private int reachable;
    private Optional<Transfer.Compared> answer = Optional.empty();
    private Optional<KeyFingerprint> answered = Optional.empty();

    private Proof(Joiner.Staged staged, long number) {
      this.staged = staged;
      this.number = number;
    }
  }

  /// What is to be done.
  public sealed interface Act {
    record Send(KeyFingerprint to, long session, Transfer transfer) implements Act {}

    /// Answer with the batches beyond a token.
    record Tell(KeyFingerprint to, Token beyond) implements Act {}

    /// What was staged or joined is to be made durable.
    record Persist() implements Act {}

    /// The stage has become part of the state, which is to be made durable.
    ///
    /// @param isAttested whether a third member has confirmed it
    record Live(Joiner.Staged staged, boolean isAttested) implements Act {}

    /// A member did what no correct one does.
    record Fault(KeyFingerprint member, String what) implements Act {}
  }

  /// Whether a batch of another must wait.
  public boolean holds(Batch batch) {
    return joiner.holds(batch);
  }

  /// How far it has come in taking over another's state.
  public Optional<SpaceStatus.CatchingUp> status() {
    return state.isJoining()
        ? Optional.of(
            new SpaceStatus.CatchingUp(SpaceStatus.Phase.JOINING, Optional.empty(), 0, 0, 0))
        : joiner.status();
  }

  /// Takes over the state of a peer, whose log does not reach back to what is here, unless that is
  /// under way.
  public List<Act> behind(KeyFingerprint peer) {
    boolean isResting = rests.getOrDefault(peer, Long.MIN_VALUE) > tick;
    if (joiner.isBusy() || state.isJoining() || isResting) {
      return List.of();
    }
    return acts(joiner.begin(peer));
  }

  /// A part of a transfer has come.
  public List<Act> on(
      KeyFingerprint from, long session, Transfer transfer, Collection<KeyFingerprint> reachable) {
    return switch (transfer) {
      case Transfer.Ask _, Transfer.Leaves _, Transfer.Get _ ->
          answers(donor.on(from, session, transfer));
      case Transfer.Compare(var token) ->
          List.of(new Act.Send(from, session, comparer.answer(token)));
      case Transfer.Fetch(var beyond) -> List.of(new Act.Tell(from, beyond));
      case Transfer.Compared compared -> compared(from, session, compared);
      case Transfer.Offer _, Transfer.Page _, Transfer.Refused _ ->
          prove(acts(joiner.on(from, session, transfer)), reachable);
    };
  }

  public boolean hasWork() {
    return state.isJoining() || joiner.hasWork() || donor.hasWork();
  }

  /// Does a small piece of the work.
  public List<Act> work(Collection<KeyFingerprint> reachable) {
    var acts = new ArrayList<Act>();
    if (state.isJoining()) {
      state.sweep(SWEEP);
      acts.add(new Act.Persist());
    }
    if (joiner.hasWork()) {
      acts.addAll(prove(acts(joiner.work()), reachable));
    }
    if (donor.hasWork()) {
      acts.addAll(answers(donor.work()));
    }
    return acts;
  }

  /// Time has passed.
  public List<Act> tick(Collection<KeyFingerprint> reachable) {
    tick++;
    donor.tick();
    var acts = new ArrayList<>(acts(joiner.tick()));
    if (joiner.isNeedless()) {
      proof = Optional.empty();
      joiner.end();
    }
    if (proof.isPresent() && tick - proof.get().since > PROOF_TICKS) {
      if (setup.isProofNeeded() || !isSystemHere()) {
        rests.put(proof.get().staged.donor(), tick + REST_TICKS);
        proof = Optional.empty();
        joiner.end();
      } else {
        acts.add(live(false));
      }
    }
    if (proof.isPresent() && (tick - proof.get().since) % ASK_AGAIN_TICKS == 0) {
      acts.addAll(askForProof(reachable));
    }
    acts.addAll(judge());
    return acts;
  }

  public List<Act> down(KeyFingerprint peer) {
    donor.end(peer);
    return proof.isPresent() ? List.of() : acts(joiner.down(peer));
  }

  private static List<Act> answers(List<Donor.Answer> answers) {
    return answers.stream()
        .<Act>map(answer -> new Act.Send(answer.to(), answer.session(), answer.transfer()))
        .toList();
  }

  private List<Act> acts(List<Joiner.Wish> wishes) {
    var acts = new ArrayList<Act>();
    for (var wish : wishes) {
      switch (wish) {
        case Joiner.Wish.Send(var to, long session, var transfer) ->
            acts.add(new Act.Send(to, session, transfer));
        case Joiner.Wish.Persist() -> acts.add(new Act.Persist());
        case Joiner.Wish.Whole(var staged) ->
            proof = Optional.of(new Proof(staged, joiner.number()));
        case Joiner.Wish.Failed(var failed, var why, boolean isFault) -> {
          proof = Optional.empty();
          rests.put(failed, tick + REST_TICKS);
          if (isFault) {
            acts.add(new Act.Fault(failed, why));
          }
        }
      }
    }
    return acts;
  }

  private List<Act> prove(List<Act> acts, Collection<KeyFingerprint> reachable) {
    if (proof.isEmpty() || proof.get().isAsked) {
      return acts;
    }
    proof.get().isAsked = true;
    var all = new ArrayList<>(acts);
    all.addAll(askForProof(reachable));
    all.addAll(judge());
    return all;
  }

  private List<Act> askForProof(Collection<KeyFingerprint> reachable) {
    var waiting = proof.orElseThrow();
    waiting.reachable = Math.max(waiting.reachable, reachable.size());
    var acts = new ArrayList<Act>();
    if (waiting.answer.isPresent()) {
      acts.add(fetch(waiting, waiting.answered.orElseThrow()));
    }
    for (var peer : reachable) {
      if (!peer.equals(waiting.staged.donor())) {
        acts.add(new Act.Send(peer, waiting.number, new Transfer.Compare(waiting.staged.token())));
      }
    }
    return acts;
  }

  private List<Act> compared(KeyFingerprint from, long session, Transfer.Compared compared) {
    boolean isWanted =
        proof.isPresent()
            && proof.get().number == session
            && !from.equals(proof.get().staged.donor());
    if (!isWanted) {
      return List.of();
    }
    var waiting = proof.get();
    waiting.answer = Optional.of(compared);
    waiting.answered = Optional.of(from);
    var acts = new ArrayList<>(judge());
    if (proof.isPresent()) {
      acts.add(fetch(waiting, from));
    }
    return acts;
  }

  /// The batches between the stage and what a member has compared it with.
  private Act fetch(Proof waiting, KeyFingerprint from) {
    var have = new ArrayList<Token.Prefix>();
    for (var head : waiting.staged.token().heads()) {
      long seq = head.seq();
      while (buffer.get(head.replica(), seq + 1).isPresent()) {
        seq++;
      }
      have.add(new Token.Prefix(head.replica(), seq, head.hash()));
    }
    return new Act.Send(from, waiting.number, new Transfer.Fetch(new Token(setup.space(), have)));
  }

  /// Goes live if it is confirmed, drops the stage if it is refuted; else goes on waiting.
  private List<Act> judge() {
    if (proof.isEmpty() || !isSystemHere()) {
      return List.of();
    }
    var waiting = proof.get();
    if (membersKnown(waiting) < MEMBERS_FOR_PROOF) {
      return List.of(live(false));
    }
    if (waiting.answer.isEmpty()) {
      return List.of();
    }
    var agrees =
        comparer.agrees(
            waiting.staged.token(),
            waiting.staged.digest(),
            joiner.staged(),
            closes(waiting.staged),
            waiting.answer.get());
    if (agrees.isEmpty()) {
      return List.of();
    }
    if (agrees.get()) {
      return List.of(live(true));
    }
    proof = Optional.empty();
    joiner.end();
    rests.put(waiting.staged.donor(), tick + REST_TICKS);
    return List.of(
        new Act.Fault(
            waiting.staged.donor(),
            "its state is not that of " + waiting.answered.orElseThrow() + " at the same vector"));
  }

  /// A member that has just come knows of few others; the state that it is offered, and those whom
  /// it can reach, tell of more.
  private long membersKnown(Proof waiting) {
    long told =
        waiting.staged.heads().stream().map(head -> head.replica().key()).distinct().count();
    return Math.max(Math.max(setup.members().getAsInt(), told), waiting.reachable + 1L);
  }

  private Closes closes(Joiner.Staged staged) {
    var closes = state.origins().closes().copy();
    for (var row : staged.closes()) {
      closes.add(row.replica(), new Closes.Close(row.seq(), row.closer(), row.closerSeq()));
    }
    return closes;
  }

  private Act live(boolean isAttested) {
    var staged = proof.orElseThrow().staged;
    proof = Optional.empty();
    joiner.end();
    state.goLive(staged.token(), staged.heads(), staged.closes());
    return new Act.Live(staged, isAttested);
  }

  /// Statements about members lie in the past of what goes live, as of every batch.
  private boolean isSystemHere() {
    if (setup.system().isEmpty()) {
      return true;
    }
    var system = setup.system().get();
    return proof.orElseThrow().staged.heads().stream()
        .flatMap(head -> head.system().entries().stream())
        .allMatch(entry -> system.has(entry.replica(), entry.seq()));
  }
}
