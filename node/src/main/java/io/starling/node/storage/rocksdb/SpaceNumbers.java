package io.starling.node.storage.rocksdb;

import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.Table;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/// The short numbers of spaces, among a node's own records.
final class SpaceNumbers {

  private static final byte NUMBER = 's';
  private static final byte DROPPED = 'd';
  private static final byte[] HIGHEST = {'h'};

  private SpaceNumbers() {}

  static byte[] key(SpaceId id) {
    return key(NUMBER, id);
  }

  /// The key of a record about a space.
  static byte[] key(byte kind, SpaceId id) {
    var key = ByteBuffer.allocate(1 + SpaceId.BYTES);
    return key.put(kind).putLong(id.high()).putLong(id.low()).array();
  }

  static byte[] value(int number) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
  }

  static Optional<Integer> find(Database open, SpaceId id) throws RocksDBException {
    return Optional.ofNullable(open.rocks().get(open.own(), key(id)))
        .map(value -> ByteBuffer.wrap(value).getInt());
  }

  /// The spaces that have a number.
  static Set<SpaceId> ids(Database open) throws RocksDBException {
    return new LinkedHashSet<>(all(open).keySet());
  }

  /// The numbers of all spaces.
  static Map<SpaceId, Integer> all(Database open) throws RocksDBException {
    var numbers = new LinkedHashMap<SpaceId, Integer>();
    try (RocksIterator spaces = open.rocks().newIterator(open.own())) {
      for (spaces.seek(new byte[] {NUMBER}); spaces.isValid(); spaces.next()) {
        var key = ByteBuffer.wrap(spaces.key());
        if (key.get() != NUMBER || key.remaining() != SpaceId.BYTES) {
          break;
        }
        var id = new SpaceId(key.getLong(), key.getLong());
        numbers.put(id, ByteBuffer.wrap(spaces.value()).getInt());
      }
      spaces.status();
    }
    return numbers;
  }

  /// The highest number that was ever given: none is given twice, for somebody may still read what
  /// stood under it.
  static int highest(Database open) throws RocksDBException {
    int given = all(open).values().stream().mapToInt(number -> number).max().orElse(0);
    return Optional.ofNullable(open.rocks().get(open.own(), HIGHEST))
        .map(value -> Math.max(given, ByteBuffer.wrap(value).getInt()))
        .orElse(given);
  }

  /// Gives a space its number.
  static void give(Database open, WriteBatch batch, SpaceId id, int number)
      throws RocksDBException {
    batch.put(open.own(), key(id), value(number));
    batch.put(open.own(), HIGHEST, value(number));
  }

  /// Deletes a space with all that stands under its number, and notes that its room is to be given
  /// back.
  static void drop(Database open, WriteBatch batch, SpaceId id, int number)
      throws RocksDBException {
    batch.delete(open.own(), key(id));
    var keys = new SpaceKeys(number);
    for (var table : Table.values()) {
      batch.deleteRange(open.table(table), keys.key(new byte[0]), keys.end(new byte[0]));
    }
    Seals.drop(open, batch, number);
    Places.drop(open, batch, number);
    batch.put(open.own(), droppedKey(number), new byte[] {0});
  }

  /// A dropped space whose room is not all given back.
  ///
  /// @param tables how many of its tables are done
  record Dropped(int number, int tables) {}

  /// One of them; empty if there is none.
  static Optional<Dropped> dropped(Database open) throws RocksDBException {
    try (RocksIterator records = open.rocks().newIterator(open.own())) {
      records.seek(new byte[] {DROPPED});
      records.status();
      if (!records.isValid()) {
        return Optional.empty();
      }
      var key = ByteBuffer.wrap(records.key());
      return key.remaining() == 1 + Integer.BYTES && key.get() == DROPPED
          ? Optional.of(new Dropped(key.getInt(), records.value()[0]))
          : Optional.empty();
    }
  }

  /// Notes that the room of a further table is given back.
  static void reclaimed(Database open, WriteBatch batch, Dropped before) throws RocksDBException {
    int tables = before.tables() + 1;
    if (tables < Table.values().length) {
      batch.put(open.own(), droppedKey(before.number()), new byte[] {(byte) tables});
    } else {
      batch.delete(open.own(), droppedKey(before.number()));
    }
  }

  private static byte[] droppedKey(int number) {
    return ByteBuffer.allocate(1 + Integer.BYTES).put(DROPPED).putInt(number).array();
  }
}
