package io.starling.client;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// How many events a subscriber wants, and whether it still wants any.
final class Demand {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long wanted;
  private boolean isCancelled;

  void add(long more) {
    locked(() -> wanted = wanted + more < 0 ? Long.MAX_VALUE : wanted + more);
  }

  void cancel() {
    locked(() -> isCancelled = true);
  }

  boolean isCancelled() {
    lock.lock();
    try {
      return isCancelled;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until something is wanted.
  ///
  /// @return whether it is; false if cancelled
  boolean await() throws InterruptedException {
    lock.lock();
    try {
      while (wanted == 0 && !isCancelled) {
        changed.await();
      }
      return !isCancelled;
    } finally {
      lock.unlock();
    }
  }

  /// Waits until something is wanted, and takes it.
  boolean take() throws InterruptedException {
    lock.lock();
    try {
      if (!await()) {
        return false;
      }
      wanted -= wanted == Long.MAX_VALUE ? 0 : 1;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Waits, less long if cancelled.
  void pause(Duration time) throws InterruptedException {
    lock.lock();
    try {
      long left = time.toNanos();
      while (left > 0 && !isCancelled) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void locked(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
