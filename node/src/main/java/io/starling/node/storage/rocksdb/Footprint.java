package io.starling.node.storage.rocksdb;

import io.starling.node.storage.StoreUnusableException;
import io.starling.replica.port.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompactRangeOptions.BottommostLevelCompaction;
import org.rocksdb.FlushOptions;
import org.rocksdb.RocksDBException;

/// What a store takes on disk once nothing in it is left over from before.
public final class Footprint {

  private static final long NO_CACHE = 0;
  private static final String LIVE_BYTES = "rocksdb.live-sst-files-size";

  private Footprint() {}

  /// Compacts all tables of a store that nobody has open, to their last level. Takes time and disk
  /// in proportion to what it holds.
  ///
  /// @return bytes of the files of each table, filters and indexes included
  /// @throws StoreUnusableException if the store is in use or cannot be read
  public static Map<Table, Long> compacted(Path directory) throws StoreUnusableException {
    try (var lock = DirectoryLock.take(directory);
        var settings = new RocksSettings(NO_CACHE);
        var database = Database.open(directory.resolve(RocksStore.DATABASE), settings)) {
      return compacted(database);
    } catch (IOException | RocksDBException failed) {
      throw new StoreUnusableException(
          "the database in " + directory + " cannot be compacted: " + failed.getMessage(), failed);
    }
  }

  private static Map<Table, Long> compacted(Database database) throws RocksDBException {
    var sizes = new EnumMap<Table, Long>(Table.class);
    try (var flush = new FlushOptions().setWaitForFlush(true);
        var whole =
            new CompactRangeOptions()
                .setBottommostLevelCompaction(BottommostLevelCompaction.kForce)) {
      database.rocks().flush(flush, database.families());
      for (var table : Table.values()) {
        var family = database.table(table);
        database.rocks().compactRange(family, null, null, whole);
        sizes.put(table, database.rocks().getLongProperty(family, LIVE_BYTES));
      }
    }
    return sizes;
  }
}
