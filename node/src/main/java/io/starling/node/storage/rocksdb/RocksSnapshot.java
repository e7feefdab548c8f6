package io.starling.node.storage.rocksdb;

import io.starling.replica.port.StateSnapshot;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;
import java.util.Optional;
import org.rocksdb.ReadOptions;
import org.rocksdb.Snapshot;

/// A snapshot of a space. It ends with the database it was taken of.
final class RocksSnapshot implements StateSnapshot {

  private final RocksStore store;
  private final SpaceKeys keys;
  private final Database taken;
  private final Snapshot snapshot;
  private final ReadOptions options;
  private final Places places;
  private volatile boolean isClosed;

  RocksSnapshot(RocksStore store, SpaceKeys keys, Places places, Database open) {
    this.store = store;
    this.keys = keys;
    this.taken = open;
    this.snapshot = open.rocks().getSnapshot();
    this.options = new ReadOptions().setSnapshot(snapshot);
    this.places = places;
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    return store.use(open -> {
      check(open);
      return Optional.ofNullable(
          open.rocks().get(open.table(places.of(table)), options, keys.key(key)));
    });
  }

  @Override
  public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
    store.use(open -> {
      check(open);
      new RocksScan(open, keys, Optional.of(snapshot)).run(places.of(table), from, to, visitor);
      return keys;
    });
  }

  @Override
  public synchronized void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    options.close();
    store.release(taken, snapshot);
  }

  private void check(Database open) {
    if (isClosed) {
      throw new StorageFailure("a read after its end", new IllegalStateException("closed"));
    }
    if (open != taken) {
      throw new StorageFailure(
          "the store was opened anew since this read began; read again",
          new IllegalStateException("an old snapshot"));
    }
  }
}
