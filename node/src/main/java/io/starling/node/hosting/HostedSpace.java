package io.starling.node.hosting;

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

/// A space of this node, put together from its parts.
final class HostedSpace implements Space {

  // How long a watch that resumes beyond what is applied here waits for that.
  private static final Duration RESUME_WAIT = Duration.ofMinutes(1);

  private final String name;
  private final SpaceId id;
  private final SpaceStore store;
  private final SpaceLoop loop;
  private final WatchHub watches;
  private final CatchUpPace pace;
  private final CoverageWaiters waiters;
  private final Acknowledgements acknowledgements;
  private final Optional<SpaceRebuild> rebuild;

  /// @param rebuild while its store is made anew
  HostedSpace(
      String name,
      SpaceId id,
      SpaceStore store,
      SpaceLoop loop,
      WatchHub watches,
      CatchUpPace pace,
      CoverageWaiters waiters,
      Acknowledgements acknowledgements,
      Optional<SpaceRebuild> rebuild) {
    this.name = name;
    this.id = id;
    this.store = store;
    this.loop = loop;
    this.watches = watches;
    this.pace = pace;
    this.waiters = waiters;
    this.acknowledgements = acknowledgements;
    this.rebuild = rebuild;
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

  /// Stops the loop, and all that uses the store.
  void stop() throws InterruptedException {
    loop.stop();
    if (rebuild.isPresent()) {
      rebuild.get().join();
    }
  }

  /// Why clients must ask another node, while its store is made anew.
  Optional<String> objection() {
    return rebuild.flatMap(SpaceRebuild::objection);
  }

  @Override
  public CompletionStage<Outcome> submit(Request request) {
    var objection = objection();
    if (objection.isPresent()) {
      return CompletableFuture.completedStage(
          new Outcome.Refused(Outcome.Reason.UNAVAILABLE, objection.get()));
    }
    return loop.submit(request);
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
          throw new StorageFailure(why, new IllegalStateException("being made anew"));
        });
    return readAsItIs();
  }

  /// What is here, be it that more is to come of a store that is made anew: for the node's own
  /// work.
  Snapshot readAsItIs() {
    return new Cut(id, store.snapshot());
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
    return loop.status();
  }

  private static final class Cut implements Snapshot {
    private final SpaceReader reader;
    private final StateSnapshot state;

    private Cut(SpaceId id, StateSnapshot state) {
      this.state = state;
      this.reader = new SpaceReader(id, state);
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
