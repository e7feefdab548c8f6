package io.starling.node.bench;

import io.starling.node.bench.SpacesBench.Neighbour;
import io.starling.node.loop.QueueLimits;
import io.starling.node.space.Space;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// Clients of a space that has trouble, until it is closed; then the space takes writes again.
///
/// More transactions are on their way than its queue takes; whoever is refused waits a little.
final class NeighbourLoad implements AutoCloseable {

  private static final Duration EFFECT_WITHIN = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(5);
  private static final int CLIENTS = 4;

  /// Above what a queue and the turn that it was emptied into take.
  private static final int OUTSTANDING_MAX = 2 * QueueLimits.DEFAULT.submissions() + 1_000;

  private final Space space;
  private final TroubledStore store;
  private final Neighbour kind;
  private final Supplier<Request> requests;
  private final long metBefore;
  private final Semaphore room = new Semaphore(OUTSTANDING_MAX);
  private final AtomicLong taken = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean isOver;

  NeighbourLoad(Space space, TroubledStore store, Neighbour kind, Supplier<Request> requests) {
    this.space = space;
    this.store = store;
    this.kind = kind;
    this.requests = requests;
    metBefore = store.met();
    switch (kind) {
      case STANDS_STILL -> store.begin(space.id(), TroubledStore.Kind.STANDS_STILL);
      case REFUSES -> store.begin(space.id(), TroubledStore.Kind.REFUSES);
      case FLOODED -> {}
    }
    for (int client = 0; client < CLIENTS; client++) {
      threads.add(Thread.ofVirtual().start(this::submitUntilOver));
    }
  }

  private void submitUntilOver() {
    try {
      while (!isOver) {
        room.acquire();
        long before = refused.get();
        space
            .submit(requests.get())
            .whenComplete((outcome, _) -> {
              (outcome instanceof Outcome.Committed ? taken : refused).incrementAndGet();
              room.release();
            });
        if (refused.get() > before) {
          Thread.sleep(PAUSE);
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /// Waits until the space is in the trouble that is asked for.
  void awaitEffect() throws InterruptedException {
    long end = System.nanoTime() + EFFECT_WITHIN.toNanos();
    while (!hasEffect()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("the neighbour is not " + kind);
      }
      Thread.sleep(PAUSE);
    }
  }

  /// It takes no more than it can: and one is held up or refused by its store, the other works.
  private boolean hasEffect() {
    boolean isInTrouble =
        switch (kind) {
          case STANDS_STILL, REFUSES -> store.met() > metBefore;
          case FLOODED -> taken.get() > 0;
        };
    return refused.get() > 0 && isInTrouble;
  }

  /// Transactions that were committed so far.
  long taken() {
    return taken.get();
  }

  /// Transactions that were refused so far.
  long refused() {
    return refused.get();
  }

  @Override
  public void close() throws InterruptedException {
    isOver = true;
    store.end();
    room.release(CLIENTS);
    for (var thread : threads) {
      thread.join();
    }
    // What is on its way is answered.
    long end = System.nanoTime() + EFFECT_WITHIN.toNanos();
    while (!takesWrites()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("the neighbour takes no writes again");
      }
      Thread.sleep(PAUSE);
    }
  }

  private boolean takesWrites() {
    return space.submit(requests.get()).toCompletableFuture().join() instanceof Outcome.Committed;
  }
}
