package io.starling.node.storage;

import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.Changes;
import io.starling.replica.port.MemoryState;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StateSnapshot;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// A node's store in memory, which can be told to fail. What it holds outlives [#close()].
public final class MemoryStore implements NodeStore {

  private final Map<SpaceId, MemorySpace> spaces = new HashMap<>();
  private boolean isFull;
  private boolean fillsUp;
  private boolean forgetsToTell;
  private Runnable beforePersist = () -> {};
  private int cellWrites;

  @Override
  public synchronized SpaceStore space(SpaceId id) {
    return spaces.computeIfAbsent(id, _ -> new MemorySpace());
  }

  @Override
  public synchronized Set<SpaceId> spaces() {
    return new TreeSet<>(spaces.keySet());
  }

  @Override
  public synchronized void drop(SpaceId id) {
    spaces.remove(id);
  }

  @Override
  public void close() {}

  /// From now on writes fail, or no longer.
  public synchronized void setFull(boolean full) {
    isFull = full;
    fillsUp = false;
  }

  /// The next write of a transaction is the first that finds no room; all after it find none
  /// either.
  public synchronized void fillUp() {
    fillsUp = true;
  }

  /// The next write of a transaction is stored, and then reported as failed.
  public synchronized void failAfterNextWrite() {
    forgetsToTell = true;
  }

  /// Has something run before each write of a transaction, which may wait.
  public synchronized void beforePersist(Runnable hook) {
    beforePersist = hook;
  }

  /// How often cells were persisted; what keeps the log short in the background is not counted.
  public synchronized int cellWrites() {
    return cellWrites;
  }

  private final class MemorySpace implements SpaceStore {
    private final MemoryState state = new MemoryState();

    @Override
    public StatePort live() {
      return new Locked(state);
    }

    @Override
    public StateSnapshot snapshot() {
      synchronized (MemoryStore.this) {
        return new Locked(state.copy());
      }
    }

    @Override
    public void checkWritable() {}

    @Override
    public void persist(Changes changes) {
      boolean isTransaction = isTransaction(changes);
      if (isTransaction) {
        Runnable hook;
        synchronized (MemoryStore.this) {
          hook = beforePersist;
        }
        hook.run();
      }
      synchronized (MemoryStore.this) {
        isFull |= fillsUp && isTransaction;
        failIfFull();
        if (changes.writes().stream().anyMatch(write -> write.table() == Table.CELLS)) {
          cellWrites++;
        }
        state.persist(changes);
        if (forgetsToTell && isTransaction) {
          forgetsToTell = false;
          throw new StorageFailure("the sync failed", new IOException("I/O error"));
        }
      }
    }

    @Override
    public void recover() {
      failIfFull();
    }

    /// What a space writes of itself, as where its log is shortened, comes between the transactions
    /// of any test.
    private static boolean isTransaction(Changes changes) {
      return changes.writes().stream()
          .filter(write -> write.value().isPresent())
          .anyMatch(write ->
              switch (write.table()) {
                case CELLS, LOG -> true;
                case META -> write.key()[0] == 'q'; // A request that has a name.
                case HEADERS, BUCKETS, STAGE, FRESH_CELLS, FRESH_HEADERS, FRESH_BUCKETS -> false;
              });
    }

    private void failIfFull() {
      synchronized (MemoryStore.this) {
        if (isFull) {
          throw new StorageFailure("the disk is full", new IOException("disk full"));
        }
      }
    }
  }

  private final class Locked implements StateSnapshot {
    private final MemoryState state;

    private Locked(MemoryState state) {
      this.state = state;
    }

    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      synchronized (MemoryStore.this) {
        return state.get(table, key);
      }
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
      synchronized (MemoryStore.this) {
        state.scan(table, from, to, visitor);
      }
    }

    @Override
    public void close() {}
  }
}
