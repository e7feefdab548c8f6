package io.starling.node.hosting;

import io.starling.node.storage.NodeStore;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.request.Outcome;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Spaces that are to be here no longer: their loops end, and what is stored of them goes. Each has
/// a thread of its own, so that one whose loop does not end keeps no other waiting; those threads
/// are no virtual ones, for giving room back takes long and does not yield.
///
/// What is cut short by a crash is done by [#resume(Set)] at the next start.
final class Departures {

  private static final Logger LOG = LoggerFactory.getLogger(Departures.class);
  private static final Duration RETRY = Duration.ofSeconds(10);

  private final NodeStore store;
  private final Set<HostedSpace> leaving = ConcurrentHashMap.newKeySet();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean isReclaiming = new AtomicBoolean();
  private volatile boolean isClosed;

  private final Runnable settled;

  /// @param settled is told when a space is gone, or is not to go after all
  Departures(NodeStore store, Runnable settled) {
    this.store = store;
    this.settled = settled;
  }

  /// Whether a space is being taken out: it must not be opened until that is over.
  boolean isLeaving(SpaceId id) {
    return leaving.stream().anyMatch(space -> space.id().equals(id));
  }

  /// Begins to take a space out that nobody finds any more.
  ///
  /// @param why what clients are told that come too late
  /// @param mayGo asked when nothing is written any more: whether it may be deleted
  void begin(HostedSpace space, Outcome.Refused why, BooleanSupplier mayGo) {
    leaving.add(space);
    start(
        "drop-" + space.name(),
        () -> {
          try {
            space.stop(why);
            if (!isClosed && mayGo.getAsBoolean()) {
              delete(Set.of(space.id()));
              LOG.info(
                  "space {} ({}) is deleted here: {}", space.name(), space.id(), why.message());
            }
          } finally {
            leaving.remove(space);
          }
          settled.run();
          reclaim();
        });
  }

  /// Deletes what is left of spaces that are not open, and gives back the room of those that were
  /// deleted before.
  void resume(Set<SpaceId> remains) {
    start(
        "drop-resumed",
        () -> {
          delete(remains);
          reclaim();
        });
  }

  /// Ends what can be ended; the rest is resumed.
  void close() throws InterruptedException {
    isClosed = true;
    for (var space : leaving) {
      space.stop();
    }
    threads.forEach(Thread::interrupt);
  }

  private interface Work {
    void run() throws InterruptedException;
  }

  private void start(String name, Work work) {
    var thread =
        Thread.ofPlatform()
            .daemon()
            .name(name)
            .unstarted(() -> {
              try {
                work.run();
              } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
              } catch (RuntimeException bug) {
                LOG.error("what was dropped cannot be taken out: a bug", bug);
              } finally {
                threads.remove(Thread.currentThread());
              }
            });
    threads.add(thread);
    thread.start();
  }

  private void delete(Set<SpaceId> spaces) throws InterruptedException {
    boolean isDone = false;
    while (!isDone && !isClosed) {
      try {
        spaces.forEach(store::drop);
        isDone = true;
      } catch (StorageFailure failure) {
        if (!isClosed) {
          LOG.warn("what was dropped cannot be deleted now: {}", failure.getMessage());
          Thread.sleep(RETRY);
        }
      }
    }
  }

  /// Whoever comes while another is at it leaves it to that one, which goes on until nothing is
  /// left. What cannot be given back now is at the next start, or with the next space that goes.
  private void reclaim() {
    boolean isThrough = false;
    while (!isThrough && !isClosed && isReclaiming.compareAndSet(false, true)) {
      try {
        while (!isThrough && !isClosed) {
          isThrough = store.reclaimSome();
        }
      } catch (StorageFailure failure) {
        LOG.warn("{}", failure.getMessage());
        isThrough = true;
      } finally {
        isReclaiming.set(false);
      }
    }
  }
}
