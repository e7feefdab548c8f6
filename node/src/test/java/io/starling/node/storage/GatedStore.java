package io.starling.node.storage;

import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.Changes;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StateSnapshot;
import io.starling.replica.port.StorageFailure;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/// A store in which the writes of one space stand still while a gate is shut.
public final class GatedStore implements NodeStore {

  private final NodeStore store;
  private final CountDownLatch met = new CountDownLatch(1);
  private final CountDownLatch open = new CountDownLatch(1);
  private volatile SpaceId shut = new SpaceId(0, 0);

  public GatedStore(NodeStore store) {
    this.store = store;
  }

  /// From now on the next write of a space waits until the gate is opened.
  public void shut(SpaceId space) {
    shut = space;
  }

  /// Waits until a write stands at the gate.
  public void awaitMet() throws InterruptedException {
    met.await();
  }

  /// Lets everything through from now on.
  public void open() {
    open.countDown();
  }

  @Override
  public SpaceStore space(SpaceId id) {
    return new Gated(id, store.space(id));
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

  private final class Gated implements SpaceStore {
    private final SpaceId id;
    private final SpaceStore space;

    private Gated(SpaceId id, SpaceStore space) {
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
      if (id.equals(shut)) {
        met.countDown();
        try {
          open.await();
        } catch (InterruptedException stop) {
          Thread.currentThread().interrupt();
          throw new StorageFailure("interrupted at the gate", stop);
        }
      }
      space.persist(changes);
    }

    @Override
    public void recover() {
      space.recover();
    }
  }
}
