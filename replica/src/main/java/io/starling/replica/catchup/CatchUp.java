package io.starling.replica.catchup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.Head;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.causal.CausalBuffer;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Secret;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.port.SnapshotPort;
import io.starling.replica.port.SystemPort;
import io.starling.replica.state.SpaceLog;
import io.starling.replica.state.SpaceState;
import io.starling.replica.status.SpaceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/// Catching up by state, both sides of it: takes over what differs from a donor, has another member
/// confirm it, makes it part of the state, joins it with the cells; is a donor to others, tells
/// others what is here, and compares that with what they have.
public final class CatchUp {

  // Staged cells joined or dropped in one go, each go being a synced write.
  private static final int SWEEP = 1_000;

  // Ticks for which a donor that failed is not asked.
  private static final long REST_TICKS = 50;

  // Ticks after which cells that fill a blank store are made durable, if there are not enough to be
  // before.
  private static final long FILLED_TICKS = 10;

  // Ticks after which a stage is dropped that nobody has gone on with.
  private static final long STAGE_TICKS = 1_200;

  private final Surroundings setup;
  private final SpaceState state;
  private final Joiner joiner;
  private final Donor donor;
  private final Comparer comparer;
  private final Scrubber scrubber;
  private final CausalBuffer buffer;
  private final Confirmation confirmation;
  private final TreeMap<KeyFingerprint, Long> rests = new TreeMap<>();
  private boolean isDropping;
  private long idleSince;
  private long tick;

  /// What it works in.
  ///
  /// @param stable what all members have applied
  /// @param members how many the cluster has, this one included
  /// @param secrets one for each session, which nobody can guess
  /// @param readBranches whether all members read what tells where branches begin
  public record Surroundings(
      SpaceId space,
      KeyFingerprint self,
      Limits limits,
      SnapshotPort snapshots,
      Optional<SystemPort> system,
      Supplier<VersionVector> stable,
      IntSupplier members,
      Proof proof,
      LongFunction<Secret> secrets,
      BooleanSupplier readBranches) {}

  public CatchUp(
      Surroundings setup, SpaceState state, CausalBuffer buffer, SplittableRandom random) {
    this.setup = setup;
    this.state = state;
    this.buffer = buffer;
    this.joiner =
        new Joiner(state, setup.snapshots(), random, setup.secrets(), setup.readBranches());
    this.donor = new Donor(setup.space(), state, setup.snapshots(), setup.stable(), setup.limits());
    this.comparer = new Comparer(setup.space(), state, setup.snapshots());
    var here = new Attestation.Here(setup.space(), state.staging(), setup.system(), this::batch);
    this.confirmation = new Confirmation(setup, here);
    this.scrubber =
        new Scrubber(here, setup.snapshots(), setup.self(), setup.secrets(), setup.readBranches());
    if (setup.proof() == Proof.WAIVED && state.unattested().isPresent()) {
      state.attest(Optional.empty());
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

    /// A stage is given up, for it is on another branch of a fork than what is here.
    ///
    /// @param there a batch of it, in place of which here is another one
    record Forked(KeyFingerprint donor, Head there) implements Act {}

    /// A stage is given up, for nobody could confirm it.
    record Unproven(KeyFingerprint donor, String why) implements Act {}

    /// What is here was compared with what a peer has.
    ///
    /// @param difference empty if it is the same
    record Compared(KeyFingerprint peer, Optional<String> difference) implements Act {}

    /// What is stored here is not what was written.
    record Damaged(String what) implements Act {}

    /// A member did what no correct one does.
    record Fault(KeyFingerprint member, String what) implements Act {}
  }

  /// Whether a batch of another must wait.
  public boolean holds(Batch batch) {
    return joiner.holds(batch);
  }

  /// Whether a batch is part of the state that is being taken over: it need not be kept until its
  /// causes come. If the state does not go live it is pulled again.
  public boolean covers(Batch batch) {
    return joiner.covers(batch);
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
    if (joiner.isBusy() || state.isJoining() || isDropping || isResting(peer)) {
      return List.of();
    }
    return acts(joiner.begin(peer), List.of());
  }

  private boolean isResting(KeyFingerprint peer) {
    return rests.getOrDefault(peer, Long.MIN_VALUE) > tick;
  }

  /// A peer that was asked for batches beyond a state that waits for proof has not kept them.
  ///
  /// @param replica whose batches these are
  /// @param first the first that it has kept
  public void tooFar(KeyFingerprint peer, ReplicaId replica, long first) {
    confirmation.tooFar(peer, replica, first);
  }

  /// A part of a transfer has come.
  public List<Act> on(
      KeyFingerprint from, long session, Transfer transfer, List<KeyFingerprint> reachable) {
    return switch (transfer) {
      case Transfer.Ask _, Transfer.Leaves _, Transfer.Get _ ->
          answers(donor.on(from, session, transfer));
      case Transfer.Looking _ -> {
        donor.on(from, session, transfer);
        yield acts(joiner.on(from, session, transfer), reachable);
      }
      case Transfer.Compare question -> {
        var refused = comparer.on(from, session, question).stream().toList();
        comparer.begin();
        yield answers(refused);
      }
      case Transfer.Compared answer -> {
        confirmation.answered(from, session, answer);
        scrubber.answered(from, session, answer);
        yield List.of();
      }
      case Transfer.Fetch(var beyond) -> List.of(new Act.Tell(from, beyond));
      case Transfer.Refused(var reason, var what) -> {
        confirmation.refused(from, session);
        boolean isCompared = scrubber.refused(from, session);
        var acts = new ArrayList<>(acts(joiner.on(from, session, transfer), reachable));
        if (isCompared && reason == Transfer.Reason.DAMAGED) {
          acts.add(new Act.Compared(from, Optional.of("of itself it says that " + what)));
        }
        yield acts;
      }
      case Transfer.Offer _, Transfer.Page _ -> acts(joiner.on(from, session, transfer), reachable);
    };
  }

  /// Whether the state of another member is being taken over.
  public boolean isTaking() {
    return joiner.isBusy() || confirmation.isWaiting() || state.isJoining();
  }

  public boolean hasWork() {
    return state.isJoining()
        || isDropping
        || joiner.hasWork()
        || donor.hasWork()
        || comparer.hasWork()
        || scrubber.hasWork()
        || confirmation.hasWork();
  }

  /// Does a small piece of the work.
  public List<Act> work(List<KeyFingerprint> reachable) {
    comparer.begin();
    var acts = new ArrayList<Act>();
    if (state.isJoining()) {
      state.sweep(SWEEP);
      acts.add(new Act.Persist());
    }
    if (isDropping) {
      isDropping = state.dropStaged(SWEEP);
      acts.add(new Act.Persist());
    }
    if (joiner.hasWork()) {
      acts.addAll(acts(joiner.work(), reachable));
    }
    if (donor.hasWork()) {
      acts.addAll(answers(donor.work()));
    }
    if (comparer.hasWork()) {
      acts.addAll(answers(comparer.work()));
      comparer.begin();
    }
    if (confirmation.hasWork()) {
      acts.addAll(carryOut(confirmation.work(joiner.staged(), reachable)));
    }
    if (scrubber.hasWork()) {
      acts.addAll(scrub());
    }
    return acts;
  }

  /// Time has passed.
  public List<Act> tick(List<KeyFingerprint> reachable) {
    tick++;
    comparer.begin();
    confirmation.tick(reachable);
    var acts = new ArrayList<>(answers(donor.tick()));
    if (!state.staging().isEmpty() && (!joiner.isFilling() || tick % FILLED_TICKS == 0)) {
      // Nobody waits for it, but snapshots are taken only of what is durable.
      acts.add(new Act.Persist());
    }
    acts.addAll(answers(comparer.tick()));
    if (joiner.isBusy() || state.isJoining()) {
      scrubber.close();
    } else if (state.staging().isEmpty()) {
      acts.addAll(answers(scrubber.tick(reachable)));
    }
    acts.addAll(acts(joiner.tick(), reachable));
    if (joiner.isNeedless()) {
      forget();
      confirmation.live();
    }
    acts.addAll(answers(confirmation.askAgain(reachable)));
    acts.addAll(carryOut(confirmation.await(reachable, peer -> !isResting(peer))));
    dropWhatIsLeft();
    return acts;
  }

  /// A link is up no more: messages to that peer would be lost for now.
  public List<Act> down(KeyFingerprint peer) {
    donor.end(peer);
    comparer.forget(peer);
    return confirmation.isWaiting() ? List.of() : acts(joiner.down(peer), List.of());
  }

  /// Lets go of all snapshots.
  public void close() {
    donor.close();
    comparer.close();
    scrubber.close();
    joiner.end();
  }

  private static List<Act> answers(List<Answer> answers) {
    var acts = new ArrayList<Act>();
    for (var answer : answers) {
      acts.add(new Act.Send(answer.to(), answer.session(), answer.transfer()));
      if (answer.transfer() instanceof Transfer.Refused(var reason, var what)
          && reason == Transfer.Reason.DAMAGED) {
        acts.add(new Act.Damaged(what));
      }
    }
    return acts;
  }

  private List<Act> acts(List<Joiner.Wish> wishes, List<KeyFingerprint> reachable) {
    var acts = new ArrayList<Act>();
    for (var wish : wishes) {
      switch (wish) {
        case Joiner.Wish.Send(var to, long session, var transfer) ->
            acts.add(new Act.Send(to, session, transfer));
        case Joiner.Wish.Persist() -> acts.add(new Act.Persist());
        case Joiner.Wish.Offered offered -> {
          // The batches that are needed to compare it must find room.
          var heads = offered.offer().token().heads();
          heads.forEach(head -> buffer.dropUpTo(head.replica(), head.seq()));
          acts.addAll(answers(confirmation.offered(offered, reachable)));
        }
        case Joiner.Wish.Forked(var from, var there) -> {
          refuse(from);
          drop();
          acts.add(new Act.Forked(from, there));
        }
        case Joiner.Wish.Whole(var staged) -> confirmation.whole(staged);
        case Joiner.Wish.Failed(var failed, var why, boolean isFault) -> {
          refuse(failed);
          if (isFault) {
            drop();
            acts.add(new Act.Fault(failed, why));
          }
        }
      }
    }
    return acts;
  }

  private void refuse(KeyFingerprint failed) {
    rests.put(failed, tick + REST_TICKS);
    forget();
  }

  /// Drops what a liar has staged before another is asked: what is compared by half a sum can be
  /// made to look the same.
  private void drop() {
    isDropping = state.isStaged();
  }

  private void forget() {
    confirmation.end();
    joiner.end();
  }

  /// Does what is ruled of the state that is being taken over.
  private List<Act> carryOut(Confirmation.Ruling ruling) {
    return switch (ruling) {
      case Confirmation.Ruling.Open() -> List.of();
      case Confirmation.Ruling.Fetch(var from, long session, var beyond) ->
          List.of(new Act.Send(from, session, new Transfer.Fetch(beyond)));
      case Confirmation.Ruling.Live(var staged, var confirmed) -> adopt(staged, confirmed);
      case Confirmation.Ruling.GiveUp(var staged, boolean isDoubted, var told) -> {
        giveUp(staged, isDoubted, told.isPresent());
        yield told.stream().toList();
      }
      case Confirmation.Ruling.Leave(var staged, var later, boolean isDoubted) -> {
        refuse(staged.donor());
        if (isDoubted) {
          // The later one is begun by a pull, when all is dropped.
          drop();
        }
        yield behind(later);
      }
      case Confirmation.Ruling.Again() -> {
        // What is staged is not sent twice.
        forget();
        yield List.of();
      }
    };
  }

  private void giveUp(Joiner.Staged staged, boolean isDoubted, boolean isTold) {
    refuse(staged.donor());
    if (isDoubted) {
      drop();
    }
    confirmation.givenUp(isTold);
  }

  /// A batch of the log, or one that waits for its causes. Its replica gets a number here first:
  /// one that a copy gave it might become another's.
  private Optional<SignedBatch> batch(ReplicaId replica, long seq) {
    var branch = state.branches().find(replica);
    var buffered =
        branch.isEmpty()
            ? buffer.get(replica, seq)
            : buffer.at(state.branches().root(replica), seq).stream()
                .filter(it -> it.hash().equals(branch.get().hash()))
                .findFirst();
    if (buffered.isPresent()) {
      state.origins().enrol(replica);
      return buffered;
    }
    return state
        .origins()
        .find(replica)
        .flatMap(origin -> new SpaceLog(state.staging()).batch(origin.number(), seq));
  }

  private List<Act> scrub() {
    var fetches = new ArrayList<Answer>();
    var result = scrubber.work(fetches);
    var acts = new ArrayList<>(answers(fetches));
    result.ifPresent(it -> {
      boolean isSame = it.difference().isEmpty();
      boolean isOther = state.unattested().filter(only -> !only.equals(it.peer())).isPresent();
      if (isSame && isOther) {
        state.attest(Optional.empty());
        acts.add(new Act.Persist());
      }
      acts.add(new Act.Compared(it.peer(), it.difference()));
    });
    return acts;
  }

  /// Takes the state over, unless it is on another branch of a fork than what is here: what is here
  /// would be taken for a part of it.
  private List<Act> adopt(Joiner.Staged staged, Optional<VersionVector> confirmed) {
    var foreign = foreign(staged);
    boolean isTooLate =
        staged.isFresh() && !state.isReplaceable(Joiner.past(staged.token(), staged.closes()));
    if (isTooLate) {
      confirmation.moved();
      return acts(joiner.move(), List.of());
    }
    if (foreign.isEmpty()) {
      return List.of(live(staged, confirmed));
    }
    giveUp(staged, true, true);
    return List.of(new Act.Forked(staged.donor(), foreign.get()));
  }

  /// A batch of the other's where here is another one.
  private Optional<Head> foreign(Joiner.Staged staged) {
    for (var head : staged.heads()) {
      var replica = head.replica();
      long last = Math.min(head.seq(), state.origins().seq(replica));
      var here = state.origins().hash(replica, last);
      var there =
          last == head.seq()
              ? Optional.of(head.hash())
              : Optional.ofNullable(staged.hashes().get(replica))
                  .flatMap(chain -> Optional.ofNullable(chain.get(last)));
      if (here.isPresent() && there.isPresent() && !here.equals(there)) {
        return Optional.of(new Head(replica, last, there.get()));
      }
    }
    return forked(staged);
  }

  /// A batch beyond the end of a replica that was forked, as one side knows and the other does not:
  /// they have other names for the same.
  private Optional<Head> forked(Joiner.Staged staged) {
    for (var branch : staged.branches()) {
      if (state.origins().seq(branch.parent()) >= branch.first()) {
        var root = state.branches().root(branch.parent());
        return Optional.of(new Head(root, branch.first(), branch.hash()));
      }
    }
    for (var head : staged.heads()) {
      if (head.seq() > state.branches().end(head.replica()).orElse(Long.MAX_VALUE)) {
        var root = state.branches().root(head.replica());
        return Optional.of(new Head(root, head.seq(), head.hash()));
      }
    }
    return Optional.empty();
  }

  /// @param confirmed the seqs above which chain hashes are confirmed; empty if nothing is
  private Act live(Joiner.Staged staged, Optional<VersionVector> confirmed) {
    boolean isAll = isCovered(staged);
    if (staged.isFresh()) {
      state.replace(staged.token(), staged.heads(), staged.branches(), staged.closes());
    } else {
      state.goLive(staged.token(), staged.heads(), staged.branches(), staged.closes());
    }
    staged
        .hashes()
        .forEach((replica, chain) -> {
          long from = confirmed.map(it -> it.seq(replica)).orElse(0L);
          state.keepHashes(replica, chain.tailMap(from, false));
        });
    if (confirmed.isEmpty() && setup.proof() != Proof.WAIVED) {
      state.attest(Optional.of(staged.donor()));
    } else if (isAll) {
      state.attest(Optional.empty());
    }
    confirmation.live();
    forget();
    return new Act.Live(staged, confirmed.isPresent());
  }

  /// Whether all that was applied here is in a state: then nothing is left of what there was.
  private boolean isCovered(Joiner.Staged staged) {
    var theirs = Joiner.past(staged.token(), staged.closes());
    return state.origins().all().stream()
        .allMatch(origin -> theirs.seq(origin.replica()) >= origin.seq());
  }

  /// A stage that a session has left is a cache for the next one; if none comes, it is dropped.
  private void dropWhatIsLeft() {
    boolean isUsed = joiner.isBusy() || state.isJoining() || isDropping;
    if (isUsed) {
      idleSince = tick;
    } else if (tick - idleSince >= STAGE_TICKS) {
      idleSince = tick;
      isDropping = state.isStaged();
    }
  }
}
