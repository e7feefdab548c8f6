package io.starling.node.loop;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.peer.PeerLinks;
import io.starling.node.storage.SpaceStore;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.Replica;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.limits.LogRetention;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.read.Coverage;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import io.starling.replica.request.Submission;
import io.starling.replica.status.SpaceStatus;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The loop of one space: a thread that owns its replica, drains what has arrived, tells it to the
/// replica and does what the effects say, in their order. So transactions that arrive while one
/// write is synced share the next.
///
/// If the store fails, what waits is refused, the space is [Condition.Degraded], and the replica is
/// thrown away, for its memory is ahead of the store; once the store takes writes again a new one
/// is opened, under a new incarnation. Messages that come meanwhile are dropped; peers are asked
/// for them later. Any other exception is a bug: the space is [Condition.Failed] and stands still
/// until the node is started again, and nothing of the event that met it is written.
public final class SpaceLoop {

  private static final Logger LOG = LoggerFactory.getLogger(SpaceLoop.class);
  private static final String UNKNOWN =
      " It is not known whether this transaction was stored: read before you try again, or send it"
          + " again to this node under the same idempotency key.";
  private static final long STATUS_NANOS = Duration.ofMillis(50).toNanos();

  private final Parts parts;
  private final Intake intake;
  private final List<LoopObserver> observers;
  private final AtomicLong submissions = new AtomicLong();
  private final AtomicReference<Optional<LogRetention>> retention =
      new AtomicReference<>(Optional.empty());
  private final TreeSet<KeyFingerprint> up = new TreeSet<>();
  private final Map<Long, CompletableFuture<Outcome>> open = new LinkedHashMap<>();
  private final List<Runnable> answers = new ArrayList<>();
  private final Backoff backoff = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));
  private final Thread thread;
  private Optional<Replica> replica;
  private long nextTick;
  private long lastStatus;
  private boolean hasMore;
  private volatile Condition condition = new Condition.Running();
  private volatile Outcome.Refused farewell =
      unavailable("the node is stopping; write on another node");
  private volatile SpaceStatus status;
  private volatile Token applied;

  /// What a loop is made of.
  ///
  /// @param name of the space, for the log and messages
  /// @param tick how often the engine is told that time has passed
  public record Parts(
      String name,
      SpaceId space,
      SpaceStore store,
      EngineFactory engine,
      PeerLinks links,
      QueueLimits limits,
      Duration tick,
      InstantSource clock) {}

  /// Opens the replica. The loop begins with [#start()].
  ///
  /// @throws StorageFailure if the store cannot be read
  public SpaceLoop(Parts parts, List<LoopObserver> observers) {
    this.parts = parts;
    this.intake = new Intake(parts.limits());
    this.observers = List.copyOf(observers);
    var opened = parts.engine().open(parts.store(), parts.clock().instant());
    this.replica = Optional.of(opened);
    this.status = opened.status();
    this.applied = status.token();
    this.thread = Thread.ofPlatform().name("space-" + parts.name()).unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /// Takes nothing more, does one more turn, refuses what still waits then, and ends. Returns when
  /// it has ended.
  public void stop() throws InterruptedException {
    intake.close();
    thread.join();
  }

  /// The same, and whoever comes too late is told why: nothing is ever written here again.
  public void stop(Outcome.Refused why) throws InterruptedException {
    farewell = why;
    stop();
  }

  /// As `Space.submit`.
  public CompletionStage<Outcome> submit(Request request) {
    var answer = new CompletableFuture<Outcome>();
    var refusal = refusal(condition);
    if (refusal.isPresent()) {
      return turnAway(answer, refusal.get());
    }
    long id = submissions.incrementAndGet();
    var submission = new Submission(id, request);
    observers.forEach(observer -> observer.submitted(id));
    var offer =
        intake.submit(new Intake.Waiting(submission, answer, Weight.of(request.mutations())));
    if (offer != Intake.Offer.TAKEN) {
      observers.forEach(observer -> observer.withdrawn(id));
    }
    switch (offer) {
      case TAKEN -> {}
      case FULL ->
          turnAway(
              answer,
              new Outcome.Refused(
                  Outcome.Reason.RESOURCE_EXHAUSTED,
                  "too many transactions wait for this space; try again in a moment"));
      case CLOSED -> turnAway(answer, refusal(condition).orElse(farewell));
    }
    return answer.minimalCompletionStage();
  }

  private CompletionStage<Outcome> turnAway(
      CompletableFuture<Outcome> answer, Outcome.Refused refused) {
    answer.complete(refused);
    observers.forEach(observer -> observer.turnedAway(refused));
    return answer;
  }

  /// Has what is held of a revoked member stand. Completes as a submission does, with how many
  /// batches that were.
  public CompletionStage<Outcome> adopt(KeyFingerprint revoked) {
    var answer = new CompletableFuture<Outcome>();
    long id = submissions.incrementAndGet();
    observers.forEach(observer -> observer.submitted(id));
    boolean isTaken =
        execute(() -> {
          open.put(id, answer);
          replica.ifPresentOrElse(
              engine -> handle(engine, new Event.Adopting(id, revoked)), this::refuseOpen);
        });
    if (!isTaken) {
      observers.forEach(observer -> observer.withdrawn(id));
      return turnAway(answer, unavailable("this space takes nothing now; try again in a moment"));
    }
    return answer.minimalCompletionStage();
  }

  /// Takes a message of a peer, and does on the caller's thread what the loop's need not do; false
  /// if it was dropped.
  public boolean arrived(KeyFingerprint peer, Message message) {
    if (!(condition instanceof Condition.Running) || !intake.hasRoom(Weight.of(message))) {
      return false;
    }
    var read = message.read();
    return intake.arrive(new Intake.Arrival(peer, read, Weight.of(read)));
  }

  public void peer(KeyFingerprint peer, boolean isUp) {
    intake.peer(peer, isUp);
  }

  public void systemAdvanced() {
    intake.systemAdvanced();
  }

  /// Has the engine keep another amount of the log, from the next tick on.
  public void retain(LogRetention other) {
    retention.set(Optional.of(other));
  }

  /// Takes verified batches of a store that this node had before; false if earlier ones still wait.
  public boolean recover(List<SignedBatch> batches) {
    return condition instanceof Condition.Running && intake.recover(batches);
  }

  /// Runs a task on the loop's thread, between turns; false if the loop has ended or is flooded.
  public boolean execute(Runnable task) {
    return intake.run(task);
  }

  public Condition condition() {
    return condition;
  }

  /// What waits for it.
  public Queued queued() {
    return intake.queued();
  }

  /// What the replica last said of itself; at most a tick old.
  public SpaceStatus status() {
    return status;
  }

  /// What is durably applied.
  public Token applied() {
    return applied;
  }

  private void run() {
    nextTick = System.nanoTime() + parts.tick().toNanos();
    try {
      while (!intake.isClosed()) {
        turn(intake.take(hasMore ? 0 : Math.max(0, nextTick - System.nanoTime())));
      }
      turn(intake.take(0));
      condition = new Condition.Stopped();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      condition = new Condition.Stopped();
    } catch (RuntimeException | Error bug) {
      LOG.error("space {} stands still after an unexpected error: a bug", parts.name(), bug);
      condition = new Condition.Failed("unexpected error, see the log: " + bug);
      doubtOpen("this space met a bug and stands still." + UNKNOWN);
    } finally {
      letGo();
      end();
    }
  }

  private void turn(Intake.Turn turn) {
    long now = System.nanoTime();
    boolean isTick = now - nextTick >= 0;
    if (isTick) {
      nextTick = now + parts.tick().toNanos();
    }
    turn.peers().forEach((peer, isUp) -> note(peer, isUp));
    turn.submissions().forEach(it -> open.put(it.submission().id(), it.answer()));
    if (replica.isEmpty() && backoff.isOver(now)) {
      reopen();
    }
    // Before what came with them: a watch that has begun sees every later write.
    turn.tasks().forEach(Runnable::run);
    replica.ifPresentOrElse(engine -> feed(engine, turn, isTick), this::refuseOpen);
    tellAnswers();
    observers.forEach(LoopObserver::turned);
    if (isTick || now - lastStatus >= STATUS_NANOS) {
      replica.ifPresent(engine -> {
        var says = engine.status();
        status = says;
        observers.forEach(observer -> observer.told(says));
      });
      lastStatus = now;
    }
  }

  private void note(KeyFingerprint peer, boolean isUp) {
    if (isUp) {
      up.add(peer);
    } else {
      up.remove(peer);
    }
  }

  private void feed(Replica engine, Intake.Turn turn, boolean isTick) {
    var events = new ArrayList<Event>();
    turn.peers()
        .forEach(
            (peer, isUp) -> events.add(isUp ? new Event.PeerUp(peer) : new Event.PeerDown(peer)));
    retention.getAndSet(Optional.empty()).map(Event.Retained::new).ifPresent(events::add);
    if (turn.systemAdvanced()) {
      events.add(new Event.SystemAdvanced());
    }
    // Clients wait for an answer; for a peer's batch nobody does.
    if (!turn.submissions().isEmpty()) {
      events.add(
          new Event.Submitted(
              turn.submissions().stream().map(Intake.Waiting::submission).toList()));
    }
    events.addAll(arrived(turn.arrivals()));
    if (!turn.recovered().isEmpty()) {
      events.add(new Event.Recovered(turn.recovered()));
    }
    if (isTick) {
      events.add(new Event.Tick());
    }
    if (hasMore) {
      hasMore = false;
      events.add(new Event.Continue());
    }
    for (var event : events) {
      boolean isDone = handle(engine, event);
      tellAnswers();
      if (!isDone) {
        return;
      }
    }
  }

  /// Messages of one peer that came in a row are one event, and so one write.
  private static List<Event> arrived(List<Intake.Arrival> arrivals) {
    var byPeer = new LinkedHashMap<KeyFingerprint, List<Message>>();
    arrivals.forEach(
        it -> byPeer.computeIfAbsent(it.peer(), _ -> new ArrayList<>()).add(it.message()));
    var events = new ArrayList<Event>();
    byPeer.forEach((peer, messages) -> events.add(new Event.Arrived(peer, messages)));
    return events;
  }

  /// Tells the engine an event and does its effects; false if the store failed.
  private boolean handle(Replica engine, Event event) {
    List<Effect> effects;
    observers.forEach(observer -> observer.handling(event));
    try {
      long began = System.nanoTime();
      effects = engine.on(event, parts.clock().instant());
      var took = Duration.ofNanos(System.nanoTime() - began);
      observers.forEach(observer -> observer.worked(took));
    } catch (StorageFailure failure) {
      degrade(failure, List.of());
      return false;
    }
    for (int i = 0; i < effects.size(); i++) {
      if (effects.get(i) instanceof Effect.Persist && !mayWrite()) {
        return false;
      }
      try {
        perform(effects.get(i));
      } catch (StorageFailure failure) {
        degrade(failure, effects.subList(i + 1, effects.size()));
        return false;
      }
    }
    return true;
  }

  private boolean mayWrite() {
    try {
      parts.store().checkWritable();
      return true;
    } catch (StorageFailure failure) {
      degrade(failure, List.of());
      return false;
    }
  }

  private void perform(Effect effect) {
    switch (effect) {
      case Effect.Persist(var changes) -> {
        long began = System.nanoTime();
        parts.store().persist(changes);
        var took = Duration.ofNanos(System.nanoTime() - began);
        observers.forEach(observer -> observer.persisted(took));
      }
      case Effect.Applied batch -> {
        applied = batch.token();
        observers.forEach(observer -> observer.applied(batch));
      }
      case Effect.Adopted(var token, _) -> {
        applied = token;
        observers.forEach(observer -> observer.adopted(token));
      }
      case Effect.Again() -> hasMore = true;
      case Effect.Damaged(var what) -> parts.store().damaged(what);
      case Effect.Answer(long submission, var outcome) -> answer(submission, outcome);
      case Effect.Send(var peers, var message) ->
          peers.forEach(peer -> parts.links().send(peer, message));
      case Effect.Acknowledged(var acknowledgement) ->
          observers.forEach(observer -> observer.acknowledged(acknowledgement));
      case Effect.Alarm alarm -> {
        LOG.warn("space {}: {}: {}", parts.name(), alarm.kind(), alarm.message());
        observers.forEach(observer -> observer.alarmed(alarm));
      }
    }
  }

  /// The store failed, and `rest` must not be done; it is empty if nothing had been written yet. If
  /// the store recovers at once, it can tell whether the write is there after all; then the rest is
  /// done too.
  private void degrade(StorageFailure failure, List<Effect> rest) {
    LOG.error("space {} takes no writes: {}", parts.name(), failure.getMessage());
    LOG.debug("what the store met in space {}", parts.name(), failure);
    condition = new Condition.Degraded(String.valueOf(failure.getMessage()));
    letGo();
    hasMore = false;
    backoff.begin(System.nanoTime());
    if (rest.isEmpty()) {
      refuseOpen();
      return;
    }
    try {
      parts.store().recover();
      if (isThere(rest)) {
        rest.stream().filter(it -> !(it instanceof Effect.Persist)).forEach(this::perform);
      }
      refuseOpen();
    } catch (StorageFailure again) {
      LOG.error("space {} has not recovered: {}", parts.name(), again.getMessage());
      doubtOpen(failure.getMessage() + "." + UNKNOWN);
    }
  }

  /// The engine's memory may be ahead of the store, which is not to be closed under its snapshots.
  private void letGo() {
    replica.ifPresent(Replica::close);
    replica = Optional.empty();
  }

  /// Whether the batches of a write are there. One without batches shows by nothing whether it is:
  /// it has changed nothing, and what it answers is not to be relied on.
  private boolean isThere(List<Effect> rest) {
    var batches =
        rest.stream()
            .filter(Effect.Applied.class::isInstance)
            .map(Effect.Applied.class::cast)
            .toList();
    var reader = new SpaceReader(parts.space(), parts.store().live());
    return !batches.isEmpty()
        && batches.stream().allMatch(batch -> reader.coverage(batch.token()) == Coverage.COVERED);
  }

  private void reopen() {
    try {
      parts.store().recover();
      var opened = parts.engine().open(parts.store(), parts.clock().instant());
      var now = opened.status();
      tellReopened(now.token());
      status = now;
      replica = Optional.of(opened);
      condition = new Condition.Running();
      backoff.reset();
      LOG.info("space {} takes writes again", parts.name());
      for (var peer : up) {
        if (!handle(opened, new Event.PeerUp(peer))) {
          return;
        }
      }
    } catch (StorageFailure failure) {
      backoff.failed(System.nanoTime());
      condition = new Condition.Degraded(String.valueOf(failure.getMessage()));
      LOG.warn("space {} still takes no writes: {}", parts.name(), failure.getMessage());
    }
  }

  /// If an observer cannot follow, what it missed is found again the next time.
  private void tellReopened(Token now) {
    var before = applied;
    if (now.equals(before)) {
      return;
    }
    applied = now;
    try {
      observers.forEach(observer -> observer.reopened(before));
    } catch (StorageFailure failure) {
      applied = before;
      throw failure;
    }
  }

  private void answer(long submission, Outcome outcome) {
    var waiting = open.remove(submission);
    if (waiting != null) {
      answers.add(() -> waiting.complete(outcome));
      observers.forEach(observer -> observer.answered(submission, outcome));
    }
  }

  private void refuseOpen() {
    refuse(refusal(condition).orElseGet(() -> unavailable("the space takes no writes now")));
  }

  private void doubtOpen(String message) {
    refuse(new Outcome.Refused(Outcome.Reason.OUTCOME_UNKNOWN, message));
  }

  private void refuse(Outcome.Refused refused) {
    List.copyOf(open.keySet()).forEach(submission -> answer(submission, refused));
  }

  /// Clients' code runs on a thread of its own, for this one has writes to do.
  private void tellAnswers() {
    if (!answers.isEmpty()) {
      var all = List.copyOf(answers);
      answers.clear();
      Thread.ofVirtual().name("answers-" + parts.name()).start(() -> all.forEach(Runnable::run));
    }
  }

  private void end() {
    intake.close();
    try {
      for (var turn = intake.take(0); !turn.submissions().isEmpty(); turn = intake.take(0)) {
        turn.submissions().forEach(it -> open.put(it.submission().id(), it.answer()));
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    refuseOpen();
    tellAnswers();
    observers.forEach(LoopObserver::stopped);
  }

  private Optional<Outcome.Refused> refusal(Condition condition) {
    return switch (condition) {
      case Condition.Running() -> Optional.empty();
      case Condition.Degraded(var reason) -> Optional.of(unavailable(reason));
      case Condition.Failed(var reason) ->
          Optional.of(
              unavailable("this space stands still: " + reason + "; write on another node"));
      case Condition.Stopped() -> Optional.of(farewell);
    };
  }

  private static Outcome.Refused unavailable(String message) {
    return new Outcome.Refused(Outcome.Reason.UNAVAILABLE, message);
  }
}
