package io.starling.node.hosting;

import io.starling.node.storage.NodeStore;
import io.starling.node.storage.Rebuilding;
import io.starling.node.storage.Remains;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.StorageFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The stores of this node that were found damaged and set aside, while its store is made anew: who
/// reads them has them open, so one space does at a time. Safe to use from any thread.
final class DamagedStores {

  private static final Logger LOG = LoggerFactory.getLogger(DamagedStores.class);

  /// After so many looks what cannot be opened counts as lost.
  static final int LOOKS_MAX = 6;

  /// Before the second look; twice as long each time before a further one.
  static final Duration PAUSE = Duration.ofSeconds(1);

  private final NodeStore store;
  private final SpaceId system;
  private final Optional<Rebuilding> begun;
  private final Duration pause;
  private final ReentrantLock turn = new ReentrantLock();
  private volatile Known known = new Known(Collections.emptySortedSet(), Set.of(), false, 0);
  private volatile boolean isClosed;

  /// @param system `_system`, which every store has had
  /// @param pause before the second look at what could not be opened
  DamagedStores(NodeStore store, SpaceId system, Duration pause) {
    this.store = store;
    this.system = system;
    this.pause = pause;
    this.begun = store.rebuilding();
  }

  /// What is known of the spaces that they have.
  ///
  /// @param unread which of them cannot be opened, or have lost it
  /// @param isAll whether all of them could be read
  private record Known(SortedSet<SpaceId> spaces, Set<Path> unread, boolean isAll, int looks) {}

  /// What is done with them while they are open.
  interface Reading<T> {
    T of(List<Remains> remains) throws InterruptedException;
  }

  /// Whether the store is being made anew.
  boolean isAny() {
    return store.rebuilding().isPresent();
  }

  /// What was found.
  String reason() {
    return rebuilding().reason();
  }

  /// Where they are, for people.
  String places() {
    return rebuilding().setAside().toString();
  }

  /// How many there are, those that cannot be opened included.
  int count() {
    return rebuilding().setAside().size();
  }

  private Rebuilding rebuilding() {
    return begun.orElseThrow();
  }

  /// Waits for its turn, opens all that can be opened, the latest first, and closes them again.
  <T> T read(Reading<T> reading) throws InterruptedException {
    turn.lockInterruptibly();
    try {
      var remains = rebuilding().remains();
      try {
        return reading.of(remains);
      } finally {
        remains.forEach(Remains::close);
      }
    } finally {
      turn.unlock();
    }
  }

  /// Looks up which spaces they have. What cannot be opened now is tried again a few times.
  ///
  /// @param again is run after each further look
  void look(Runnable again) {
    if (isSettled()) {
      return;
    }
    try {
      lookNow();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      return;
    }
    if (!isSettled() && !isClosed) {
      CompletableFuture.delayedExecutor(pause(known.looks()).toMillis(), TimeUnit.MILLISECONDS)
          .execute(() -> Thread.ofVirtual().name("damaged-stores").start(() -> lookAgain(again)));
    }
  }

  private void lookNow() throws InterruptedException {
    turn.lockInterruptibly();
    try {
      if (!isClosed) {
        read(this::note);
      }
    } finally {
      turn.unlock();
    }
  }

  /// How long to wait before the next look, after so many.
  private Duration pause(int looks) {
    return pause.multipliedBy(1L << (looks - 1));
  }

  /// Reads all of them that can be opened: once all can, or else after a few looks.
  <T> T readAll(Reading<T> reading) throws InterruptedException {
    for (int looks = 1; looks < LOOKS_MAX && known.looks() < LOOKS_MAX; looks++) {
      var all =
          read(remains ->
              remains.size() == count() ? Optional.of(reading.of(remains)) : Optional.<T>empty());
      if (all.isPresent()) {
        return all.get();
      }
      Thread.sleep(pause(looks));
    }
    return read(reading);
  }

  private void lookAgain(Runnable again) {
    look(again);
    if (!isClosed) {
      again.run();
    }
  }

  /// Looks no more, once who reads now is done.
  void close() {
    turn.lock();
    try {
      isClosed = true;
    } finally {
      turn.unlock();
    }
  }

  private boolean note(List<Remains> remains) {
    var spaces = new TreeSet<>(known.spaces());
    var unread = new TreeSet<>(rebuilding().setAside());
    for (var left : remains) {
      try {
        spaces.addAll(left.spaces());
        if (isTableThere(left)) {
          unread.remove(left.place());
        }
      } catch (StorageFailure unreadable) {
        LOG.warn("{}", unreadable.getMessage());
      }
    }
    boolean isAll = unread.isEmpty() && remains.size() == count();
    known =
        new Known(
            Collections.unmodifiableSortedSet(spaces),
            Collections.unmodifiableSortedSet(unread),
            isAll,
            known.looks() + 1);
    return isAll;
  }

  /// Whether it can be told from one of them which spaces it had: a table without `_system` has
  /// lost at least that.
  ///
  /// @throws StorageFailure if the table cannot be read
  boolean isTableThere(Remains left) {
    return left.spaces().contains(system);
  }

  /// Whether all is known of them that can be: one that could not be opened may be later.
  boolean isSettled() {
    return !isAny() || known.isAll() || known.looks() >= LOOKS_MAX;
  }

  /// The spaces that they are known to have.
  SortedSet<SpaceId> spaces() {
    return known.spaces();
  }

  /// Whether they have a space that is not made anew yet.
  boolean have(SpaceId id) {
    return isToBeMade(id) && spaces().contains(id);
  }

  /// Whether nothing of a space that is open here is left to be read in them, or waited for in
  /// their stead: that is for who makes it anew to say, also if they cannot be opened.
  boolean isWhole(SpaceId id) {
    return !isToBeMade(id);
  }

  /// Which of them count as lost: they could not be opened, or have lost which spaces they had.
  Set<Path> lost() {
    return isAny() && isSettled() ? known.unread() : Set.of();
  }

  /// Whether a space is not made anew yet.
  boolean isToBeMade(SpaceId id) {
    return store.rebuilding().filter(it -> !it.isDone(id)).isPresent();
  }

  /// Notes durably that a space has all that it can have.
  void done(SpaceId id) {
    rebuilding().done(id);
  }

  /// Notes durably that all spaces have.
  void over() {
    rebuilding().over();
  }
}
