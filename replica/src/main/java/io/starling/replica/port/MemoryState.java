package io.starling.replica.port;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// A space's state in memory: what a store on disk must read like. For tests and simulation.
///
/// Not thread-safe.
public final class MemoryState implements StatePort, SnapshotPort {

  private final Map<Table, NavigableMap<byte[], byte[]>> tables = new EnumMap<>(Table.class);

  public MemoryState() {
    for (var table : Table.values()) {
      tables.put(table, new TreeMap<>(Arrays::compareUnsigned));
    }
  }

  /// Makes changes visible, together.
  public void persist(Changes changes) {
    for (var table : Table.values()) {
      if (table.isFresh() && changes.fresh() != Changes.Fresh.KEPT) {
        if (changes.fresh() == Changes.Fresh.PROMOTED) {
          tables.put(table.other(), entries(table));
        }
        tables.put(table, new TreeMap<>(Arrays::compareUnsigned));
      }
    }
    for (var write : changes.writes()) {
      var entries = entries(write.table());
      write
          .value()
          .ifPresentOrElse(
              value -> entries.put(write.key().clone(), value.clone()),
              () -> entries.remove(write.key()));
    }
  }

  /// A copy that later changes do not show in. Costs O(n).
  public MemoryState copy() {
    var copy = new MemoryState();
    tables.forEach((table, entries) -> copy.entries(table).putAll(entries));
    return copy;
  }

  @Override
  public StateSnapshot open() {
    return new Copy(copy());
  }

  private record Copy(MemoryState state) implements StateSnapshot {
    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      return state.get(table, key);
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
      state.scan(table, from, to, visitor);
    }

    @Override
    public void close() {}
  }

  @Override
  public Optional<byte[]> get(Table table, byte[] key) {
    return Optional.ofNullable(entries(table).get(key));
  }

  @Override
  public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
    if (to.length > 0 && Arrays.compareUnsigned(from, to) >= 0) {
      return;
    }
    var tail = entries(table).tailMap(from, true);
    for (var entry : (to.length == 0 ? tail : tail.headMap(to, false)).entrySet()) {
      if (!visitor.visit(entry.getKey(), entry.getValue())) {
        return;
      }
    }
  }

  private NavigableMap<byte[], byte[]> entries(Table table) {
    var entries = tables.get(table);
    if (entries == null) {
      throw new AssertionError("no table " + table);
    }
    return entries;
  }
}
