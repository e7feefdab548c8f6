package io.starling.node.watch;

import io.starling.crdt.cell.Path;
import io.starling.crdt.read.View;
import io.starling.node.space.Watch;
import io.starling.node.space.WatchEvent;
import io.starling.node.space.WatchEvent.Cause;
import io.starling.replica.message.Token;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.read.Changed;
import io.starling.replica.read.LogBudget;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.read.TooLargeException;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One watch: the loop's thread notes changed keys and hands out what is to be told, a virtual
/// thread of the watch's own reads that and tells the listener.
final class RunningWatch implements Watch {

  private static final Logger LOG = LoggerFactory.getLogger(RunningWatch.class);
  private static final int PAGE = 1_000;

  // What an entry of the set takes beside its name.
  private static final int KEY_BYTES = 64;

  private final WatchHub hub;
  private final String prefix;
  private final Listener listener;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private TreeSet<String> pending = new TreeSet<>();
  private long pendingBytes;
  private Optional<Cause> mustResync = Optional.empty();
  private Optional<Task> task = Optional.empty();
  private Optional<Token> told = Optional.empty();
  private Optional<End> end = Optional.empty();
  private boolean wantsToken;
  private boolean isBusy = true;
  private boolean isClosed;

  RunningWatch(WatchHub hub, String prefix, Listener listener) {
    this.hub = hub;
    this.prefix = prefix;
    this.listener = listener;
  }

  /// What is to be told next, read at a snapshot.
  private record Task(Content content, SharedSnapshot snapshot) {}

  private sealed interface Content {
    record Changes(SortedSet<String> keys) implements Content {}

    record Since(Token token) implements Content {}

    record State(Optional<Cause> instead) implements Content {}
  }

  @Override
  public void close() {
    locked(() -> isClosed = true);
  }

  /// Starts its thread, which waits for what is to be told.
  void start() {
    Thread.ofVirtual().name("watch").start(this::run);
  }

  /// Begins to note changes after the snapshot, and tells what leads up to it.
  void begin(From from, SharedSnapshot snapshot) {
    Content content =
        switch (from) {
          case From.State() -> new Content.State(Optional.empty());
          case From.Now() -> new Content.Changes(new TreeSet<>());
          case From.Resume(var token) -> new Content.Since(token);
        };
    locked(() -> give(content, snapshot));
  }

  /// Notes what changed under the prefix.
  ///
  /// @return what all that waits takes now
  long note(SortedSet<String> keys) {
    lock.lock();
    try {
      for (var key : keys.tailSet(prefix)) {
        if (!key.startsWith(prefix)) {
          break;
        }
        if (pending.add(key)) {
          pendingBytes += KEY_BYTES + key.length();
        }
      }
      if (pending.size() > PENDING_KEYS_MAX) {
        resync(Cause.TOO_MANY_CHANGES);
      }
      news.signalAll();
      return pendingBytes;
    } finally {
      lock.unlock();
    }
  }

  /// The state is to be told anew.
  void resync(Cause cause) {
    locked(() -> {
      pending.clear();
      pendingBytes = 0;
      mustResync = Optional.of(cause);
    });
  }

  /// Whether something would be taken.
  ///
  /// @param now what is applied
  boolean wants(Token now) {
    lock.lock();
    try {
      boolean hasNews =
          !pending.isEmpty()
              || mustResync.isPresent()
              || (wantsToken && !told.equals(Optional.of(now)));
      return hasNews && !isBusy && !isClosed && end.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /// Takes what is pending, to be read at the snapshot.
  void take(SharedSnapshot snapshot) {
    locked(() -> {
      Content content =
          mustResync.isPresent() ? new Content.State(mustResync) : new Content.Changes(pending);
      mustResync = Optional.empty();
      pending = new TreeSet<>();
      pendingBytes = 0;
      give(content, snapshot);
    });
  }

  /// Whether nothing will be told any more.
  boolean isOver() {
    lock.lock();
    try {
      return isClosed;
    } finally {
      lock.unlock();
    }
  }

  /// Changed keys that wait to be told.
  int pendingKeys() {
    lock.lock();
    try {
      return pending.size();
    } finally {
      lock.unlock();
    }
  }

  /// What these take, if no other watch has the same names.
  long pendingBytes() {
    lock.lock();
    try {
      return pendingBytes;
    } finally {
      lock.unlock();
    }
  }

  void end(End why) {
    locked(() -> end = end.or(() -> Optional.of(why)));
  }

  private void give(Content content, SharedSnapshot snapshot) {
    if (isClosed || end.isPresent()) {
      snapshot.release();
      return;
    }
    task = Optional.of(new Task(content, snapshot));
    wantsToken = false;
    isBusy = true;
  }

  private void run() {
    try {
      while (!isOverFor(next())) {
        hub.wake();
      }
      var last = lastWord();
      last.ifPresent(hub.meter()::watchEnded);
      last.ifPresent(listener::ended);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException fromListener) {
      LOG.warn("a watch is over, for its listener failed", fromListener);
    } finally {
      locked(() -> {
        isClosed = true;
        task.ifPresent(left -> left.snapshot().release());
        task = Optional.empty();
      });
    }
  }

  private boolean isOverFor(Optional<Task> next) throws InterruptedException {
    if (next.isPresent()) {
      tell(next.get());
      locked(() -> isBusy = false);
      return false;
    }
    lock.lock();
    try {
      if (isClosed || end.isPresent()) {
        return true;
      }
      wantsToken = true;
    } finally {
      lock.unlock();
    }
    listener.tell(new WatchEvent.Ping());
    return false;
  }

  /// What is to be told next; empty when the watch is over, or nothing happens for a while.
  private Optional<Task> next() throws InterruptedException {
    lock.lock();
    try {
      long left = PING.toNanos();
      while (task.isEmpty() && end.isEmpty() && !isClosed && left > 0) {
        left = news.awaitNanos(left);
      }
      var next = isClosed || end.isPresent() ? Optional.<Task>empty() : task;
      if (next.isPresent()) {
        task = Optional.empty();
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  private Optional<End> lastWord() {
    lock.lock();
    try {
      return isClosed ? Optional.empty() : end;
    } finally {
      lock.unlock();
    }
  }

  private void tell(Task next) throws InterruptedException {
    var telling = new Telling(next.snapshot());
    try {
      switch (next.content()) {
        case Content.Changes(var keys) -> telling.changes(keys);
        case Content.Since(var token) -> telling.since(token);
        case Content.State(var instead) -> telling.state(instead);
      }
    } catch (StorageFailure failure) {
      LOG.warn("a watch is over, for the store failed: {}", failure.getMessage());
      end(End.UNAVAILABLE);
    } finally {
      next.snapshot().release();
    }
  }

  /// The telling of one task. It stops when the watch is over, and so does the look for what to
  /// tell.
  private final class Telling implements LogBudget {
    private final SpaceReader reader;
    private final Token token;
    private final long until = System.nanoTime() + hub.tellingMax().toNanos();

    private Telling(SharedSnapshot snapshot) {
      this.reader = snapshot.reader();
      this.token = snapshot.token();
    }

    @Override
    public boolean allows(long batches) {
      return batches <= RESUME_BATCHES_MAX;
    }

    @Override
    public boolean goesOn(int bytes) {
      return isGoingOn();
    }

    private void since(Token resume) throws InterruptedException {
      switch (reader.changedSince(resume, PENDING_KEYS_MAX, this)) {
        case Changed.Keys(var keys) -> {
          var under = new TreeSet<>(keys);
          under.removeIf(key -> !key.startsWith(prefix));
          changes(under);
        }
        case Changed.TooMany(), Changed.OverBudget() -> state(Optional.of(Cause.TOO_MANY_CHANGES));
        case Changed.BehindLog() -> state(Optional.of(Cause.BEHIND_LOG));
      }
    }

    private void changes(SortedSet<String> keys) throws InterruptedException {
      for (var key : keys) {
        tell(new WatchEvent.Change(key, view(key)));
      }
      upToDate();
    }

    private void state(Optional<Cause> instead) throws InterruptedException {
      if (instead.isPresent()) {
        hub.meter().resynced(instead.get());
        tell(new WatchEvent.Resync(instead.get()));
      }
      tell(new WatchEvent.SnapshotBegin(token));
      var after = "";
      boolean hasMore = true;
      while (hasMore && isGoingOn()) {
        var page = reader.keys(prefix, after, PAGE);
        for (var key : page.keys()) {
          tell(new WatchEvent.Row(key, view(key)));
        }
        hasMore = page.more();
        after = page.keys().isEmpty() ? after : page.keys().getLast();
      }
      tell(new WatchEvent.SnapshotEnd(token));
      upToDate();
    }

    private Optional<View> view(String key) {
      try {
        return Optional.of(reader.view(Path.of(key), ELEMENTS_MAX));
      } catch (TooLargeException _) {
        return Optional.empty();
      }
    }

    private void upToDate() throws InterruptedException {
      tell(new WatchEvent.UpToDate(token));
      locked(() -> told = Optional.of(token));
    }

    private void tell(WatchEvent event) throws InterruptedException {
      if (isGoingOn()) {
        listener.tell(event);
      }
    }

    private boolean isGoingOn() {
      if (System.nanoTime() - until > 0) {
        end(End.SLOW);
      }
      lock.lock();
      try {
        return !isClosed && end.isEmpty();
      } finally {
        lock.unlock();
      }
    }
  }

  private void locked(Runnable change) {
    lock.lock();
    try {
      change.run();
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
