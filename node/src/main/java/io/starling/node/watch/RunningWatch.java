package io.starling.node.watch;

import io.starling.crdt.cell.Path;
import io.starling.node.space.Watch;
import io.starling.replica.message.Token;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.read.Changed;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.read.TooLargeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One watch: the loop's thread notes changed keys and hands out groups, a virtual thread of the
/// watch's own reads them and tells the listener.
final class RunningWatch implements Watch {

  private static final Logger LOG = LoggerFactory.getLogger(RunningWatch.class);
  private static final int PART_MAX = 1_000;
  private static final int WANTED_MAX = 1_024;

  private final WatchHub hub;
  private final String prefix;
  private final Listener listener;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private TreeSet<String> pending = new TreeSet<>();
  private Optional<Group> group = Optional.empty();
  private Optional<End> end = Optional.empty();
  private int wanted = 1;
  private boolean isBusy;
  private boolean isClosed;

  RunningWatch(WatchHub hub, String prefix, Listener listener) {
    this.hub = hub;
    this.prefix = prefix;
    this.listener = listener;
  }

  /// What is to be told next.
  ///
  /// @param since read the keys changed since then from the log, instead of `keys`
  private record Group(SortedSet<String> keys, Optional<Token> since, SharedSnapshot snapshot) {}

  @Override
  public void close() {
    locked(() -> isClosed = true);
  }

  @Override
  public void ready() {
    locked(() -> wanted = Math.min(wanted + 1, WANTED_MAX));
    hub.wake();
  }

  /// Begins to note changes after the snapshot; its first group leads up to it.
  void begin(Optional<Token> resume, SharedSnapshot snapshot) {
    locked(() -> {
      group = Optional.of(new Group(new TreeSet<>(), resume, snapshot));
      wanted--;
      isBusy = true;
    });
    Thread.ofVirtual().name("watch").start(this::run);
  }

  /// Notes what changed under the prefix.
  void note(SortedSet<String> keys) {
    locked(() -> {
      for (var key : keys.tailSet(prefix)) {
        if (!key.startsWith(prefix)) {
          break;
        }
        pending.add(key);
      }
      if (pending.size() > PENDING_KEYS_MAX) {
        pending.clear();
        end = Optional.of(End.OVERRUN);
      }
    });
  }

  /// Whether a group would be taken.
  boolean wantsGroup() {
    lock.lock();
    try {
      return wanted > 0 && !isBusy && !isClosed && end.isEmpty() && !pending.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /// Takes what is pending as a group, read at the snapshot.
  void take(SharedSnapshot snapshot) {
    locked(() -> {
      if (isClosed) {
        snapshot.release();
        return;
      }
      group = Optional.of(new Group(pending, Optional.empty(), snapshot));
      pending = new TreeSet<>();
      wanted--;
      isBusy = true;
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

  void end(End why) {
    locked(() -> end = end.or(() -> Optional.of(why)));
  }

  /// Ends a watch whose thread was never started.
  void endUnbegun(End why) {
    end(why);
    Thread.ofVirtual().name("watch").start(() -> lastWord().ifPresent(listener::ended));
  }

  private void run() {
    try {
      for (var next = await(); next.isPresent(); next = await()) {
        tell(next.get());
        locked(() -> isBusy = false);
        hub.wake();
      }
      lastWord().ifPresent(listener::ended);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException fromListener) {
      LOG.warn("a watch is over, for its listener failed", fromListener);
    } finally {
      locked(() -> {
        isClosed = true;
        group.ifPresent(left -> left.snapshot().release());
      });
    }
  }

  /// The next group; empty when the watch is over.
  private Optional<Group> await() throws InterruptedException {
    lock.lock();
    try {
      while (group.isEmpty() && end.isEmpty() && !isClosed) {
        news.await();
      }
      var next = isClosed || end.isPresent() ? Optional.<Group>empty() : group;
      if (next.isPresent()) {
        group = Optional.empty();
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

  private void tell(Group next) {
    try {
      var reader = next.snapshot().reader();
      keys(next, reader).ifPresent(keys -> tell(keys, reader, next.snapshot().token()));
    } catch (TooLargeException tooLarge) {
      end(End.TOO_LARGE);
    } catch (StorageFailure failure) {
      LOG.warn("a watch is over, for the store failed: {}", failure.getMessage());
      end(End.OVERRUN);
    } finally {
      next.snapshot().release();
    }
  }

  /// The keys of a group; empty if the watch is over instead.
  private Optional<SortedSet<String>> keys(Group next, SpaceReader reader) {
    if (next.since().isEmpty()) {
      return Optional.of(next.keys());
    }
    return switch (reader.changedSince(next.since().get(), PENDING_KEYS_MAX)) {
      case Changed.Keys(var keys) -> {
        var under = new TreeSet<>(keys);
        under.removeIf(key -> !key.startsWith(prefix));
        yield Optional.of(under);
      }
      case Changed.TooMany(), Changed.BehindLog() -> {
        end(End.BEHIND_LOG);
        yield Optional.empty();
      }
    };
  }

  private void tell(SortedSet<String> keys, SpaceReader reader, Token token) {
    var part = new ArrayList<Change>();
    for (var key : keys) {
      if (part.size() == PART_MAX) {
        tell(part, token, false);
        part.clear();
      }
      part.add(new Change(key, reader.view(Path.of(key), ELEMENTS_MAX)));
    }
    tell(part, token, true);
  }

  private void tell(List<Change> part, Token token, boolean last) {
    lock.lock();
    try {
      if (isClosed) {
        return;
      }
    } finally {
      lock.unlock();
    }
    listener.changed(List.copyOf(part), token, last);
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
