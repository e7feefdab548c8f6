package io.starling.node.storage.rocksdb;

import io.starling.replica.port.Table;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/// The numbers of the last writes of a space in each table, by which it shows at the next start
/// whether all tables are of one moment.
///
/// RocksDB takes a broken end of its manifest for a write that was cut short, and goes on without
/// the files that it names: then one table may be as it was a while ago while the others are not,
/// and no sum tells. So each write of a space puts its number into every table that it touches, and
/// the numbers of all tables into one of them.
///
/// ```
/// TABLE    0, space    number of the last write that touched it
/// META     0, space    these numbers, in order of the tables, its own among them
/// ```
///
/// No space has the number 0, so nobody who reads a space meets them. Not thread-safe: a space has
/// one writer.
final class Seals {

  private final byte[] key;
  private final long[] last = new long[Table.values().length];

  private Seals(int space) {
    this.key = ByteBuffer.allocate(2 * SpaceKeys.PREFIX_BYTES).putInt(0).putInt(space).array();
  }

  /// Reads the numbers of a space.
  static Seals of(Database open, int space) throws RocksDBException {
    var seals = new Seals(space);
    var summary = seals.find(open, Table.META);
    if (summary.isPresent()) {
      var numbers = ByteBuffer.wrap(summary.get());
      for (int i = 0; i < seals.last.length && numbers.remaining() >= Long.BYTES; i++) {
        seals.last[i] = numbers.getLong();
      }
    }
    return seals;
  }

  /// What is wrong with the tables of a space; empty if they are of one moment, or were written by
  /// a version that did not number its writes.
  static Optional<String> objection(Database open, int space) throws RocksDBException {
    var seals = of(open, space);
    for (var table : EnumSet.complementOf(EnumSet.of(Table.META))) {
      long number = seals.find(open, table).map(it -> ByteBuffer.wrap(it).getLong()).orElse(0L);
      if (number != seals.last[table.ordinal()]) {
        return Optional.of(
            "of its table "
                + table
                + " it has write "
                + number
                + " of space "
                + space
                + ", and write "
                + seals.last[table.ordinal()]
                + " was the last");
      }
    }
    return Optional.empty();
  }

  /// Deletes the numbers of a space.
  static void drop(Database open, WriteBatch batch, int space) throws RocksDBException {
    var seals = new Seals(space);
    for (var table : Table.values()) {
      batch.delete(open.table(table), seals.key);
    }
  }

  /// Numbers a write.
  void seal(Database open, WriteBatch batch, Set<Table> touched) throws RocksDBException {
    long number = 1;
    for (long before : last) {
      number = Math.max(number, before + 1);
    }
    for (var table : touched) {
      last[table.ordinal()] = number;
      if (table != Table.META) {
        batch.put(open.table(table), key, ByteBuffer.allocate(Long.BYTES).putLong(number).array());
      }
    }
    var summary = ByteBuffer.allocate(last.length * Long.BYTES);
    for (long it : last) {
      summary.putLong(it);
    }
    batch.put(open.table(Table.META), key, summary.array());
  }

  private Optional<byte[]> find(Database open, Table table) throws RocksDBException {
    return Optional.ofNullable(open.rocks().get(open.table(table), key));
  }
}
