package io.starling.node.hosting;

import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Supplier;

/// What a node lets in, all its spaces alike. Safe to use from any thread.
///
/// A node that leaves closes it in two steps. First it takes no writes of clients, and gives no
/// acknowledgements: whoever counts copies must not count one that goes. When others have nearly
/// all, it takes no batches either, so that there is an end to what it must hand over.
final class SpaceGate {

  private final ReadWriteLock writes = new ReentrantReadWriteLock();
  private Optional<String> objection = Optional.empty();
  private Optional<String> dismissal = Optional.empty();
  private volatile boolean isLeaving;
  private volatile boolean isSealed;

  /// Submits a client's transaction, or says why not.
  ///
  /// @param submit does not block
  <T> T pass(Supplier<T> submit, Function<String, T> refuse) {
    writes.readLock().lock();
    try {
      return dismissal.or(() -> objection).map(refuse).orElseGet(submit);
    } finally {
      writes.readLock().unlock();
    }
  }

  /// When this returns no transaction of a client is submitted any more.
  void close(String why) {
    isLeaving = true;
    writes.writeLock().lock();
    try {
      objection = Optional.of(why);
    } finally {
      writes.writeLock().unlock();
    }
  }

  /// From when this returns no transaction of a client is submitted any more, for good.
  void dismiss(String why) {
    writes.writeLock().lock();
    try {
      dismissal = Optional.of(why);
    } finally {
      writes.writeLock().unlock();
    }
  }

  /// Lets everything in again, unless the node was dismissed.
  void open() {
    isSealed = false;
    isLeaving = false;
    writes.writeLock().lock();
    try {
      objection = Optional.empty();
    } finally {
      writes.writeLock().unlock();
    }
  }

  void seal(boolean isSealed) {
    this.isSealed = isSealed;
  }

  boolean acknowledges() {
    return !isLeaving;
  }

  boolean isSealed() {
    return isSealed;
  }
}
