package io.starling.node.memory;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.Path;
import io.starling.crdt.read.View;
import io.starling.node.space.Durability;
import io.starling.node.space.Level;
import io.starling.node.space.Snapshot;
import io.starling.node.space.Space;
import io.starling.node.space.Watch;
import io.starling.node.space.WatchEvent;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.Replica;
import io.starling.replica.batch.BatchEncoding;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.membership.MembershipPort;
import io.starling.replica.message.Token;
import io.starling.replica.port.MemoryState;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import io.starling.replica.request.Submission;
import io.starling.replica.status.SpaceStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// A space in memory: the real engine, with a lock for its loop.
///
/// Outcomes can be held back, as a loop that is busy would.
public final class MemorySpace implements Space {

  private final String name;
  private final SpaceId id;
  private final MemoryState state = new MemoryState();
  private final Replica replica;
  private final List<MemoryWatch> watches = new ArrayList<>();
  private final List<Runnable> held = new ArrayList<>();
  private boolean isHolding;
  private int outstandingMax;
  private long submissions;

  MemorySpace(ClusterId cluster, KeyFingerprint key, String name) {
    this.name = name;
    this.id = SpaceId.of(cluster, name, 0);
    this.replica =
        Replica.open(
            new Replica.Setup(
                cluster,
                id,
                key,
                new byte[32],
                Limits.DEFAULT,
                state,
                state,
                _ -> new byte[64],
                Optional.empty(),
                new Alone(key),
                Proof.NEEDED),
            Instant.now());
  }

  /// A cluster of one, of this version.
  private record Alone(KeyFingerprint key) implements MembershipPort {
    @Override
    public SortedSet<KeyFingerprint> members() {
      return new TreeSet<>(List.of(key));
    }

    @Override
    public int batchFormat(List<KeyFingerprint> reachable) {
      return BatchEncoding.FORMAT;
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public SpaceId id() {
    return id;
  }

  /// Holds outcomes back from now on.
  public synchronized void hold() {
    isHolding = true;
  }

  /// Lets the outcomes held back go, and those to come.
  public void release() {
    List<Runnable> all;
    synchronized (this) {
      isHolding = false;
      all = List.copyOf(held);
      held.clear();
    }
    all.forEach(Runnable::run);
  }

  /// The most outcomes that were held back at once.
  public synchronized int outstandingMax() {
    return outstandingMax;
  }

  @Override
  public CompletionStage<Outcome> submit(Request request) {
    var outcome = new CompletableFuture<Outcome>();
    boolean isHeld;
    synchronized (this) {
      var submission = new Submission(++submissions, request);
      var effects = replica.on(new Event.Submitted(List.of(submission)), Instant.now());
      effects.forEach(effect -> interpret(effect, outcome));
      isHeld = isHolding;
    }
    if (!isHeld) {
      release();
    }
    return outcome;
  }

  @Override
  public Optional<String> objection(Level level) {
    boolean isHopeless = level instanceof Level.Members(int count) && count > 2;
    return isHopeless ? Optional.of("this node knows of 2; ask for fewer") : Optional.empty();
  }

  /// Nobody else is here to acknowledge anything.
  @Override
  public CompletionStage<Durability> acknowledge(Token token, Level level, Duration wait) {
    boolean isReached = level instanceof Level.Local;
    var summary = isReached ? "durable here" : "durable here and on 0 of 2 asked";
    return CompletableFuture.completedStage(
        new Durability(token, isReached, summary, List.of(), List.of("two", "three")));
  }

  private void interpret(Effect effect, CompletableFuture<Outcome> outcome) {
    switch (effect) {
      case Effect.Persist(var changes) -> state.persist(changes);
      case Effect.Answer(_, var answer) -> {
        held.add(() -> outcome.complete(answer));
        outstandingMax = Math.max(outstandingMax, held.size());
      }
      case Effect.Applied(_, var keys, _) -> watches.forEach(w -> w.add(keys));
      case Effect.Send _, Effect.Alarm _, Effect.Acknowledged _ -> {}
      case Effect.Adopted _, Effect.Again _, Effect.Damaged _ -> {}
    }
  }

  @Override
  public synchronized CompletionStage<Coverage> covers(Token token, Duration wait) {
    return CompletableFuture.completedStage(
        switch (new SpaceReader(id, state).coverage(token)) {
          case COVERED -> Coverage.COVERED;
          case NOT_YET -> Coverage.NOT_YET;
          case FOREIGN -> Coverage.FOREIGN;
        });
  }

  @Override
  public synchronized Snapshot read() {
    var reader = new SpaceReader(id, state.copy());
    return new Snapshot() {
      @Override
      public SpaceReader reader() {
        return reader;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public synchronized SpaceStatus status() {
    return replica.status();
  }

  @Override
  public synchronized Watch watch(String prefix, Watch.From from, Watch.Listener listener) {
    var watch = new MemoryWatch(prefix, from, listener);
    watches.add(watch);
    Thread.startVirtualThread(watch::run);
    return watch;
  }

  /// Ends all watches.
  public void end(Watch.End end) {
    List<MemoryWatch> all;
    synchronized (this) {
      all = List.copyOf(watches);
      watches.clear();
    }
    all.forEach(watch -> watch.end(end));
  }

  /// How many watches run.
  public synchronized int watchCount() {
    return watches.size();
  }

  /// Gathers changed keys until its listener has taken those before.
  private final class MemoryWatch implements Watch {

    private final String prefix;
    private final From from;
    private final Listener listener;
    private final SortedSet<String> changed = new TreeSet<>();
    private Optional<End> end = Optional.empty();
    private boolean isClosed;

    MemoryWatch(String prefix, From from, Listener listener) {
      this.prefix = prefix;
      this.from = from;
      this.listener = listener;
    }

    void add(SortedSet<String> keys) {
      keys.stream().filter(key -> key.startsWith(prefix)).forEach(changed::add);
      MemorySpace.this.notifyAll();
    }

    void end(End why) {
      synchronized (MemorySpace.this) {
        end = Optional.of(why);
        MemorySpace.this.notifyAll();
      }
    }

    private void run() {
      try {
        begin();
        for (var events = next(); !events.isEmpty(); events = next()) {
          for (var event : events) {
            listener.tell(event);
          }
        }
        end.ifPresent(listener::ended);
      } catch (InterruptedException stopped) {
        Thread.currentThread().interrupt();
      }
    }

    private void begin() throws InterruptedException {
      SpaceReader reader;
      synchronized (MemorySpace.this) {
        reader = new SpaceReader(id, state.copy());
      }
      var token = reader.token();
      if (from instanceof From.State) {
        listener.tell(new WatchEvent.SnapshotBegin(token));
        for (var key : reader.keys(prefix, "", 1_000).keys()) {
          listener.tell(new WatchEvent.Row(key, view(reader, key)));
        }
        listener.tell(new WatchEvent.SnapshotEnd(token));
      }
      listener.tell(new WatchEvent.UpToDate(token));
    }

    private List<WatchEvent> next() throws InterruptedException {
      synchronized (MemorySpace.this) {
        while (changed.isEmpty() && end.isEmpty() && !isClosed) {
          MemorySpace.this.wait();
        }
        var events = new ArrayList<WatchEvent>();
        if (end.isEmpty() && !isClosed) {
          var reader = new SpaceReader(id, state.copy());
          changed.forEach(key -> events.add(new WatchEvent.Change(key, view(reader, key))));
          changed.clear();
          events.add(new WatchEvent.UpToDate(reader.token()));
        }
        return events;
      }
    }

    private static Optional<View> view(SpaceReader reader, String key) {
      return Optional.of(reader.view(Path.of(key), 1_000));
    }

    @Override
    public void close() {
      synchronized (MemorySpace.this) {
        watches.remove(this);
        isClosed = true;
        MemorySpace.this.notifyAll();
      }
    }
  }
}
