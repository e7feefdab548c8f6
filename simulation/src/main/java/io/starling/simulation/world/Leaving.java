package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Acknowledgement;
import io.starling.replica.message.Message;
import io.starling.replica.message.SignedAcknowledgement;
import io.starling.replica.message.Token;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.read.Coverage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The leaving of a member for good, step by step as a node of the product goes about it (ADR 22):
///
/// 1. It takes no writes of clients and gives no acknowledgements, and has others acknowledge all
///    that is applied here.
/// 2. When as many as were asked for have it, it takes no batches either, and asks for the whole.
/// 3. It notes beside its key that it leaves, and states so in `_system`.
/// 4. When another confirms the statement, or refuses its link for it, it notes that, and ends.
///
/// A process that stops before step 3 comes back as a member; after it, it comes back for step 4.
/// If its store is lost or older then, and does not say what was stated, it hands over first what
/// it has or can make anew.
public final class Leaving {

  private static final Duration STEP = Duration.ofMillis(50);
  private static final Duration ROUND = Duration.ofMillis(500);
  private static final Duration SEALED_MAX = Duration.ofSeconds(10);
  private static final Duration LINGER = Duration.ofSeconds(2);

  private final World world;
  private final SimulatedNode node;
  private final TreeMap<SpaceId, Question> asked = new TreeMap<>();
  private final TreeMap<SpaceId, Token> confirmed = new TreeMap<>();
  private Phase phase = Phase.STAYING;
  private Note note = Note.NONE;
  // What _system had applied when the note was made, if a store can be held against it.
  private Optional<Token> noted = Optional.empty();
  private Optional<Attempt> attempt = Optional.empty();
  private boolean isSealed;
  private boolean isResumed;
  private boolean isDismissed;
  private long sealedNanos;
  private long roundNanos;
  private long attempts;
  private int copies;

  /// How far it has come.
  public enum Phase {
    STAYING,
    HANDING_OVER,
    ANNOUNCING,
    LEFT
  }

  /// The file beside the node's key, which is there again after a restart.
  private enum Note {
    NONE,
    STATED,
    OVER
  }

  /// One go at it.
  private record Attempt(long number, long untilNanos) {}

  /// A token, and who has acknowledged it.
  private record Question(Token token, SortedSet<KeyFingerprint> by) {}

  Leaving(World world, SimulatedNode node) {
    this.world = world;
    this.node = node;
  }

  /// How far it has come.
  public Phase phase() {
    return phase;
  }

  /// How many others were to confirm that they have all, in the last go.
  public int copies() {
    return copies;
  }

  /// Whether the node takes no writes of clients and gives no acknowledgements.
  public boolean isUnderWay() {
    return phase != Phase.STAYING;
  }

  /// Whether the node has left and does not start again.
  public boolean isOver() {
    return note == Note.OVER;
  }

  /// Begins, unless this node knows of too few others.
  ///
  /// @param copiesWanted how many others must have all that this node has
  /// @param timeout after which it stays
  /// @return whether it has begun
  public boolean begin(int copiesWanted, Duration timeout) {
    if (!node.isUp() || isUnderWay() || others().size() < copiesWanted) {
      return false;
    }
    copies = copiesWanted;
    start(Phase.HANDING_OVER, world.agenda().nowNanos() + timeout.toNanos());
    return true;
  }

  /// The process has started: goes on where another had come to.
  void started() {
    if (note != Note.STATED) {
      return;
    }
    // What a store does not say has perhaps been said all the same, unless it is no older.
    boolean isShown = !node.isRebuilding() && noted.filter(this::isCovered).isPresent();
    if (hasStated() || !isShown) {
      world.counts().add("departures resumed");
      world.counts().add(hasStated() ? "departures that are stated" : "departures to hand over");
      noted = hasStated() ? noted : Optional.empty();
      start(Phase.ANNOUNCING, Long.MAX_VALUE);
      isResumed = !hasStated();
      copies = isResumed ? 1 : copies;
    } else {
      world.counts().add("departures not stated");
      note = Note.NONE;
    }
  }

  private boolean isCovered(Token token) {
    return node.system().reader().coverage(token) == Coverage.COVERED;
  }

  /// The process has stopped.
  void stopped() {
    phase = isOver() ? Phase.LEFT : Phase.STAYING;
    attempt = Optional.empty();
    isSealed = false;
    isResumed = false;
    isDismissed = false;
  }

  /// Whether a message is not to be let in.
  boolean shutsOut(Message message) {
    return isSealed
        && switch (message) {
          case Message.Batches _, Message.Announcement _, Message.Behind _ -> true;
          case Message.Pull _,
              Message.Ask _,
              Message.Acknowledged _,
              Message.Evidence _,
              Message.Transferred _ ->
              false;
        };
  }

  /// A member takes no link of this node because it has left.
  void dismissed() {
    world.counts().add("dismissals");
    isDismissed = true;
  }

  /// A member has acknowledged something.
  void acknowledged(SignedAcknowledgement signed) {
    var statement = signed.acknowledgement();
    var question = Optional.ofNullable(asked.get(statement.space()));
    if (attempt.isEmpty()
        || question.isEmpty()
        || !statement.covered().equals(Acknowledgement.hash(question.get().token()))) {
      return;
    }
    var author = statement.author().key();
    if (others().contains(author)) {
      question.get().by().add(author);
      // The statement itself has to be known to anybody.
      int wanted = phase == Phase.ANNOUNCING ? 1 : copies;
      if (question.get().by().size() >= wanted) {
        confirmed.put(statement.space(), question.get().token());
        asked.remove(statement.space());
      }
    }
  }

  private void start(Phase first, long until) {
    var begun = new Attempt(++attempts, until);
    phase = first;
    attempt = Optional.of(begun);
    asked.clear();
    confirmed.clear();
    isSealed = false;
    isResumed = false;
    isDismissed = false;
    world.note(node, "leaves: " + first);
    goOn(begun);
  }

  private void goOn(Attempt begun) {
    world
        .agenda()
        .after(
            STEP.toNanos(),
            () -> {
              if (attempt.filter(it -> it.number() == begun.number()).isPresent()) {
                stepUnlessPaused(begun);
                goOn(begun);
              }
            });
  }

  private void stepUnlessPaused(Attempt begun) {
    try {
      if (!node.isPaused()) {
        step(begun);
      }
    } catch (StorageFailure unreadable) {
      node.foundDamaged(String.valueOf(unreadable.getMessage()));
    }
  }

  private void step(Attempt begun) {
    switch (phase) {
      case HANDING_OVER -> {
        if (world.agenda().nowNanos() >= begun.untilNanos()) {
          stay();
        } else {
          handOver();
        }
      }
      case ANNOUNCING -> {
        if (isResumed && !isKnownElsewhere()) {
          // Nothing may have been stated: what is here is perhaps nowhere else.
          if (!node.isRebuilding()) {
            handOver();
          }
        } else {
          announce(begun);
        }
      }
      case STAYING, LEFT -> {}
    }
  }

  /// First with the doors open, since it may take long; when that is done, closed.
  private void handOver() {
    long now = world.agenda().nowNanos();
    if (isSealed && isWhole()) {
      isDismissed = false;
      isResumed = false;
      phase = Phase.ANNOUNCING;
      asked.clear();
      world.note(node, "leaves: others have all");
      world.observers(node).forEach(observer -> observer.handedOver(node));
      if (note == Note.NONE && node.isUp()) {
        // Which every store lacks that was copied before.
        world.write(node.system(), HeardMembers.description(node));
      }
    } else if (isSealed && now - sealedNanos >= SEALED_MAX.toNanos()) {
      world.counts().add("departures opened again");
      isSealed = false;
      asked.clear();
    } else if (!isSealed && isRoundDone()) {
      isSealed = true;
      sealedNanos = now;
    } else if (asked.isEmpty() || now - roundNanos >= ROUND.toNanos()) {
      askAll(node.spaces());
    }
  }

  /// States it, and waits until somebody confirms that, or until it is known otherwise.
  private void announce(Attempt begun) {
    var system = node.system();
    long now = world.agenda().nowNanos();
    if (note == Note.NONE) {
      if (system.isIdle()) {
        note = Note.STATED;
        noted = Optional.of(system.reader().token());
        world.observers(node).forEach(observer -> observer.leavingNoted(node));
      }
      return;
    }
    if (!hasStated() && !isKnownElsewhere()) {
      if (now >= begun.untilNanos() && system.isIdle()) {
        note = Note.NONE;
        stay();
      } else if (system.isIdle()) {
        world.statements().made();
        world.write(system, HeardMembers.departure(node));
      }
      return;
    }
    var known = settled(system);
    boolean isConfirmed =
        known.isPresent() && known.equals(Optional.ofNullable(confirmed.get(system.id())));
    if (isKnownElsewhere() || (isConfirmed && !node.isRebuilding())) {
      end();
    } else if (asked.isEmpty() || now - roundNanos >= ROUND.toNanos()) {
      askAll(List.of(system));
    }
  }

  /// Whether others know that this node is no member any more: they take nothing of it.
  private boolean isKnownElsewhere() {
    return isDismissed || node.revocations().isRevoked(node.key());
  }

  private void end() {
    note = Note.OVER;
    phase = Phase.LEFT;
    attempt = Optional.empty();
    int start = node.starts();
    world.note(node, "has left");
    world
        .agenda()
        .after(
            LINGER.toNanos(),
            () -> {
              if (node.isUp() && node.starts() == start) {
                node.end();
              }
            });
    world.observers(node).forEach(observer -> observer.left(node));
  }

  private void stay() {
    world.counts().add("departures given up");
    world.note(node, "stays");
    phase = Phase.STAYING;
    attempt = Optional.empty();
    isSealed = false;
  }

  /// Whether this node's own `_system` says that it has left.
  public boolean hasStated() {
    return node.heard().left().contains(node.key());
  }

  /// Whether all that was asked about was confirmed as it was then.
  private boolean isRoundDone() {
    return asked.isEmpty()
        && node.spaces().stream()
            .allMatch(space -> settled(space).isPresent() && confirmed.containsKey(space.id()));
  }

  /// Whether all that is applied now is confirmed.
  private boolean isWhole() {
    return node.spaces().stream()
        .allMatch(space -> {
          var now = settled(space);
          return now.isPresent() && now.equals(Optional.ofNullable(confirmed.get(space.id())));
        });
  }

  /// What is applied, once no transaction waits.
  private static Optional<Token> settled(SimulatedSpace space) {
    return space.isDrained() && space.isOpen()
        ? Optional.of(space.position().token())
        : Optional.empty();
  }

  private void askAll(List<SimulatedSpace> spaces) {
    roundNanos = world.agenda().nowNanos();
    asked.clear();
    for (var space : spaces) {
      var now = settled(space);
      if (now.isPresent() && !now.equals(Optional.ofNullable(confirmed.get(space.id())))) {
        asked.put(space.id(), new Question(now.get(), new TreeSet<>()));
        var linked =
            others().stream()
                .filter(space::isHostedBy)
                .filter(other -> world.connections().sees(node.number(), world.keys().node(other)))
                .toList();
        space.ask(linked, now.get());
      }
    }
  }

  /// The members that this node knows of.
  private SortedSet<KeyFingerprint> others() {
    var others = new TreeSet<>(node.heard().members());
    others.remove(node.key());
    return others;
  }
}
