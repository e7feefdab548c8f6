package io.starling.node.storage.rocksdb;

import io.starling.node.storage.SpaceStore;
import io.starling.replica.port.Changes;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StateSnapshot;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/// The store of one space: its part of each table.
final class RocksSpace implements SpaceStore {

  private final RocksStore store;
  private final SpaceKeys keys;
  private final StatePort live;

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
  public void recover() {
    store.recover();
  }

  private WriteBatch batch(Database open, Changes changes) throws RocksDBException {
    var batch = new WriteBatch();
    for (var write : changes.writes()) {
      var table = open.table(write.table());
      byte[] key = keys.key(write.key());
      if (write.value().isPresent()) {
        batch.put(table, key, write.value().get());
      } else {
        batch.delete(table, key);
      }
    }
    return batch;
  }
}
