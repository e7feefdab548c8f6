package io.starling.node.storage.rocksdb;

import io.starling.node.storage.SpaceStore;
import io.starling.replica.port.Changes;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StateSnapshot;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/// The store of one space: its part of each table.
final class RocksSpace implements SpaceStore {

  private final RocksStore store;
  private final SpaceKeys keys;
  private final RocksState live;
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
    // They are swapped only while nobody else uses the store.
    return store.use(open -> new RocksSnapshot(store, keys, live.places(), open));
  }

  @Override
  public void checkWritable() {
    store.checkWritable();
  }

  @Override
  public void persist(Changes changes) {
    if (isDropped) {
      throw new StorageFailure("the space was dropped", new IllegalStateException("dropped"));
    }
    if (changes.fresh() == Changes.Fresh.PROMOTED) {
      var swapped = live.places().swapped();
      store.writeAlone(
          open -> batch(open, changes, changes.writes(), swapped), () -> live.places(swapped));
    } else {
      // What is brought in refers to numbers of replicas that are written here.
      var places = live.places();
      var parts = Ingestion.parts(changes);
      store.write(
          open -> batch(open, changes, parts.written(), places),
          open -> store.ingestion().bring(open, keys, places, parts.brought()));
    }
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

  /// The database was opened anew.
  void reopened() {
    live.refresh();
  }

  /// It is about to be deleted.
  void drop() {
    isDropped = true;
  }

  /// @param writes those of the changes that are to be in it
  private WriteBatch batch(
      Database open, Changes changes, List<Changes.Write> writes, Places places)
      throws RocksDBException {
    if (seals.isEmpty()) {
      seals = Optional.of(Seals.of(open, keys.number()));
    }
    var batch = new WriteBatch();
    var touched = EnumSet.noneOf(Table.class);
    if (changes.fresh() != Changes.Fresh.KEPT) {
      clearFresh(open, batch, places, touched);
      places.write(open, batch, keys);
    }
    for (var write : writes) {
      var place = places.of(write.table());
      touched.add(place);
      var table = open.table(place);
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

  /// Empties the fresh tables where they are after the write.
  private void clearFresh(Database open, WriteBatch batch, Places places, Set<Table> touched)
      throws RocksDBException {
    for (var table : Table.values()) {
      if (table.isFresh()) {
        var place = places.of(table);
        touched.add(place);
        touched.add(place.other());
        batch.deleteRange(open.table(place), keys.key(new byte[0]), keys.end(new byte[0]));
      }
    }
  }
}
