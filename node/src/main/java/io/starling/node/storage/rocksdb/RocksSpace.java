package io.starling.node.storage.rocksdb;

import io.starling.node.storage.SpaceStore;
import io.starling.replica.port.Changes;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StateSnapshot;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;
import java.util.EnumSet;
import java.util.Optional;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/// The store of one space: its part of each table.
final class RocksSpace implements SpaceStore {

  private final RocksStore store;
  private final SpaceKeys keys;
  private final StatePort live;
  private Optional<Seals> seals = Optional.empty();
  private volatile boolean isDropped;

  RocksSpace(RocksStore store, SpaceKeys keys) {
    this.store = store;
    this.keys = keys;
    this.live = new RocksState(store, keys);
  }

  @Override
  public StatePort live() {
    return live;
  }

  @Override
  public StateSnapshot snapshot() {
    return store.use(open -> new RocksSnapshot(store, keys, open));
  }

  @Override
  public void checkWritable() {
    store.checkWritable();
  }

  @Override
  public void persist(Changes changes) {
    store.write(open -> batch(open, changes));
  }

  @Override
  public void damaged(String what) {
    store.note(what);
  }

  @Override
  public void recover() {
    // The last write may be there or not.
    seals = Optional.empty();
    store.recover();
  }

  /// It is about to be deleted.
  void drop() {
    isDropped = true;
  }

  private WriteBatch batch(Database open, Changes changes) throws RocksDBException {
    if (isDropped) {
      throw new StorageFailure("the space was dropped", new IllegalStateException("dropped"));
    }
    if (seals.isEmpty()) {
      seals = Optional.of(Seals.of(open, keys.number()));
    }
    var batch = new WriteBatch();
    var touched = EnumSet.noneOf(Table.class);
    for (var write : changes.writes()) {
      touched.add(write.table());
      var table = open.table(write.table());
      byte[] key = keys.key(write.key());
      if (write.value().isPresent()) {
        batch.put(table, key, write.value().get());
      } else {
        batch.delete(table, key);
      }
    }
    seals.get().seal(open, batch, touched);
    return batch;
  }
}
