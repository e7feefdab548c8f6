package io.starling.simulation.disk;

import io.starling.replica.port.Changes;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// The rows of a disk whose bytes have changed by themselves: a checksum tells, when they are read.
final class Spoiled {

  private final Map<Table, TreeSet<byte[]>> rows = new EnumMap<>(Table.class);

  boolean isEmpty() {
    return rows.isEmpty();
  }

  void add(Table table, byte[] key) {
    rows.computeIfAbsent(table, _ -> new TreeSet<>(Arrays::compareUnsigned)).add(key.clone());
  }

  /// What is written anew is whole.
  void written(Changes changes) {
    if (isEmpty()) {
      return;
    }
    for (var table : Table.values()) {
      if (table.isFresh() && changes.fresh() != Changes.Fresh.KEPT) {
        var of = Optional.ofNullable(rows.remove(table));
        if (changes.fresh() == Changes.Fresh.PROMOTED) {
          rows.remove(table.other());
          of.ifPresent(it -> rows.put(table.other(), it));
        }
      }
    }
    for (var write : changes.writes()) {
      var of = rows.get(write.table());
      if (of != null && of.remove(write.key()) && of.isEmpty()) {
        rows.remove(write.table());
      }
    }
  }

  Spoiled copy() {
    var copy = new Spoiled();
    rows.forEach((table, keys) -> keys.forEach(key -> copy.add(table, key)));
    return copy;
  }

  boolean contains(Table table, byte[] key) {
    var of = rows.get(table);
    return of != null && of.contains(key);
  }

  /// @throws StorageFailure if a row cannot be read
  void check(Table table, byte[] key) {
    if (!isEmpty() && contains(table, key)) {
      throw new StorageFailure(
          "a row of " + table + " has a wrong checksum", new IllegalStateException("rot"));
    }
  }
}
