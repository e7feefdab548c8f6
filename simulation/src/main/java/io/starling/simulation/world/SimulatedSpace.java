package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.Replica;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.catchup.Proof;
import io.starling.replica.hosting.Hosts;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import io.starling.replica.port.Changes;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.SystemPort;
import io.starling.replica.port.Table;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.read.StoredSystem;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import io.starling.replica.state.SpaceState;
import io.starling.replica.status.Position;
import io.starling.replica.status.SpaceStatus;
import io.starling.simulation.disk.DamagedState;
import io.starling.simulation.disk.SimulatedDisk;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/// One space on one node: the loop around its engine, as production's goes.
///
/// What arrives queues; the loop takes what has come, lets the engine answer, and carries the
/// effects out in order, each write synced before what follows it. While a sync runs, requests and
/// messages pile up and become one event each: group commit.
public final class SimulatedSpace {

  /// Events that may wait; beyond it messages are dropped and submissions refused.
  static final int INBOX_MAX = 4_096;

  private final World world;
  private final SimulatedNode node;
  private final String name;
  private final SpaceId id;
  private final String label;
  private final SimulatedDisk disk = new SimulatedDisk();
  private final Ledger ledger;
  private final Deque<Event> inbox = new ArrayDeque<>();
  private final Deque<Effect> effects = new ArrayDeque<>();
  private final Deque<Write> writes = new ArrayDeque<>();
  private Optional<Engine> engine = Optional.empty();
  // As long as nothing has happened since.
  private Optional<SpaceStatus> status = Optional.empty();
  private Optional<Rebuild> rebuild = Optional.empty();
  private final Hosts hosts;
  private Optional<Moving> moving = Optional.empty();
  private Optional<Outcome.Refused> dismissal = Optional.empty();
  private boolean isBusy;
  private int opened;

  /// A write, and what is applied and taken over by it.
  private record Write(List<Effect.Applied> applied, List<Effect.Adopted> adopted) {
    Write() {
      this(new ArrayList<>(), new ArrayList<>());
    }
  }

  /// @param hosts which members host it, as its node knows it by then
  SimulatedSpace(World world, SimulatedNode node, String name, SpaceId id, Hosts hosts) {
    this.world = world;
    ledger = new Ledger(world.lineage());
    this.hosts = hosts;
    this.node = node;
    this.name = name;
    this.id = id;
    this.label = node + " " + name;
  }

  public SimulatedNode node() {
    return node;
  }

  public String name() {
    return name;
  }

  public SpaceId id() {
    return id;
  }

  public SimulatedDisk disk() {
    return disk;
  }

  /// Whether a member hosts it: then what is in it is for that member, too.
  public boolean isHostedBy(KeyFingerprint member) {
    return hosts.isHost(member);
  }

  /// The members that host it, as its node knows it by now.
  Hosts hosts() {
    return hosts;
  }

  /// Is to be on other nodes: from now on it can only be read here.
  ///
  /// @return whether that is news
  boolean leave() {
    boolean isNews = moving.isEmpty();
    moving = Optional.of(moving.orElseGet(() -> new Moving(world, this)));
    return isNews;
  }

  /// Is to be here.
  ///
  /// @return whether that is news
  boolean stay() {
    boolean isNews = moving.isPresent();
    moving = Optional.empty();
    return isNews;
  }

  /// Its moving away, while it is to be here no longer.
  Optional<Moving> moving() {
    return moving;
  }

  /// Whether it is to be here no longer, and takes no writes of clients.
  public boolean isMoving() {
    return moving.isPresent();
  }

  /// The members that host it and on which its node counts, as its engine is told.
  SortedSet<KeyFingerprint> members() {
    return new Membership(node, world.versions(), this::isHostedBy).members();
  }

  /// What is durably applied here.
  public Ledger ledger() {
    return ledger;
  }

  /// Whether a replica is open.
  public boolean isOpen() {
    return engine.isPresent();
  }

  /// What the open replica says of itself.
  public SpaceStatus status() {
    var says = status.orElseGet(() -> open().status());
    status = Optional.of(says);
    return says;
  }

  /// Whether what is durable here was taken over and never confirmed.
  public boolean isUnattested() {
    return new SpaceState(id, disk.untouched()).unattested().isPresent();
  }

  /// Where the open replica stands.
  public Position position() {
    return open().position();
  }

  private Engine open() {
    return engine.orElseThrow(() -> new IllegalStateException(this + " is not open"));
  }

  /// Reads what is durable.
  public SpaceReader reader() {
    return new SpaceReader(id, disk.durable());
  }

  /// What is durably applied of `_system`, if this is it, for the node's other replicas.
  SystemPort port() {
    return new StoredSystem(disk.durable());
  }

  /// Whether nothing waits and nothing is being written.
  public boolean isIdle() {
    return !isBusy && inbox.isEmpty();
  }

  /// Whether the queue takes nothing more.
  public boolean isFull() {
    return inbox.size() >= INBOX_MAX;
  }

  /// Whether each transaction that was submitted is applied or refused.
  boolean isDrained() {
    return !isBusy && inbox.stream().noneMatch(Event.Submitted.class::isInstance);
  }

  /// Puts a client's transaction into the queue, unless the node leaves.
  public void submit(Submission submission) {
    if (node.leaving().isUnderWay()) {
      world.observers(node).forEach(observer -> observer.submitted(this, submission));
      refuse(submission, Outcome.Reason.UNAVAILABLE, "this node is leaving the cluster");
    } else {
      write(submission);
    }
  }

  /// Puts what the node itself writes into the queue.
  public void write(Submission submission) {
    world.observers(node).forEach(observer -> observer.submitted(this, submission));
    if (isDismissed()) {
      var why = dismissal.orElseThrow();
      refuse(submission, why.reason(), why.message());
    } else if (isMoving()) {
      world.counts().add("requests to hosts taken off");
      refuse(submission, Outcome.Reason.FAILED_PRECONDITION, "the space is moving away");
    } else if (isRebuilding()) {
      refuse(submission, Outcome.Reason.UNAVAILABLE, "this node's store is being made anew");
    } else if (isFull()) {
      refuse(submission, Outcome.Reason.RESOURCE_EXHAUSTED, "the queue is full");
    } else {
      offer(new Event.Submitted(List.of(submission)));
    }
  }

  private void refuse(Submission submission, Outcome.Reason reason, String why) {
    var refused = new Outcome.Refused(reason, why);
    world.observers(node).forEach(o -> o.answered(this, submission.id(), refused));
  }

  /// Ends the loop for good: what waits is refused, and what is being written is the last.
  void dismiss(Outcome.Refused why) {
    dismissal = Optional.of(why);
    var waiting = List.copyOf(inbox);
    inbox.clear();
    for (var event : waiting) {
      if (event instanceof Event.Submitted(var submissions)) {
        world.counts().add("requests to dropped spaces", submissions.size());
        submissions.forEach(one -> refuse(one, why.reason(), why.message()));
      }
    }
  }

  /// Whether that has happened.
  public boolean isDismissed() {
    return dismissal.isPresent();
  }

  /// Begins to make its store anew.
  void rebuild(List<DamagedState> remains) {
    rebuild = Optional.of(new Rebuild(world, this, remains));
  }

  /// Whether clients are to ask another node, since the store is being made anew.
  public boolean isRebuilding() {
    return rebuild.filter(Rebuild::objects).isPresent();
  }

  /// Goes on with that.
  ///
  /// @return whether it is over
  boolean isRebuilt() {
    // In the step the node may crash: then it is not over, though nobody goes on with it.
    var ongoing = rebuild;
    if (ongoing.isPresent() && engine.isPresent()) {
      ongoing.get().step(status());
    }
    return ongoing.filter(it -> !it.isOver()).isEmpty();
  }

  /// The batches of which the log has each byte.
  List<SignedBatch> whole() {
    return WholeLog.of(disk, ledger);
  }

  /// Moves what is on the disk aside.
  ///
  /// @return what is left of it
  DamagedState setAside() {
    ledger.rewind(0);
    return disk.setAside();
  }

  /// Loses the bodies of batches that others have applied too, if nothing is being written.
  ///
  /// @return whether any were lost
  public boolean loseLog() {
    return !isBusy && disk.pending() == 0 && LogLoss.of(world, this);
  }

  /// What a space was at a moment.
  ///
  /// @param applied what was durably applied, as the world knows
  public record Backup(SimulatedDisk.Backup disk, List<SignedBatch> applied) {

    /// That of an empty disk.
    static final Backup NOTHING = new Backup(SimulatedDisk.EMPTY, List.of());
  }

  /// Copies what is durable.
  Backup backup() {
    return new Backup(disk.backup(), List.copyOf(ledger.applied()));
  }

  /// Becomes what it was, or what it was on another node.
  void restore(Backup backup) {
    disk.restore(backup.disk());
    ledger.become(backup.applied());
  }

  void open(Replica.Setup setup) {
    opened++;
    dismissal = Optional.empty();
    status = Optional.empty();
    engine = Optional.of(world.engines().open(setup, node.clock().now()));
    world.observers(node).forEach(observer -> observer.opened(this));
  }

  /// Stops without warning.
  ///
  /// @param survives whether the write that was being synced is durable after all
  /// @param isTorn whether it is so without its rows of fresh tables
  void stop(boolean survives, boolean isTorn) {
    opened++;
    engine = Optional.empty();
    status = Optional.empty();
    rebuild = Optional.empty();
    moving = Optional.empty();
    inbox.clear();
    effects.clear();
    if (survives && disk.pending() > 0) {
      if (isTorn && disk.tear()) {
        world.counts().add("fault: torn write");
      }
      makeDurable();
    }
    disk.lose();
    writes.clear();
    isBusy = false;
  }

  void offer(Event event) {
    if (engine.isEmpty()
        || isDismissed()
        || (event instanceof Event.Arrived arrived && isShutOut(arrived))) {
      return;
    }
    if (isFull() && event instanceof Event.Arrived) {
      world.counts().add("dropped: inbox full");
      return;
    }
    inbox.addLast(event);
    drain();
  }

  private boolean isShutOut(Event.Arrived arrived) {
    return arrived.messages().stream().anyMatch(node.leaving()::shutsOut);
  }

  /// Takes what waits, one event after the other, until a sync has to be waited for.
  void drain() {
    while (!isBusy && !inbox.isEmpty() && engine.isPresent() && !node.isPaused()) {
      var event = next();
      world.counts().add("events");
      if (!(event instanceof Event.Tick)) {
        world.trace(this, () -> Lines.event(event));
      }
      var answer = handle(event);
      if (answer.isEmpty()) {
        return;
      }
      world.observers(node).forEach(observer -> observer.handled(this, event, answer.get()));
      begin(answer.get());
      carryOut();
    }
  }

  /// What the engine answers; nothing if it could not read its store, and its node has stopped.
  private Optional<List<Effect>> handle(Event event) {
    var replica = engine.orElseThrow();
    status = Optional.empty();
    try {
      return Optional.of(replica.on(event, node.clock().now()));
    } catch (StorageFailure unreadable) {
      node.foundDamaged(String.valueOf(unreadable.getMessage()));
      return Optional.empty();
    } catch (RuntimeException | AssertionError thrown) {
      throw new Violation(
          "engine", this + " threw " + thrown + " at " + Lines.event(event), thrown);
    }
  }

  /// The next event, with those like it that wait right behind it.
  private Event next() {
    var first = inbox.removeFirst();
    return switch (first) {
      case Event.Submitted(var submissions) -> {
        var all = new ArrayList<>(submissions);
        while (inbox.peekFirst() instanceof Event.Submitted(var more)) {
          all.addAll(more);
          inbox.removeFirst();
        }
        yield new Event.Submitted(all);
      }
      case Event.Arrived(var peer, var messages) -> {
        var all = new ArrayList<>(messages);
        while (inbox.peekFirst() instanceof Event.Arrived(var from, var more)
            && from.equals(peer)) {
          all.addAll(more);
          inbox.removeFirst();
        }
        yield new Event.Arrived(peer, all);
      }
      case Event.PeerUp _, Event.PeerDown _, Event.SystemAdvanced _ -> first;
      case Event.Tick _, Event.Continue _, Event.Recovered _, Event.Adopting _ -> first;
      case Event.Retained _ -> first;
    };
  }

  private void begin(List<Effect> answer) {
    isBusy = true;
    for (var effect : answer) {
      effects.addLast(effect);
      switch (effect) {
        case Effect.Persist(var changes) -> {
          disk.write(changes);
          world.counts().add("log entries truncated", truncated(changes));
          if (changes.fresh() == Changes.Fresh.PROMOTED) {
            world.counts().add("states taken over as a whole");
          }
          writes.addLast(new Write());
        }
        case Effect.Applied applied -> {
          if (writes.isEmpty()) {
            throw new Violation("I2 durable first", this + " applied a batch before any write");
          }
          writes.getLast().applied().add(applied);
        }
        case Effect.Adopted adopted -> writes.getLast().adopted().add(adopted);
        case Effect.Answer _, Effect.Send _, Effect.Alarm _, Effect.Acknowledged _ -> {}
        case Effect.Again _ -> {}
        case Effect.Damaged(var what) ->
            throw new Violation("engine", this + " takes its store for damaged: " + what);
      }
    }
  }

  private static long truncated(Changes changes) {
    return changes.writes().stream()
        .filter(write -> write.table() == Table.LOG)
        .filter(write -> write.value().filter(it -> it.length > ChainHash.BYTES).isEmpty())
        .count();
  }

  private void carryOut() {
    int run = opened;
    while (!effects.isEmpty()) {
      var effect = effects.removeFirst();
      if (effect instanceof Effect.Persist) {
        sync();
        return;
      }
      perform(effect);
      if (opened != run) {
        return;
      }
    }
    isBusy = false;
    world.done(this);
  }

  private void sync() {
    if (node.crashes(CrashPoint.BEFORE_SYNC)) {
      return;
    }
    int run = opened;
    world.agenda().after(node.syncNanos(), () -> synced(run));
  }

  /// The disk has answered.
  private void synced(int run) {
    if (opened != run) {
      return;
    }
    if (node.isPaused()) {
      world.agenda().after(node.pausedNanos(), () -> synced(run));
      return;
    }
    if (node.failsToWrite()) {
      return;
    }
    makeDurable();
    if (!node.crashes(CrashPoint.AFTER_SYNC)) {
      carryOut();
      drain();
    }
  }

  private void makeDurable() {
    disk.sync();
    var write = writes.removeFirst();
    var applied = write.applied();
    write
        .adopted()
        .forEach(it -> world.formed().missing(id, ledger, it.theirs()).forEach(ledger::apply));
    applied.forEach(one -> {
      ledger.apply(one.batch());
      world.formed().add(one.batch());
    });
    world.counts().add("syncs");
    world.trace(this, () -> "durable" + Lines.batches(applied));
    world.observers(node).forEach(observer -> observer.durable(this, applied));
  }

  private void perform(Effect effect) {
    switch (effect) {
      case Effect.Answer(long submission, var outcome) -> {
        world.trace(this, () -> "answer " + submission + " " + Lines.outcome(outcome));
        world.observers(node).forEach(observer -> observer.answered(this, submission, outcome));
        node.crashes(CrashPoint.BETWEEN_EFFECTS);
      }
      // A node that leaves is nobody's copy.
      case Effect.Send(_, Message.Acknowledged _) when node.leaving().isUnderWay() -> {}
      case Effect.Send(var peers, Message message) -> {
        world.trace(this, () -> "send " + Lines.message(message) + " to " + Lines.keys(peers));
        world.observers(node).forEach(observer -> observer.sending(this, message));
        world.send(node, peers.stream().filter(it -> letsOut(it, message)).toList(), message);
        node.crashes(CrashPoint.BETWEEN_EFFECTS);
      }
      case Effect.Alarm alarm -> {
        world.counts().add("alarm: " + alarm.kind());
        world.trace(this, () -> "alarm " + alarm.kind() + " " + alarm.message());
        world.observers(node).forEach(observer -> observer.alarmed(this, alarm));
      }
      case Effect.Acknowledged(var signed) -> {
        world.counts().add("acknowledgements");
        node.leaving().acknowledged(signed);
        moving.ifPresent(it -> it.acknowledged(signed));
      }
      case Effect.Adopted _ -> {
        world.counts().add("states taken over");
        boolean isProven = world.proof() == Proof.NEEDED && !isUnattested();
        if (isProven) {
          world.counts().add("states proven");
        }
      }
      case Effect.Damaged _ -> {}
      case Effect.Again() -> {
        if (!(inbox.peekLast() instanceof Event.Continue)) {
          inbox.addLast(new Event.Continue());
        }
      }
      case Effect.Applied _ -> world.counts().add("batches applied");
      case Effect.Persist _ -> throw new AssertionError("a write is synced, not performed");
    }
  }

  private boolean letsOut(KeyFingerprint peer, Message message) {
    return hosts.letsOut(node.key(), peer, message);
  }

  /// Asks other nodes to acknowledge what a token covers, as the node's own waiters do.
  public void ask(List<KeyFingerprint> peers, Token token) {
    var message = new Message.Ask(id, token);
    world.trace(this, () -> Lines.message(message) + " of " + Lines.keys(peers));
    world.observers(node).forEach(observer -> observer.sending(this, message));
    world.send(node, peers, message);
  }

  @Override
  public String toString() {
    return label;
  }
}
