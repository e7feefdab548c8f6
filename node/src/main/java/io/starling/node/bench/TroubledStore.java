package io.starling.node.bench;

import io.starling.node.storage.NodeStore;
import io.starling.node.storage.SpaceStore;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.Changes;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StateSnapshot;
import io.starling.replica.port.StorageFailure;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A store in which the writes of one space stand still, or are refused, while that is asked for.
/// All else goes through. Safe to use from any thread.
final class TroubledStore implements NodeStore {

  private final NodeStore store;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Optional<Trouble> trouble = Optional.empty();
  private long met;

  /// What befalls writes.
  enum Kind {
    STANDS_STILL,
    REFUSES
  }

  private record Trouble(SpaceId space, Kind kind) {}

  TroubledStore(NodeStore store) {
    this.store = store;
  }

  /// From now on this befalls each write of a space.
  void begin(SpaceId space, Kind kind) {
    set(Optional.of(new Trouble(space, kind)));
  }

  /// Lets everything through from now on.
  void end() {
    set(Optional.empty());
  }

  private void set(Optional<Trouble> now) {
    lock.lock();
    try {
      trouble = now;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Writes that have met trouble so far.
  long met() {
    lock.lock();
    try {
      return met;
    } finally {
      lock.unlock();
    }
  }

  private void pass(SpaceId space) {
    lock.lock();
    try {
      if (isTroubled(space)) {
        met++;
      }
      while (isTroubled(space)) {
        if (trouble.orElseThrow().kind() == Kind.REFUSES) {
          throw new StorageFailure("refused for the benchmark", new IllegalStateException("asked"));
        }
        changed.await();
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new StorageFailure("interrupted while it stood still", stop);
    } finally {
      lock.unlock();
    }
  }

  private boolean isTroubled(SpaceId space) {
    return trouble.filter(it -> it.space().equals(space)).isPresent();
  }

  @Override
  public SpaceStore space(SpaceId id) {
    return new Troubled(id, store.space(id));
  }

  @Override
  public Set<SpaceId> spaces() {
    return store.spaces();
  }

  @Override
  public void drop(SpaceId id) {
    store.drop(id);
  }

  @Override
  public boolean reclaimSome() {
    return store.reclaimSome();
  }

  @Override
  public void close() {
    store.close();
  }

  private final class Troubled implements SpaceStore {
    private final SpaceId id;
    private final SpaceStore space;

    private Troubled(SpaceId id, SpaceStore space) {
      this.id = id;
      this.space = space;
    }

    @Override
    public StatePort live() {
      return space.live();
    }

    @Override
    public StateSnapshot snapshot() {
      return space.snapshot();
    }

    @Override
    public void checkWritable() {
      space.checkWritable();
    }

    @Override
    public void persist(Changes changes) {
      pass(id);
      space.persist(changes);
    }

    @Override
    public void recover() {
      pass(id);
      space.recover();
    }
  }
}
