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
import io.starling.replica.read.SpaceReader;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import io.starling.replica.status.SpaceStatus;
import java.time.Duration;
import java.util.Optional;
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

  HostedSpace(
      String name,
      SpaceId id,
      SpaceStore store,
      SpaceLoop loop,
      WatchHub watches,
      CatchUpPace pace,
      CoverageWaiters waiters,
      Acknowledgements acknowledgements) {
    this.name = name;
    this.id = id;
    this.store = store;
    this.loop = loop;
    this.watches = watches;
    this.pace = pace;
    this.waiters = waiters;
    this.acknowledgements = acknowledgements;
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
  public CompletionStage<Outcome> submit(Request request) {
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
    return new Cut(id, store.snapshot());
  }

  @Override
  public Watch watch(String prefix, Watch.From from, Watch.Listener listener) {
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
