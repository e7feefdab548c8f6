package io.starling.node.storage.rocksdb;

import java.util.Arrays;
import java.util.Optional;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;

/// A walk over all entries of a database, for RocksDB compares each block that it reads with its
/// sum. A part at a time, between which the database may be closed and opened anew.
///
/// Not thread-safe.
final class ChecksumCheck {

  /// Bytes of a part.
  static final long PART_BYTES = 4 << 20;

  private int family;
  private Optional<byte[]> last = Optional.empty();

  /// Reads a further part.
  ///
  /// @return whether the end was reached
  boolean some(Database open) throws RocksDBException {
    var handle = open.families().get(family);
    long bytes = 0;
    // What is read here is of no use to others, and must not push out what is.
    try (var options = new ReadOptions().setFillCache(false);
        var entries = open.rocks().newIterator(handle, options)) {
      if (last.isPresent()) {
        entries.seek(Arrays.copyOf(last.get(), last.get().length + 1));
      } else {
        entries.seekToFirst();
      }
      while (entries.isValid() && bytes < PART_BYTES) {
        byte[] key = entries.key();
        last = Optional.of(key);
        bytes += key.length + entries.value().length;
        entries.next();
      }
      entries.status();
      if (entries.isValid()) {
        return false;
      }
    }
    last = Optional.empty();
    family = (family + 1) % open.families().size();
    return family == 0;
  }
}
