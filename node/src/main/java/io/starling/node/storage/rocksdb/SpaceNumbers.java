package io.starling.node.storage.rocksdb;

import io.starling.replica.batch.SpaceId;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/// The short numbers of spaces, among a node's own records.
final class SpaceNumbers {

  private static final byte NUMBER = 's';

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

  static int highest(Database open) throws RocksDBException {
    return all(open).values().stream().mapToInt(number -> number).max().orElse(0);
  }
}
