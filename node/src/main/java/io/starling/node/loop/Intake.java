package io.starling.node.loop;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.message.Message;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// What waits for a loop, bounded. Safe to use from any thread; one thread takes.
final class Intake {

  /// Tasks that may wait; each watch has at most two.
  static final int TASKS_MAX = 4_096;

  private final QueueLimits limits;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private final Deque<Waiting> submissions = new ArrayDeque<>();
  private final Deque<Arrival> arrivals = new ArrayDeque<>();
  private final List<Runnable> tasks = new ArrayList<>();
  private final Map<KeyFingerprint, Boolean> peers = new LinkedHashMap<>();
  private long submissionBytes;
  private long arrivalBytes;
  private List<SignedBatch> recovered = List.of();
  private boolean systemAdvanced;
  private boolean isClosed;

  Intake(QueueLimits limits) {
    this.limits = limits;
  }

  /// A submission with whom to tell.
  record Waiting(Submission submission, CompletableFuture<Outcome> answer, long bytes) {}

  /// A message with whom it came from.
  record Arrival(KeyFingerprint peer, Message message, long bytes) {}

  /// What one turn of the loop works on.
  ///
  /// @param peers who came up or went down since the last turn
  record Turn(
      List<Waiting> submissions,
      List<Arrival> arrivals,
      Map<KeyFingerprint, Boolean> peers,
      List<Runnable> tasks,
      List<SignedBatch> recovered,
      boolean systemAdvanced) {}

  /// How an offer went.
  enum Offer {
    TAKEN,
    FULL,
    CLOSED
  }

  Offer submit(Waiting waiting) {
    lock.lock();
    try {
      if (isClosed) {
        return Offer.CLOSED;
      }
      // A transaction larger than all room is still taken when nothing waits: the engine answers.
      boolean noRoom =
          !submissions.isEmpty() && submissionBytes + waiting.bytes() > limits.submissionBytes();
      if (submissions.size() >= limits.submissions() || noRoom) {
        return Offer.FULL;
      }
      submissions.addLast(waiting);
      submissionBytes += waiting.bytes();
      news.signal();
      return Offer.TAKEN;
    } finally {
      lock.unlock();
    }
  }

  /// Whether so many bytes would be taken now.
  boolean hasRoom(long bytes) {
    lock.lock();
    try {
      boolean isFull = !arrivals.isEmpty() && arrivalBytes + bytes > limits.arrivalBytes();
      return !isClosed && arrivals.size() < limits.arrivals() && !isFull;
    } finally {
      lock.unlock();
    }
  }

  boolean arrive(Arrival arrival) {
    lock.lock();
    try {
      if (!hasRoom(arrival.bytes())) {
        return false;
      }
      arrivals.addLast(arrival);
      arrivalBytes += arrival.bytes();
      news.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Whether the task will run on the loop's thread.
  boolean run(Runnable task) {
    lock.lock();
    try {
      if (isClosed || tasks.size() >= TASKS_MAX) {
        return false;
      }
      tasks.add(task);
      news.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Takes batches of an earlier store, unless others still wait.
  boolean recover(List<SignedBatch> batches) {
    lock.lock();
    try {
      if (isClosed || !recovered.isEmpty()) {
        return false;
      }
      recovered = List.copyOf(batches);
      news.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Only the latest word on a peer is kept; peers are as many as there are members.
  void peer(KeyFingerprint peer, boolean isUp) {
    signalling(() -> peers.put(peer, isUp));
  }

  void systemAdvanced() {
    signalling(() -> systemAdvanced = true);
  }

  /// What waits.
  Queued queued() {
    lock.lock();
    try {
      return new Queued(
          submissions.size(), submissionBytes, arrivals.size(), arrivalBytes, tasks.size());
    } finally {
      lock.unlock();
    }
  }

  /// Takes nothing more. What waits is still handed out.
  void close() {
    signalling(() -> isClosed = true);
  }

  boolean isClosed() {
    lock.lock();
    try {
      return isClosed;
    } finally {
      lock.unlock();
    }
  }

  /// Waits for something to do, at most so long, and takes it: everything, up to the bytes of a
  /// turn.
  Turn take(long waitNanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = waitNanos;
      while (isIdle() && left > 0) {
        left = news.awaitNanos(left);
      }
      var turn =
          new Turn(
              takeSubmissions(),
              takeArrivals(),
              new LinkedHashMap<>(peers),
              List.copyOf(tasks),
              recovered,
              systemAdvanced);
      peers.clear();
      tasks.clear();
      recovered = List.of();
      systemAdvanced = false;
      return turn;
    } finally {
      lock.unlock();
    }
  }

  private boolean isIdle() {
    return submissions.isEmpty()
        && arrivals.isEmpty()
        && tasks.isEmpty()
        && recovered.isEmpty()
        && peers.isEmpty()
        && !systemAdvanced
        && !isClosed;
  }

  private List<Waiting> takeSubmissions() {
    var taken = new ArrayList<Waiting>();
    long bytes = 0;
    for (var next = submissions.peekFirst();
        next != null && (taken.isEmpty() || bytes + next.bytes() <= limits.turnBytes());
        next = submissions.peekFirst()) {
      taken.add(submissions.removeFirst());
      bytes += next.bytes();
    }
    submissionBytes -= bytes;
    return taken;
  }

  private List<Arrival> takeArrivals() {
    var taken = new ArrayList<Arrival>();
    long bytes = 0;
    for (var next = arrivals.peekFirst();
        next != null && (taken.isEmpty() || bytes + next.bytes() <= limits.turnBytes());
        next = arrivals.peekFirst()) {
      taken.add(arrivals.removeFirst());
      bytes += next.bytes();
    }
    arrivalBytes -= bytes;
    return taken;
  }

  private void signalling(Runnable change) {
    lock.lock();
    try {
      change.run();
      news.signal();
    } finally {
      lock.unlock();
    }
  }
}
