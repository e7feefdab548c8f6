package io.starling.simulation.check;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.ReadRule;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import io.starling.replica.status.SpaceStatus;
import io.starling.simulation.workload.Workload;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// A node that runs and can write answers every request as soon as its own disk has it, whoever
/// else is reachable; and refuses only what deserves it.
final class Availability implements Check {

  private static final Duration NEWS = Duration.ofSeconds(10);

  private final World world;
  private final Workload workload;
  private final TreeSet<Long> open = new TreeSet<>();
  private final TreeSet<Long> answered = new TreeSet<>();
  // Refused while some member might not have read what they were to become.
  private final TreeSet<Long> unread = new TreeSet<>();
  private final Evaluations evaluations = new Evaluations("I10 every request is served alone");

  Availability(World world, Workload workload) {
    this.world = world;
    this.workload = workload;
  }

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  @Override
  public void handled(SimulatedSpace space, Event event, List<Effect> effects) {
    if (event instanceof Event.Submitted(var submissions)) {
      submissions.stream().map(Submission::id).forEach(open::add);
    }
    // By the time that they are answered more may be known.
    var refused = effects.stream().flatMap(effect -> unmet(effect).stream()).toList();
    if (!refused.isEmpty() && mayBeUnread(space)) {
      unread.addAll(refused);
    }
  }

  @Override
  public void crashed(SimulatedNode node) {
    open.removeIf(
        id -> workload.request(id).filter(request -> request.space().node() == node).isPresent());
  }

  @Override
  public void done(SimulatedSpace space) {
    for (long id : open) {
      boolean isHere = workload.request(id).filter(request -> request.space() == space).isPresent();
      evaluations.require(!isHere, () -> space + " took request " + id + " and gave no answer");
    }
  }

  @Override
  public void answered(SimulatedSpace space, long submission, Outcome outcome) {
    open.remove(submission);
    evaluations.require(
        answered.add(submission) || workload.request(submission).isEmpty(),
        () -> space + " answered request " + submission + " a second time");
    evaluations.require(
        !(outcome instanceof Outcome.Refused(var reason, _)) || deserves(space, submission, reason),
        () -> space + " refused request " + submission + ": " + outcome);
  }

  private boolean deserves(SimulatedSpace space, long submission, Outcome.Reason reason) {
    var request = workload.request(submission).orElseThrow();
    return switch (reason) {
      case FAILED_PRECONDITION ->
          isElsewhere(space)
              || request.mutations().stream().anyMatch(Availability::mayCollide)
              || (request.mutations().stream().anyMatch(Availability::isNew)
                  && unread.contains(submission));
      case ABORTED -> request.context().isPresent();
      case UNAVAILABLE ->
          someClockIsOff() || space.node().leaving().isUnderWay() || space.isRebuilding();
      case NOT_FOUND -> world.statements().isDropped(space.id());
      case OUTCOME_UNKNOWN -> false;
      case INVALID_ARGUMENT ->
          request.mutations().stream().anyMatch(Availability::isStaleReset)
              || request.mutations().stream().anyMatch(Availability::mayHaveNoRank)
              || (world.lineage().isForked(space.id())
                  && request.context().filter(read -> namesAnotherBatch(space, read)).isPresent());
      case TOO_LARGE -> false;
      case RESOURCE_EXHAUSTED -> space.isFull();
    };
  }

  /// Whether its node has heard that it is to be on others, or it was so, and is just being closed.
  private boolean isElsewhere(SimulatedSpace space) {
    return space.isMoving() || (space.isDismissed() && !world.statements().isDropped(space.id()));
  }

  /// Whether a token names a batch that is not here, and another one is that has its number.
  private static boolean namesAnotherBatch(SimulatedSpace space, Token token) {
    return token.heads().stream()
        .filter(head -> !space.ledger().has(head.hash()))
        .anyMatch(head ->
            space.ledger().applied().stream()
                .map(SignedBatch::batch)
                .filter(batch -> batch.seq() == head.seq())
                .anyMatch(batch -> batch.replica().key().equals(head.replica().key())));
  }

  /// Only where keys of several types are written may a type be the wrong one.
  private static boolean mayCollide(Mutation mutation) {
    var key = mutation.path().key();
    return key.startsWith("any/") || key.startsWith("doc/");
  }

  private static Optional<Long> unmet(Effect effect) {
    return effect instanceof Effect.Answer(long id, Outcome.Refused(var reason, _))
            && reason == Outcome.Reason.FAILED_PRECONDITION
        ? Optional.of(id)
        : Optional.empty();
  }

  /// Whether older versions cannot read what a mutation becomes.
  private static boolean isNew(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Set(_, _, var rule) -> rule == ReadRule.MAX || rule == ReadRule.MIN;
      case Mutation.SetFlag(_, _, var bias) -> bias == Bias.REMOVE;
      case Mutation.AddElement(_, _, var bias) -> bias == Bias.REMOVE;
      case Mutation.RemoveElement(_, _, var bias) -> bias == Bias.REMOVE;
      // A document may meet a field that keeps its greatest value.
      case Mutation.Merge _ -> true;
      case Mutation.Increment _, Mutation.Remove _, Mutation.Reset _ -> false;
    };
  }

  /// Whether a node may take somebody for one who cannot read the newer form: nothing of it has
  /// been applied, and a member has not announced that it reads it, or is not known yet.
  private boolean mayBeUnread(SimulatedSpace space) {
    var reachable =
        space.status().peers().stream()
            .filter(SpaceStatus.PeerStatus::isUp)
            .map(SpaceStatus.PeerStatus::key)
            .toList();
    boolean isApplied =
        space.ledger().applied().stream()
            .anyMatch(signed -> BatchEncoding.format(signed.batch()) > 1);
    return !isApplied && !world.versions().areAllNewer(space.node(), reachable);
  }

  /// A document may write what has no rank where a greatest or least value is kept.
  private static boolean mayHaveNoRank(Mutation mutation) {
    return mutation instanceof Mutation.Merge && mayCollide(mutation);
  }

  /// A reset by what another node showed may name counts that have not arrived here.
  private static boolean isStaleReset(Mutation mutation) {
    return mutation instanceof Mutation.Reset(_, var seen) && seen.isPresent();
  }

  /// A node whose clock is far from its peers' median refuses to write, and so may each of them. It
  /// takes until their next beacons for a node to learn that a clock was set right.
  private boolean someClockIsOff() {
    return world.nodes().stream().anyMatch(this::isOff);
  }

  private boolean isOff(SimulatedNode node) {
    long bound = world.limits().drift().toMillis() / 2;
    long sinceChange = world.agenda().nowNanos() - node.clock().changedNanos();
    boolean wasMoved = node.clock().changedNanos() > 0;
    return Math.abs(node.clock().error().toMillis()) > bound
        || (wasMoved && sinceChange < NEWS.toNanos());
  }
}
