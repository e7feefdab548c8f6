package io.starling.node.hosting;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.loop.Condition;
import io.starling.node.loop.SpaceLoop;
import io.starling.node.space.Durability;
import io.starling.node.space.Level;
import io.starling.node.space.Snapshot;
import io.starling.node.space.Space;
import io.starling.node.space.Watch;
import io.starling.node.status.CatchUpProgress;
import io.starling.node.storage.SpaceStore;
import io.starling.node.watch.WatchHub;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.limits.LogRetention;
import io.starling.replica.message.Token;
import io.starling.replica.port.StateSnapshot;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import io.starling.replica.status.SpaceStatus;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// A space of this node, put together from its parts.
final class HostedSpace implements Space {

  // How long a watch that resumes beyond what is applied here waits for that.
  private static final Duration RESUME_WAIT = Duration.ofMinutes(1);

  private static final long TURN_MILLIS = 5_000;

  private final String name;
  private final long generation;
  private final SpaceId id;
  private final SpaceStore store;
  private final SpaceLoop loop;
  private final WatchHub watches;
  private final CatchUpPace pace;
  private final CoverageWaiters waiters;
  private final Acknowledgements acknowledgements;
  private final Optional<SpaceRebuild> rebuild;
  private final SpaceGate gate;
  private volatile CausalContext discounted = CausalContext.NOTHING;
  private final SpaceMeter meter;
  private final Predicate<KeyFingerprint> isHost;
  private volatile Optional<LogRetention> retained = Optional.empty();
  private volatile Optional<Outcome.Refused> leaving = Optional.empty();
  private volatile Optional<Outcome.Refused> gone = Optional.empty();

  /// What it is put together from.
  ///
  /// @param rebuild while its store is made anew
  /// @param gate what is let into it
  record Parts(
      String name,
      long generation,
      SpaceId id,
      SpaceStore store,
      SpaceLoop loop,
      WatchHub watches,
      CatchUpPace pace,
      CoverageWaiters waiters,
      Acknowledgements acknowledgements,
      Optional<SpaceRebuild> rebuild,
      SpaceGate gate,
      SpaceMeter meter,
      Predicate<KeyFingerprint> isHost) {}

  HostedSpace(Parts parts) {
    this.name = parts.name();
    this.generation = parts.generation();
    this.id = parts.id();
    this.store = parts.store();
    this.loop = parts.loop();
    this.watches = parts.watches();
    this.pace = parts.pace();
    this.waiters = parts.waiters();
    this.acknowledgements = parts.acknowledgements();
    this.rebuild = parts.rebuild();
    this.gate = parts.gate();
    this.meter = parts.meter();
    this.isHost = parts.isHost();
  }

  SpaceLoop loop() {
    return loop;
  }

  Optional<CatchUpProgress> catchingUp() {
    return pace.progress();
  }

  SpaceLoad load() {
    return new SpaceLoad(
        loop.queued(), watches.load(), waiters.waiting(), acknowledgements.waiting());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public SpaceId id() {
    return id;
  }

  @Override
  public long generation() {
    return generation;
  }

  /// Has so much of its log kept from now on.
  void retain(LogRetention wanted) {
    if (!retained.equals(Optional.of(wanted))) {
      retained = Optional.of(wanted);
      loop.retain(wanted);
    }
  }

  /// Is to be on other nodes: from now on it can only be read here.
  ///
  /// @param where what clients are told
  /// @return whether that is news
  boolean leave(String where) {
    boolean isNews = leaving.isEmpty();
    leaving =
        Optional.of(
            new Outcome.Refused(
                Outcome.Reason.FAILED_PRECONDITION,
                "the space is moving away from this node and can only be read here: " + where));
    return isNews;
  }

  /// Is to be here.
  void stay() {
    leaving = Optional.empty();
  }

  /// Whether its loop has ended, or was never to begin again.
  boolean isOver() {
    return gone.isPresent() || loop.condition() instanceof Condition.Stopped;
  }

  boolean isLeaving() {
    return leaving.isPresent();
  }

  /// Says that it is here no longer, before it is stopped for that.
  ///
  /// @param end what watches are told
  void depart(Watch.End end, Outcome.Refused why) {
    gone = Optional.of(why);
    watches.endWith(end);
    meter.forget();
  }

  /// Stops it because it is here no longer.
  void stop(Outcome.Refused why) throws InterruptedException {
    loop.stop(why);
    stop();
  }

  /// Stops the loop, and all that uses the store.
  void stop() throws InterruptedException {
    loop.stop();
    if (rebuild.isPresent()) {
      rebuild.get().join();
    }
  }

  /// Why clients must ask another node, while its store is made anew.
  Optional<String> objection() {
    return gone.map(Outcome.Refused::message).or(() -> rebuild.flatMap(SpaceRebuild::objection));
  }

  @Override
  public CompletionStage<Outcome> submit(Request request) {
    return gate.pass(() -> write(request), HostedSpace::unavailable);
  }

  /// What the node itself writes.
  CompletionStage<Outcome> write(Request request) {
    var refusal = gone.or(() -> leaving);
    return refusal.isPresent()
        ? CompletableFuture.completedStage(refusal.get())
        : objection().map(HostedSpace::unavailable).orElseGet(() -> loop.submit(request));
  }

  private static CompletionStage<Outcome> unavailable(String why) {
    return CompletableFuture.completedStage(new Outcome.Refused(Outcome.Reason.UNAVAILABLE, why));
  }

  /// Whether each transaction that was submitted is applied or refused. May wait for a turn of the
  /// loop.
  boolean isDrained() throws InterruptedException {
    if (loop.queued().submissions() > 0) {
      return false;
    }
    // What was taken from the queue is in a turn before the one that runs this.
    var turned = new CountDownLatch(1);
    return loop.execute(turned::countDown) && turned.await(TURN_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public Optional<String> objection(Level level) {
    return acknowledgements.objection(level);
  }

  @Override
  public CompletionStage<Durability> acknowledge(Token token, Level level, Duration wait) {
    return acknowledgements.acknowledge(token, level, wait);
  }

  @Override
  public CompletionStage<Coverage> covers(Token token, Duration wait) {
    return waiters.covers(token, wait);
  }

  @Override
  public Snapshot read() {
    objection()
        .ifPresent(why -> {
          throw new StorageFailure(why, new IllegalStateException("not to be read"));
        });
    return readAsItIs();
  }

  /// What is here, be it that more is to come of a store that is made anew: for the node's own
  /// work.
  Snapshot readAsItIs() {
    return new Cut(id, store.snapshot(), discounted);
  }

  /// The same with what does not count for its author's sake.
  Snapshot readAll() {
    return new Cut(id, store.snapshot(), CausalContext.NOTHING);
  }

  /// The same with what one member has written alone.
  Snapshot readBy(KeyFingerprint author) {
    var others = discounted.or(dot -> !dot.replica().key().equals(author));
    return new Cut(id, store.snapshot(), others);
  }

  /// Has values read from now on as if certain dots were not there.
  void discount(CausalContext dots) {
    discounted = dots;
  }

  @Override
  public Watch watch(String prefix, Watch.From from, Watch.Listener listener) {
    if (objection().isPresent()) {
      return watches.refuse(prefix, listener);
    }
    return watches.start(prefix, from, listener, token -> covers(token, RESUME_WAIT));
  }

  @Override
  public SpaceStatus status() {
    return loop.status().among(isHost);
  }

  private static final class Cut implements Snapshot {
    private final SpaceReader reader;
    private final StateSnapshot state;

    private Cut(SpaceId id, StateSnapshot state, CausalContext discounted) {
      this.state = state;
      this.reader = new SpaceReader(id, state, discounted);
    }

    @Override
    public SpaceReader reader() {
      return reader;
    }

    @Override
    public void close() {
      state.close();
    }
  }
}
