package io.starling.node.storage.rocksdb;

import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import java.util.Optional;

/// The durable state of a space as it is at each read: RocksDB shows a synced write only after the
/// sync.
final class RocksState implements StatePort {

  private final RocksStore store;
  private final SpaceKeys keys;
  // Changed only while nobody else uses the database.
  private volatile Places places;

  RocksState(RocksStore store, SpaceKeys keys) {
    this.store = store;
    this.keys = keys;
    this.places = stored();
  }

  private Places stored() {
    return store.use(open -> Places.of(open, keys));
  }

  /// Where the tables are.
  Places places() {
    return places;
  }

  /// The tables have been swapped.
  void places(Places swapped) {
    places = swapped;
  }

  /// Reads anew where the tables are.
  void refresh() {
    places = stored();
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    return store.use(
        open -> Optional.ofNullable(open.rocks().get(open.table(places.of(table)), keys.key(key))));
  }

  @Override
  public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
    store.use(open -> {
      new RocksScan(open, keys, Optional.empty()).run(places.of(table), from, to, visitor);
      return keys;
    });
  }
}
