package io.starling.node.storage.rocksdb;

import io.starling.replica.port.Table;
import java.nio.ByteBuffer;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/// Which column families hold the tables of a space: the fresh tables and those whose place they
/// take are swapped by a mark, however much they hold. It is in [Table#META], beside the seals, so
/// that it is of one moment with what is said there.
///
/// @param isSwapped whether each of these is where the other is at first
record Places(boolean isSwapped) {

  private static final byte SWAPPED = 'w';

  /// As the database says.
  static Places of(Database open, SpaceKeys keys) throws RocksDBException {
    return new Places(open.rocks().get(open.table(Table.META), key(keys.number())) != null);
  }

  /// Where a table is.
  Table of(Table table) {
    return isSwapped ? table.other() : table;
  }

  /// The other way round.
  Places swapped() {
    return new Places(!isSwapped);
  }

  /// Notes that it is so.
  void write(Database open, WriteBatch batch, SpaceKeys keys) throws RocksDBException {
    if (isSwapped) {
      batch.put(open.table(Table.META), key(keys.number()), new byte[] {1});
    } else {
      drop(open, batch, keys.number());
    }
  }

  /// Deletes the mark of a space.
  static void drop(Database open, WriteBatch batch, int space) throws RocksDBException {
    batch.delete(open.table(Table.META), key(space));
  }

  private static byte[] key(int space) {
    // No space has the number 0.
    int length = 2 * SpaceKeys.PREFIX_BYTES + 1;
    return ByteBuffer.allocate(length).putInt(0).putInt(space).put(SWAPPED).array();
  }
}
