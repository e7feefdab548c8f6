package io.starling.node.watch;

import io.starling.node.loop.LoopObserver;
import io.starling.node.loop.SpaceLoop;
import io.starling.node.space.Space.Coverage;
import io.starling.node.space.Watch;
import io.starling.node.storage.SpaceStore;
import io.starling.replica.Effect;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.read.Changed;
import io.starling.replica.read.SpaceReader;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

  /// Watches of one space; a further one is ended with OVERRUN at once.
  public static final int WATCHES_MAX = 1_024;

  private static final Logger LOG = LoggerFactory.getLogger(WatchHub.class);

  private final SpaceId space;
  private final SpaceStore store;
  private final Set<RunningWatch> watches = new LinkedHashSet<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicBoolean isWoken = new AtomicBoolean();
  private volatile Optional<SpaceLoop> loop = Optional.empty();

  public WatchHub(SpaceId space, SpaceStore store) {
    this.space = space;
    this.store = store;
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
      Optional<Token> resume,
      Watch.Listener listener,
      Function<Token, CompletionStage<Coverage>> coverage) {
    var watch = new RunningWatch(this, prefix, listener);
    if (count.get() >= WATCHES_MAX) {
      watch.endUnbegun(Watch.End.OVERRUN);
    } else if (resume.isEmpty()) {
      begin(watch, resume);
    } else {
      coverage
          .apply(resume.get())
          .thenAccept(found -> {
            switch (found) {
              case COVERED -> begin(watch, resume);
              case NOT_YET -> watch.endUnbegun(Watch.End.NOT_YET);
              case FOREIGN -> watch.endUnbegun(Watch.End.FOREIGN_TOKEN);
            }
          });
    }
    return watch;
  }

  @Override
  public void applied(Effect.Applied applied) {
    watches.forEach(watch -> watch.note(applied.keys()));
  }

  @Override
  public void turned() {
    isWoken.set(false);
    watches.removeIf(RunningWatch::isOver);
    count.set(watches.size());
    var waiting = watches.stream().filter(RunningWatch::wantsGroup).toList();
    if (!waiting.isEmpty()) {
      cut(waiting);
    }
  }

  @Override
  public void reopened(Token before) {
    var missed = new SpaceReader(space, store.live()).changedSince(before, Watch.PENDING_KEYS_MAX);
    switch (missed) {
      case Changed.Keys(var keys) -> watches.forEach(watch -> watch.note(keys));
      case Changed.TooMany(), Changed.BehindLog() ->
          watches.forEach(watch -> watch.end(Watch.End.OVERRUN));
    }
  }

  @Override
  public void stopped() {
    List.copyOf(watches).forEach(watch -> watch.end(Watch.End.STOPPING));
    watches.clear();
  }

  /// Has the loop look whether a watch wants a group.
  void wake() {
    if (isWoken.compareAndSet(false, true)) {
      loop.ifPresent(it -> it.execute(() -> {}));
    }
  }

  private void begin(RunningWatch watch, Optional<Token> resume) {
    boolean isRunning = loop.isPresent() && loop.get().execute(() -> add(watch, resume));
    if (!isRunning) {
      watch.endUnbegun(Watch.End.STOPPING);
    }
  }

  private void add(RunningWatch watch, Optional<Token> resume) {
    try {
      var token = loop.orElseThrow().applied();
      watch.begin(resume, new SharedSnapshot(space, store.snapshot(), token));
      watches.add(watch);
    } catch (StorageFailure failure) {
      LOG.warn("a watch cannot begin: {}", failure.getMessage());
      watch.endUnbegun(Watch.End.STOPPING);
    }
  }

  private void cut(List<RunningWatch> waiting) {
    try {
      var token = loop.orElseThrow().applied();
      var snapshot = new SharedSnapshot(space, store.snapshot(), token);
      waiting.forEach(watch -> watch.take(snapshot.share()));
      snapshot.release();
    } catch (StorageFailure failure) {
      LOG.warn("watches wait, for the store cannot be read: {}", failure.getMessage());
    }
  }
}
