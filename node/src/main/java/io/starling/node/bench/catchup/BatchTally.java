package io.starling.node.bench.catchup;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.loop.LoopObserver;
import io.starling.replica.Effect;
import java.time.Duration;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The batches that a member has applied in one space, by author. Safe to use from any thread.
final class BatchTally implements LoopObserver {

  private final TreeMap<KeyFingerprint, Sum> sums = new TreeMap<>();

  /// @param bytes of their bodies and signatures
  record Sum(long batches, long bytes) {
    static final Sum NONE = new Sum(0, 0);

    Sum plus(Sum other) {
      return new Sum(batches + other.batches, bytes + other.bytes);
    }

    Sum minus(Sum other) {
      return new Sum(batches - other.batches, bytes - other.bytes);
    }
  }

  @Override
  public synchronized void applied(Effect.Applied applied) {
    var batch = applied.batch();
    sums.merge(batch.batch().replica().key(), new Sum(1, batch.bytes()), Sum::plus);
    notifyAll();
  }

  /// What an author wrote.
  synchronized Sum by(KeyFingerprint author) {
    return sums.getOrDefault(author, Sum.NONE);
  }

  /// Waits until so many of an author's are applied.
  synchronized void await(KeyFingerprint author, long batches, Duration most)
      throws InterruptedException, TimeoutException {
    long end = System.nanoTime() + most.toNanos();
    while (by(author).batches() < batches) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new TimeoutException(by(author).batches() + " of " + batches + " batches came");
      }
      wait(left);
    }
  }
}
