package io.starling.node.watch;

import io.starling.node.loop.LoopObserver;
import io.starling.node.loop.SpaceLoop;
import io.starling.node.space.Space.Coverage;
import io.starling.node.space.Watch;
import io.starling.node.space.WatchEvent;
import io.starling.node.storage.SpaceStore;
import io.starling.replica.Effect;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.read.Changed;
import io.starling.replica.read.LogBudget;
import io.starling.replica.read.SpaceReader;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The watches of one space.
///
/// Groups are cut on the loop's thread, between turns: there, the keys noted and a snapshot opened
/// agree exactly, for nobody else writes. One snapshot serves all watches that take a group at that
/// moment.
public final class WatchHub implements LoopObserver {

  /// Watches of one space; a further one is ended at once.
  public static final int WATCHES_MAX = 1_024;

  // Looked at on the thread of the loop, when the store is back.
  private static final int REOPENED_BATCHES_MAX = 1_000;
  private static final int REOPENED_BYTES_MAX = 16 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(WatchHub.class);

  private final SpaceId space;
  private final SpaceStore store;
  private final WatchMeter meter;
  private final Duration tellingMax;
  private final Set<RunningWatch> watches = new LinkedHashSet<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicBoolean isWoken = new AtomicBoolean();
  private volatile List<RunningWatch> running = List.of();
  private volatile Optional<SpaceLoop> loop = Optional.empty();
  private volatile Watch.End last = Watch.End.STOPPING;

  public WatchHub(SpaceId space, SpaceStore store, WatchMeter meter) {
    this(space, store, meter, Watch.TELLING_MAX);
  }

  /// @param tellingMax how long a snapshot or a group may take to be told
  WatchHub(SpaceId space, SpaceStore store, WatchMeter meter, Duration tellingMax) {
    this.space = space;
    this.store = store;
    this.meter = meter;
    this.tellingMax = tellingMax;
  }

  /// How many watches there are, and what is kept for them. Safe to call from any thread.
  public WatchLoad load() {
    var now = running;
    return new WatchLoad(now.size(), now.stream().mapToLong(RunningWatch::pendingKeys).sum());
  }

  WatchMeter meter() {
    return meter;
  }

  /// How long a snapshot or a group may take to be told.
  Duration tellingMax() {
    return tellingMax;
  }

  /// Says whose turns these are; once, before the first watch.
  public void attach(SpaceLoop attached) {
    loop = Optional.of(attached);
  }

  /// Starts a watch.
  ///
  /// @param coverage waits until a token is covered here
  public Watch start(
      String prefix,
      Watch.From from,
      Watch.Listener listener,
      Function<Token, CompletionStage<Coverage>> coverage) {
    var watch = new RunningWatch(this, prefix, listener);
    watch.start();
    // As of the last turn; those that begin meanwhile, or waited for their token, are counted then.
    if (count.get() >= WATCHES_MAX) {
      watch.end(Watch.End.TOO_MANY);
    } else if (from instanceof Watch.From.Resume(var token)) {
      coverage
          .apply(token)
          .thenAccept(found -> {
            switch (found) {
              case COVERED -> begin(watch, from);
              case NOT_YET -> watch.end(Watch.End.NOT_YET);
              case FOREIGN -> watch.end(Watch.End.FOREIGN_TOKEN);
            }
          });
    } else {
      begin(watch, from);
    }
    return watch;
  }

  /// A watch that ends at once, for nothing can be read here now.
  public Watch refuse(String prefix, Watch.Listener listener) {
    var watch = new RunningWatch(this, prefix, listener);
    watch.start();
    watch.end(Watch.End.UNAVAILABLE);
    return watch;
  }

  @Override
  public void applied(Effect.Applied applied) {
    note(applied.keys());
  }

  /// The watch that is behind by most is the one that has to read the state anew.
  private void note(SortedSet<String> keys) {
    long bytes = 0;
    for (var watch : watches) {
      bytes += watch.note(keys);
    }
    while (bytes > Watch.PENDING_BYTES_MAX) {
      watches.stream()
          .max(Comparator.comparingLong(RunningWatch::pendingBytes))
          .ifPresent(watch -> watch.resync(WatchEvent.Cause.TOO_MANY_CHANGES));
      bytes = watches.stream().mapToLong(RunningWatch::pendingBytes).sum();
    }
  }

  @Override
  public void adopted(Token token) {
    watches.forEach(watch -> watch.resync(WatchEvent.Cause.BEHIND_LOG));
  }

  @Override
  public void turned() {
    isWoken.set(false);
    watches.removeIf(RunningWatch::isOver);
    if (watches.size() != count.getAndSet(watches.size())) {
      running = List.copyOf(watches);
    }
    if (watches.isEmpty()) {
      return;
    }
    var now = loop.orElseThrow().applied();
    var waiting = watches.stream().filter(watch -> watch.wants(now)).toList();
    if (!waiting.isEmpty()) {
      cut(waiting, now);
    }
  }

  @Override
  public void reopened(Token before) {
    var reader = new SpaceReader(space, store.live());
    var budget = LogBudget.of(REOPENED_BATCHES_MAX, REOPENED_BYTES_MAX);
    switch (reader.changedSince(before, Watch.PENDING_KEYS_MAX, budget)) {
      case Changed.Keys(var keys) -> note(keys);
      case Changed.TooMany(), Changed.OverBudget() ->
          watches.forEach(watch -> watch.resync(WatchEvent.Cause.TOO_MANY_CHANGES));
      case Changed.BehindLog() ->
          watches.forEach(watch -> watch.resync(WatchEvent.Cause.BEHIND_LOG));
    }
  }

  @Override
  public void stopped() {
    List.copyOf(watches).forEach(watch -> watch.end(last));
    watches.clear();
    running = List.of();
  }

  /// Says why all watches end when the loop does, if it is not that the node stops.
  public void endWith(Watch.End why) {
    last = why;
  }

  /// Has the loop look whether a watch wants a group.
  void wake() {
    if (isWoken.compareAndSet(false, true)) {
      loop.ifPresent(it -> it.execute(() -> {}));
    }
  }

  private void begin(RunningWatch watch, Watch.From from) {
    boolean isRunning = loop.isPresent() && loop.get().execute(() -> add(watch, from));
    if (!isRunning) {
      watch.end(last);
    }
  }

  private void add(RunningWatch watch, Watch.From from) {
    if (watches.size() >= WATCHES_MAX) {
      watch.end(Watch.End.TOO_MANY);
      return;
    }
    try {
      var token = loop.orElseThrow().applied();
      watch.begin(from, new SharedSnapshot(space, store.snapshot(), token));
      watches.add(watch);
    } catch (StorageFailure failure) {
      LOG.warn("a watch cannot begin: {}", failure.getMessage());
      watch.end(Watch.End.UNAVAILABLE);
    }
  }

  private void cut(List<RunningWatch> waiting, Token now) {
    try {
      var snapshot = new SharedSnapshot(space, store.snapshot(), now);
      waiting.forEach(watch -> watch.take(snapshot.share()));
      snapshot.release();
    } catch (StorageFailure failure) {
      LOG.warn("watches wait, for the store cannot be read: {}", failure.getMessage());
    }
  }
}
