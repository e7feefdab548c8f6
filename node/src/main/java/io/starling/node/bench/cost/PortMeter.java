package io.starling.node.bench.cost;

import io.starling.node.storage.SpaceStore;
import io.starling.replica.port.Changes;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import java.util.Optional;

/// Counts what passes the storage port of a space, in both directions.
final class PortMeter implements StatePort {

  private final SpaceStore store;
  private long rows;
  private long bytes;

  PortMeter(SpaceStore store) {
    this.store = store;
  }

  /// What has passed.
  ///
  /// @param rows looked up (there or not), shown by scans, put or taken out
  /// @param bytes of their keys and values
  record Passed(long rows, long bytes) {
    Passed since(Passed before) {
      return new Passed(rows - before.rows, bytes - before.bytes);
    }
  }

  Passed passed() {
    return new Passed(rows, bytes);
  }

  void persist(Changes changes) {
    for (var write : changes.writes()) {
      count(write.key(), write.value().map(value -> value.length).orElse(0));
    }
    store.persist(changes);
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    var value = store.live().get(table, key);
    count(key, value.map(it -> it.length).orElse(0));
    return value;
  }

  @Override
  public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
    store
        .live()
        .scan(
            table,
            from,
            to,
            (key, value) -> {
              count(key, value.length);
              return visitor.visit(key, value);
            });
  }

  private void count(byte[] key, int valueBytes) {
    rows++;
    bytes += key.length + valueBytes;
  }
}
