package io.starling.replica;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.apply.Verdict;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.catchup.CatchUp;
import io.starling.replica.catchup.Joiner;
import io.starling.replica.causal.CausalBuffer;
import io.starling.replica.exchange.Announcer;
import io.starling.replica.exchange.AntiEntropy;
import io.starling.replica.exchange.Peers;
import io.starling.replica.fork.Forking;
import io.starling.replica.limits.Limits;
import io.starling.replica.limits.LogRetention;
import io.starling.replica.message.Message;
import io.starling.replica.message.SignedBeacon;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import io.starling.replica.state.SpaceState;
import io.starling.replica.write.Author;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeMap;

/// The effects of one event while they are being found.
///
/// All that one event changes is persisted together, before anything of it is answered, sent or
/// told.
final class Turn {

  private final Parts parts;
  private final Replica.Setup setup;
  private final SpaceState state;
  private final Incarnations incarnations;
  private final CausalBuffer buffer;
  private final Peers peers;
  private final AntiEntropy antiEntropy;
  private final Announcer announcer;
  private final long nowMillis;
  private final List<Effect> before = new ArrayList<>();
  private final List<Effect> after = new ArrayList<>();
  private final List<AppliedBatch> applied = new ArrayList<>();
  private boolean hasNamed;
  private boolean hasStaged;
  private Optional<VersionVector> adopted = Optional.empty();

  Turn(Parts parts, long nowMillis) {
    this.parts = parts;
    this.setup = parts.setup;
    this.state = parts.state;
    this.incarnations = parts.incarnations;
    this.buffer = parts.buffer;
    this.peers = parts.peers;
    this.antiEntropy = parts.antiEntropy;
    this.announcer = parts.announcer;
    this.nowMillis = nowMillis;
  }

  private record AppliedBatch(SignedBatch batch, SortedSet<String> keys) {}

  List<Effect> effects() {
    if (parts.standing.owes()) {
      testify();
    }
    if (!applied.isEmpty() || hasNamed || hasStaged) {
      before.add(new Effect.Persist(state.flush()));
    }
    adopted.ifPresent(theirs -> before.add(new Effect.Adopted(state.origins().token(), theirs)));
    if (!applied.isEmpty()) {
      var token = state.origins().token();
      for (var batch : applied) {
        before.add(new Effect.Applied(batch.batch(), batch.keys(), token));
      }
    }
    if (!applied.isEmpty() || adopted.isPresent()) {
      parts
          .acknowledger
          .advanced(incarnations.current(), nowMillis)
          .forEach((peer, signed) -> send(List.of(peer), new Message.Acknowledged(signed)));
    }
    before.addAll(after);
    if (parts.catchUp.hasWork() || parts.truncation.hasWork()) {
      before.add(new Effect.Again());
    }
    return before;
  }

  void submitted(List<Submission> submissions) {
    if (isClockOff()) {
      refuseAll(submissions, peers.clockOffMillis(nowMillis));
      return;
    }
    endIfForked();
    parts.clock = parts.clock.tick(nowMillis);
    var written = parts.author.write(submissions, incarnations.current(), parts.clock.last());
    var batches = wrote(written);
    var token = state.origins().token();
    // That nothing had to change is remembered under its name, as any other outcome.
    hasNamed = submissions.stream().anyMatch(s -> s.request().key().isPresent());
    for (var submission : submissions) {
      var refused = written.refused().get(submission.id());
      int operations = written.operations().getOrDefault(submission.id(), 0);
      boolean isRepeat = written.repeats().contains(submission.id());
      Outcome outcome =
          refused != null ? refused : new Outcome.Committed(token, operations, isRepeat);
      after.add(new Effect.Answer(submission.id(), outcome));
    }
    publish(batches);
  }

  private List<SignedBatch> wrote(Author.Written written) {
    state.cells().flush();
    var batches = new ArrayList<SignedBatch>();
    for (var batch : written.batches()) {
      applied.add(new AppliedBatch(batch.batch(), batch.keys()));
      batches.add(batch.batch());
    }
    return batches;
  }

  private void publish(List<SignedBatch> batches) {
    var reachable = peers.reachable();
    if (!batches.isEmpty() && !reachable.isEmpty()) {
      for (var batch : batches) {
        send(reachable, new Message.Batches(setup.space(), List.of(batch), Message.Part.FRESH));
      }
      announcer.said();
    }
  }

  /// Names what is applied here of revoked members, so that it stands everywhere.
  private void testify() {
    if (isClockOff()) {
      return;
    }
    endIfForked();
    parts.clock = parts.clock.tick(nowMillis);
    publish(wrote(parts.author.testify(incarnations.current(), parts.clock.last())));
  }

  /// What is held of a revoked member shall stand.
  void adopting(long submission, KeyFingerprint revoked) {
    int before = applied.size();
    if (parts.standing.isRevoked(revoked)) {
      parts.standing.adopt(revoked);
      drain();
      parts.standing.adoptedAll();
    }
    var outcome = new Outcome.Committed(state.origins().token(), applied.size() - before);
    after.add(new Effect.Answer(submission, outcome));
  }

  private boolean isClockOff() {
    return Math.abs(peers.clockOffMillis(nowMillis)) > setup.limits().drift().toMillis();
  }

  private void refuseAll(List<Submission> submissions, long offMillis) {
    var outcome =
        new Outcome.Refused(
            Outcome.Reason.UNAVAILABLE,
            "this node's clock is "
                + offMillis
                + " ms off the median of its peers; set the clock, or write on another node");
    submissions.forEach(s -> after.add(new Effect.Answer(s.id(), outcome)));
  }

  void arrived(KeyFingerprint from, List<Message> messages) {
    for (var message : messages) {
      if (message.space().equals(setup.space())) {
        if (parts.standing.isRevoked(from)) {
          hold(from, message);
        } else {
          take(from, message);
        }
      }
    }
  }

  /// Takes batches of a revoked member, to be held; it is told nothing, and what it says of itself
  /// is no sign of life.
  private void hold(KeyFingerprint from, Message message) {
    switch (message) {
      case Message.Batches batches -> take(from, batches);
      case Message.Announcement(var signed) -> {
        peers.claimed(from, signed.beacon());
        antiEntropy.announced(from).ifPresent(this::pull);
      }
      case Message.Pull _, Message.Behind _, Message.Transferred _, Message.Evidence _ -> {}
      case Message.Ask _, Message.Acknowledged _ -> {}
    }
  }

  private void take(KeyFingerprint from, Message.Batches message) {
    int appliedBefore = applied.size();
    int heldBefore = parts.standing.held();
    boolean isFull = false;
    for (var batch : message.batches()) {
      var author = batch.batch().replica().key();
      take(from, batch);
      advanceAll(batch.batch().replica());
      isFull |= buffer.trim(author) > 0 && parts.standing.isRevoked(author);
    }
    drain();
    boolean hasProgress = applied.size() > appliedBefore || parts.standing.held() > heldBefore;
    antiEntropy.answered(from, message.part(), hasProgress).ifPresent(this::pull);
    // What shows that they stand comes after more of them than are held.
    if (isFull && !parts.standing.isRevoked(from) && applied.size() == appliedBefore) {
      doAll(parts.catchUp.behind(from));
    }
  }

  private void take(KeyFingerprint from, Message message) {
    switch (message) {
      case Message.Batches batches -> take(from, batches);
      case Message.Announcement(var beacon) -> take(from, beacon);
      case Message.Pull pull -> {
        pull.have().heads().forEach(head -> noteOwn(head.replica(), head.seq()));
        send(List.of(from), antiEntropy.answer(pull));
      }
      case Message.Behind(_, var replica, long first)
          when antiEntropy.behind(from) && agrees(from) -> {
        doAll(parts.catchUp.behind(from));
        alarm(
            Effect.Kind.BEHIND_LOG,
            from,
            "peer "
                + from
                + " has batches of "
                + replica
                + " only from "
                + first
                + " on; this node has them up to "
                + state.origins().seq(replica)
                + " and takes over that peer's state instead");
      }
      case Message.Transferred(_, long session, var transfer) when agrees(from) -> {
        if (transfer instanceof Transfer.Offer offer) {
          offer.token().heads().forEach(head -> noteOwn(head.replica(), head.seq()));
        }
        doAll(parts.catchUp.on(from, session, transfer, peers.reachable()));
      }
      case Message.Behind _ -> {}
      // Members that know of other forks have other names for the same; first they tell each other.
      case Message.Transferred _ -> evidence(List.of(from), List.of(), false);
      case Message.Evidence evidence -> take(from, evidence);
      case Message.Ask(_, var token) ->
          parts
              .acknowledger
              .asked(from, token, incarnations.current(), nowMillis)
              .ifPresent(signed -> send(List.of(from), new Message.Acknowledged(signed)));
      case Message.Acknowledged(var signed) -> after.add(new Effect.Acknowledged(signed));
    }
  }

  void retained(LogRetention retention) {
    parts.truncation.retain(retention);
  }

  /// This node had them before its store was damaged; perhaps nobody else has.
  void recovered(List<SignedBatch> batches) {
    for (var signed : batches) {
      var replica = signed.batch().replica();
      boolean isWanted =
          signed.batch().space().equals(setup.space())
              && !parts.forking.isApplied(signed)
              && !parts.catchUp.covers(signed.batch());
      if (isWanted) {
        if (parts.forking.arrives(signed) == Forking.Relation.OTHER) {
          contradicts(signed, Optional.empty());
        }
        keep(Optional.empty(), signed);
        advanceAll(replica);
        buffer.trim(replica.key());
      }
    }
    drain();
  }

  private void take(KeyFingerprint from, SignedBatch signed) {
    var batch = signed.batch();
    var replica = batch.replica();
    if (!batch.space().equals(setup.space())) {
      alarm(Effect.Kind.INVALID_BATCH, from, "peer " + from + " sent a batch of another space");
      return;
    }
    peers.heard(from, signed, nowMillis);
    batch.context().space().entries().forEach(e -> noteOwn(e.replica(), e.seq()));
    if (parts.forking.isApplied(signed)) {
      parts.forking.agrees(from, signed);
      return;
    }
    switch (parts.forking.arrives(signed)) {
      case OTHER -> contradicts(signed, Optional.empty());
      case FOREIGN -> {
        noteOwn(replica, batch.seq());
        if (state.branches().end(replica).isEmpty()) {
          challenge(peers.reachable(), replica, batch.seq() - 1);
          alarm(
              Effect.Kind.FORK,
              replica,
              "batch "
                  + batch.seq()
                  + " of "
                  + replica
                  + " is chained to another batch than the one applied here");
        }
      }
      case NEW -> {
        noteOwn(replica, batch.seq());
        noteLostTail(batch);
      }
    }
    boolean isInvalid =
        parts.invalid.containsValue(signed.hash()) || parts.invalid.containsValue(batch.previous());
    if (!isInvalid && !parts.catchUp.covers(batch)) {
      keep(Optional.of(from), signed);
    }
  }

  /// Buffers a batch, beside others of its number perhaps.
  private void keep(Optional<KeyFingerprint> from, SignedBatch signed) {
    var before = buffer.get(signed.batch().replica(), signed.batch().seq());
    parts.standing.arrives(from, signed);
    var kept = buffer.put(signed);
    var other = before.orElse(kept);
    if (!other.hash().equals(signed.hash())) {
      contradicts(signed, ForkProof.of(signed, other));
    }
  }

  /// Ends the incarnation of which a peer knows more than is here: this store, or the machine's
  /// memory, is an older one, and its next batch would use a number again.
  private void noteOwn(ReplicaId replica, long seq) {
    boolean isOwn = replica.equals(incarnations.current());
    if (isOwn && seq > state.origins().seq(replica)) {
      endIncarnation("a peer has batch " + seq + " of it, which this store has not");
    }
  }

  /// What this store wrote is in it, unless it was rolled back or is not the only one.
  private void noteLostTail(Batch batch) {
    var replica = batch.replica();
    boolean isOwn = replica.key().equals(setup.key()) && !replica.equals(incarnations.current());
    if (isOwn && parts.tailAlarms.isDue()) {
      parts.tailAlarms.done();
      alarm(
          Effect.Kind.LOST_TAIL,
          replica,
          "a peer has batch "
              + batch.seq()
              + " of "
              + replica
              + ", which this node's key wrote and its store lacks: the store was lost or rolled"
              + " back, or a copy of it runs elsewhere");
    }
  }

  /// Another batch of that number is here.
  ///
  /// @param atHand the proof, if the other one is at hand
  private void contradicts(SignedBatch signed, Optional<ForkProof> atHand) {
    var batch = signed.batch();
    var place = ForkProof.place(signed);
    var proof = atHand.or(() -> parts.forks.meet(signed));
    proof.ifPresent(this::proven);
    if (proof.isEmpty() && !parts.forks.isProven(place)) {
      alarm(
          Effect.Kind.FORK,
          batch.replica(),
          "two batches " + batch.seq() + " of " + batch.replica() + ", of which one is gone here");
    }
    if (batch.replica().equals(incarnations.current())) {
      endIncarnation("another store writes under it");
    }
  }

  /// Keeps the proof of a fork, tells the operator, and all members; and has it tell where a
  /// replica ends.
  private void proven(ForkProof proof) {
    var replica = proof.place().replica();
    if (proof.isPoint()) {
      alarm(Effect.Kind.FORK, proof.place(), proof.sentence());
    } else if (state.branches().end(replica).isEmpty()) {
      alarm(Effect.Kind.FORK, replica, proof.sentence());
    }
    boolean isNew = parts.forks.keep(proof);
    if (isNew) {
      hasStaged = true;
      tell(peers.reachable(), proof);
    }
    if (replica.equals(incarnations.current())) {
      endIncarnation("another store writes under it");
    }
    parts.forking.learn(proof, isNew || parts.forks.isProven(proof.place()));
    place();
  }

  /// Has what is applied be named as all proofs say that it is.
  private void place() {
    // Rows that are being taken over go by names of before.
    boolean mayMove = !parts.catchUp.isTaking();
    var moved = parts.forking.place(mayMove);
    for (var branch : moved) {
      hasStaged = true;
      peers.split(branch);
      parts.invalid.clear();
      announcer.changed();
      peers.reachable().forEach(peer -> doAll(parts.catchUp.down(peer)));
    }
  }

  /// Whether a peer knows of the same forks, so that both give one name to one thing.
  private boolean agrees(KeyFingerprint peer) {
    return parts.forks.agrees(peer) && !parts.forking.owesSplit();
  }

  private void tell(List<KeyFingerprint> to, ForkProof proof) {
    if (!to.isEmpty()) {
      evidence(to, List.of(proof.one(), proof.other()), false);
    }
  }

  private void evidence(List<KeyFingerprint> to, List<SignedBatch> halves, boolean isAnswer) {
    send(to, new Message.Evidence(setup.space(), halves, parts.forks.held(), isAnswer));
  }

  private void take(KeyFingerprint from, Message.Evidence evidence) {
    var halves = evidence.halves();
    halves.forEach(half -> noteOwn(half.batch().replica(), half.batch().seq()));
    if (halves.size() == Message.Evidence.HALVES_MAX) {
      ForkProof.of(halves.getFirst(), halves.getLast())
          .filter(proof -> !parts.forks.isProven(proof.place()))
          .ifPresent(this::proven);
    } else {
      halves.forEach(half -> parts.forks.meet(half).ifPresent(this::proven));
    }
    // Nobody else may have it as a batch any more.
    halves.forEach(this::takeHalf);
    drain();
    boolean isNews = parts.forks.told(from, evidence.held());
    if (!evidence.isAnswer()) {
      evidence(List.of(from), List.of(), true);
    }
    // What a peer does not keep though it was sent is not sent again before the next round.
    if (isNews) {
      parts.forks.lackedBy(from).ifPresent(proof -> tell(List.of(from), proof));
    }
  }

  private void takeHalf(SignedBatch half) {
    boolean isWanted =
        half.batch().space().equals(setup.space())
            && !parts.forking.isApplied(half)
            && !parts.invalid.containsValue(half.hash());
    if (isWanted) {
      parts.forking.arrives(half);
      // Who passes a proof on need not have applied what is in it.
      keep(Optional.of(half.batch().replica().key()), half);
      buffer.trim(half.batch().replica().key());
    }
  }

  /// Shows the own half of what may be a fork to those who may have applied the other, so that the
  /// two meet: once a round.
  private void challenge(List<KeyFingerprint> to, ReplicaId replica, long seq) {
    challenge(to, new ForkProof.Place(setup.space(), replica, seq));
  }

  private void challenge(List<KeyFingerprint> to, ForkProof.Place place) {
    boolean isDue =
        !to.isEmpty()
            && !parts.forks.isProven(place)
            && parts.alarmedThisRound.size() < Limits.ALARMS_PER_ROUND
            && parts.alarmedThisRound.add("challenge " + place.replica() + ":" + place.seq());
    if (isDue) {
      parts.forks.logged(place).stream()
          .findFirst()
          .ifPresent(half -> evidence(to, List.of(half), false));
    }
  }

  private void challenge(List<ForkProof.Place> places) {
    places.forEach(place -> challenge(peers.reachable(), place));
  }

  /// Applies what can be applied of the buffer.
  void drain() {
    boolean isMoving = true;
    while (isMoving) {
      isMoving = false;
      for (var replica : buffer.replicas()) {
        isMoving |= advanceAll(replica);
      }
    }
    state.cells().flush();
  }

  private boolean advanceAll(ReplicaId root) {
    boolean hasMoved = false;
    while (advance(root)) {
      hasMoved = true;
    }
    return hasMoved;
  }

  /// Does the next step of a replica and its branches that can be done.
  private boolean advance(ReplicaId root) {
    for (var step : parts.forking.next(root)) {
      switch (step) {
        case Forking.Step.Prove(var proof) -> {
          proven(proof);
          return true;
        }
        case Forking.Step.Apply next when advance(next) -> {
          return true;
        }
        case Forking.Step.Apply _ -> {}
      }
    }
    return false;
  }

  private boolean advance(Forking.Step.Apply next) {
    var signed = next.batch();
    var replica = next.replica();
    if (!mayBegin(replica)
        || parts.catchUp.holds(signed.batch())
        || !parts.standing.stands(signed, replica)) {
      return false;
    }
    return switch (parts.applier.apply(signed, replica, next.begins())) {
      case Verdict.Applied(var named, var keys) -> {
        took(named, keys);
        yield true;
      }
      case Verdict.Waits() -> false;
      case Verdict.Forked(var message) -> {
        parts.forking.isStuck(signed);
        peers.refuse(signed.batch().replica());
        challenge(parts.challenges.of(signed.batch()));
        alarm(Effect.Kind.FORK, replica, message);
        yield false;
      }
      case Verdict.Invalid(var message) -> {
        parts.invalid.put(replica, signed.hash());
        if (parts.invalid.size() > Parts.INVALID_MAX) {
          parts.invalid.pollFirstEntry();
        }
        peers.refuse(signed.batch().replica());
        buffer.dropChain(signed);
        alarm(
            Effect.Kind.INVALID_BATCH,
            replica,
            "batch " + signed.batch().seq() + " of " + replica + " is invalid: " + message);
        yield false;
      }
    };
  }

  /// Takes in new incarnations and branches of one key at a bounded rate; those that must wait stay
  /// buffered.
  private boolean mayBegin(ReplicaId replica) {
    if (state.origins().seq(replica) > 0) {
      return true;
    }
    int begun = parts.begunThisRound.getOrDefault(replica.key(), 0);
    return begun < Limits.INCARNATIONS_PER_ROUND;
  }

  /// @param signed names branches by their names
  private void took(SignedBatch signed, SortedSet<String> keys) {
    var batch = signed.batch();
    var replica = batch.replica();
    var root = state.branches().root(replica);
    if (batch.seq() == state.branches().first(replica)) {
      parts.begunThisRound.merge(replica.key(), 1, Integer::sum);
    }
    state.origins().refresh();
    boolean isForked = state.branches().end(root).isPresent();
    if (isForked) {
      buffer.at(root, batch.seq()).stream()
          .filter(it -> it.hash().equals(signed.hash()))
          .forEach(buffer::drop);
      parts.forking.hasNews();
      parts.invalid.clear();
      peers.reconsider();
    } else {
      buffer.dropUpTo(root, batch.seq());
    }
    place();
    applied.add(new AppliedBatch(signed, keys));
    if (parts.clock.isBeyondDrift(batch.time(), nowMillis)) {
      alarm(
          Effect.Kind.CLOCK_DRIFT,
          replica,
          "batch "
              + batch.seq()
              + " of "
              + replica
              + " is stamped "
              + (batch.time().millis() - nowMillis)
              + " ms ahead of this node's clock");
    }
    parts.clock = parts.clock.observe(batch.time(), nowMillis);
    peers.applied(signed);
    parts.standing.applied(replica);
    announcer.changed();
    for (var close : batch.closes()) {
      if (close.replica().equals(incarnations.current())) {
        endIncarnation("it was closed by " + replica);
      }
    }
  }

  /// A machine that is set back may go on as an incarnation that it had found to be forked.
  private void endIfForked() {
    while (isForked(incarnations.current())) {
      endIncarnation("another store writes under it");
    }
  }

  private boolean isForked(ReplicaId replica) {
    return state.branches().end(replica).isPresent()
        || parts.forks.held().stream().anyMatch(it -> it.replica().equals(replica));
  }

  private void endIncarnation(String why) {
    var ended = incarnations.current();
    incarnations.renew();
    parts.author.begin(ended);
    if (parts.endAlarms.isDue()) {
      parts.endAlarms.done();
      alarm(
          Effect.Kind.LOST_TAIL,
          ended,
          "incarnation "
              + ended
              + " of this node has ended: "
              + why
              + "; it goes on as "
              + incarnations.current());
    }
  }

  private void take(KeyFingerprint from, SignedBeacon signed) {
    var beacon = signed.beacon();
    beacon.moved().forEach(head -> noteOwn(head.replica(), head.seq()));
    switch (peers.heard(from, beacon, nowMillis)) {
      case Peers.News.Nothing() -> {}
      case Peers.News.Unequal(var peer) ->
          alarm(
              Effect.Kind.DIGEST_MISMATCH,
              peer,
              "this node and " + peer + " have applied the same batches and differ in content");
      case Peers.News.Unread(var heads) ->
          heads.forEach(it -> parts.forking.suspect(it.replica(), it.seq(), it.hash()));
      case Peers.News.Fork(Token.Prefix(var replica, long seq, long hash)) -> {
        challenge(List.of(from), replica, seq);
        parts.forking.suspect(replica, seq, hash);
        alarm(
            Effect.Kind.FORK,
            replica,
            beacon.author() + " has applied another batch " + seq + " of " + replica);
      }
    }
    antiEntropy.announced(from).ifPresent(this::pull);
    if (antiEntropy.shouldTell(from)) {
      announce(List.of(from));
    }
  }

  void peerUp(KeyFingerprint peer) {
    peers.up(peer);
    parts.forks.forget(peer);
    announce(List.of(peer));
  }

  void peerDown(KeyFingerprint peer) {
    parts.forks.forget(peer);
    doAll(parts.catchUp.down(peer));
    peers.down(peer);
    parts.acknowledger.forget(peer);
  }

  void tick() {
    parts.ticks++;
    if (parts.ticks % Parts.roundTicks(setup.limits()) == 0) {
      parts.begunThisRound.clear();
      parts.alarmedThisRound.clear();
      parts.stability.mark(nowMillis);
      parts.truncation.round();
      parts.tailAlarms.passed();
      parts.endAlarms.passed();
      parts.author.round();
      parts.challenges.passed();
      tellForks();
      tellHeld();
      challenge(parts.challenges.again());
    }
    peers.revoked().forEach(peer -> doAll(parts.catchUp.down(peer)));
    place();
    doAll(parts.catchUp.tick(peers.reachable()));
    drain();
    truncate();
    antiEntropy.tick().ifPresent(this::pull);
    var reachable = peers.reachable();
    if (announcer.isDue() && !reachable.isEmpty() && !state.isJoining()) {
      announce(reachable);
      announcer.said();
    } else {
      antiEntropy.partner().ifPresent(peer -> announce(List.of(peer)));
    }
  }

  /// Asks peers what they keep that are not known to keep all proofs; and says at the start of a
  /// node what was proven before.
  private void tellForks() {
    if (!parts.hasToldForks) {
      parts.hasToldForks = true;
      parts.forks.all().forEach(proof -> alarm(Effect.Kind.FORK, proof.place(), proof.sentence()));
    }
    for (var peer : parts.forks.untold(peers.reachable())) {
      var lacked = parts.forks.lackedBy(peer);
      lacked.ifPresentOrElse(
          proof -> tell(List.of(peer), proof), () -> evidence(List.of(peer), List.of(), false));
    }
  }

  /// Says once of each revoked member that something of it is held, until nothing is.
  private void tellHeld() {
    for (var revoked : parts.standing.status().revoked()) {
      if (revoked.held() == 0) {
        parts.toldHeld.remove(revoked.key());
      } else if (parts.toldHeld.add(revoked.key())) {
        alarm(
            Effect.Kind.BEYOND_CUT_OFF,
            revoked.key(),
            revoked.held()
                + " batches of "
                + revoked.key()
                + ", which is evicted, are held: no other member had applied them; see member held");
      }
    }
  }

  /// Does a small piece of the work that waits for nothing.
  void proceed() {
    doAll(parts.catchUp.work(peers.reachable()));
    drain();
    truncate();
  }

  /// Truncates a small piece of the log. By a clock that is far off, all would be old.
  private void truncate() {
    hasStaged |=
        parts.truncation.work(isClockOff() ? OptionalLong.empty() : OptionalLong.of(nowMillis));
  }

  private void doAll(List<CatchUp.Act> acts) {
    for (var act : acts) {
      switch (act) {
        case CatchUp.Act.Send(var to, long session, var transfer) ->
            send(List.of(to), new Message.Transferred(setup.space(), session, transfer));
        case CatchUp.Act.Tell(var to, var beyond) ->
            send(List.of(to), antiEntropy.answer(new Message.Pull(setup.space(), beyond)));
        case CatchUp.Act.Persist() -> hasStaged = true;
        case CatchUp.Act.Live(var staged, boolean isAttested) -> adopted(staged, isAttested);
        case CatchUp.Act.Compared(var peer, var difference) -> {
          peers.compared(peer, difference.isEmpty());
          difference.ifPresent(what -> unequal(peer, what));
        }
        case CatchUp.Act.Damaged(var what) -> {
          alarm(Effect.Kind.STORE_DAMAGED, what, "this node found of itself that " + what);
          after.add(new Effect.Damaged(what));
        }
        case CatchUp.Act.Forked(var donor, var there) -> {
          parts.forking.suspect(there.replica(), there.seq(), there.hash().first());
          challenge(List.of(donor), there.replica(), there.seq());
          alarm(
              Effect.Kind.FORK,
              there.replica(),
              "the state of "
                  + donor
                  + " was not taken over: it has another batch "
                  + there.seq()
                  + " of "
                  + there.replica()
                  + " than is applied here");
        }
        case CatchUp.Act.Unproven(var donor, var why) ->
            alarm(
                Effect.Kind.UNATTESTED,
                donor,
                "the state of "
                    + donor
                    + " was not taken over, for "
                    + why
                    + "; it is tried again");
        case CatchUp.Act.Fault(var member, var what) ->
            alarm(
                Effect.Kind.DONOR_FAULT,
                member,
                "the state that " + member + " gave was not taken over: " + what);
      }
    }
  }

  private void unequal(KeyFingerprint peer, String what) {
    alarm(
        Effect.Kind.DIGEST_MISMATCH,
        peer,
        "this node and " + peer + " differ in content at the same vector: " + what);
  }

  /// The state of another member has become part of this one.
  private void adopted(Joiner.Staged staged, boolean isAttested) {
    hasStaged = true;
    var theirs = new TreeMap<ReplicaId, Long>();
    staged.heads().forEach(head -> theirs.put(head.replica(), head.seq()));
    adopted = Optional.of(VersionVector.of(theirs));
    for (var head : staged.heads()) {
      buffer.dropUpTo(head.replica(), state.origins().seq(head.replica()));
      peers.adopted(head.replica());
      parts.clock = parts.clock.observe(head.time(), nowMillis);
    }
    place();
    dropApplied();
    parts.standing.adopted();
    announcer.changed();
    for (var close : staged.closes()) {
      if (close.replica().equals(incarnations.current())) {
        endIncarnation("it was closed by " + close.closer());
      }
    }
    if (!isAttested) {
      alarm(
          Effect.Kind.UNATTESTED,
          staged.donor(),
          "the state of "
              + staged.donor()
              + " was taken over, and no third member could confirm it; until its operator says so, this member"
              + " gives its state to nobody");
    }
  }

  /// Batches of branches wait by the name of what those go on from.
  private void dropApplied() {
    for (var root : buffer.replicas()) {
      if (state.branches().end(root).isPresent()) {
        buffer.of(root).stream().filter(parts.forking::isApplied).forEach(buffer::drop);
      }
    }
  }

  /// Says nothing of the digest while cells are being joined, for it is not whole.
  private void announce(List<KeyFingerprint> to) {
    if (state.isJoining()) {
      return;
    }
    parts.clock = parts.clock.tick(nowMillis);
    var beacon = announcer.beacon(incarnations.current(), parts.clock.last(), nowMillis);
    to.forEach(antiEntropy::announcing);
    send(to, new Message.Announcement(beacon));
  }

  private void pull(KeyFingerprint from) {
    var have = parts.forking.rewound(from, antiEntropy.have(from));
    send(List.of(from), new Message.Pull(setup.space(), have));
  }

  /// Sends to those of them that are not revoked; of these nothing is wanted but batches.
  private void send(List<KeyFingerprint> to, Message message) {
    boolean isQuestion = message instanceof Message.Pull;
    var told = to.stream().filter(peer -> isQuestion || !parts.standing.isRevoked(peer)).toList();
    if (!told.isEmpty()) {
      after.add(new Effect.Send(told, message));
    }
  }

  /// Raises an alarm, once a round for each kind and subject: a fault shows with every batch.
  private void alarm(Effect.Kind kind, Object subject, String message) {
    boolean isNew =
        parts.alarmedThisRound.size() < Limits.ALARMS_PER_ROUND
            && parts.alarmedThisRound.add(kind + " " + subject);
    if (isNew) {
      after.add(new Effect.Alarm(kind, message));
    }
  }
}
