package io.starling.node.storage.rocksdb;

import io.starling.replica.port.Table;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.Filter;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.TablePropertiesCollectorFactory;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteOptions;

/// How RocksDB is set up, for a node that shares its machine with others.
///
/// Memory: one block cache, indexes and filters included, of the size that the operator gives (64
/// MiB if not said otherwise); 32 MiB of memtables for all tables together. Disk beyond the data:
/// up to 128 MiB of write-ahead log.
///
/// Durability: every write is synced. Left off on purpose, for each has lost or torn writes
/// somewhere: manual flushing, chunked syncing and recycling of the write-ahead log, pipelined and
/// unordered writes. A torn end of the log, which was never acknowledged, is cut at start; damage
/// before it is found by [RecordFiles] before RocksDB sees it.
///
/// Scans have upper bounds, so a reader never walks over the deleted remains of its neighbours, and
/// a file in which half of any 8 192 entries in a row are deletions is compacted soon. A prefix
/// extractor would gain nothing beyond that, for all scans are bounded; whole-key filters serve the
/// look-ups of what is not there, which each new key begins with.
final class RocksSettings implements AutoCloseable {

  private static final long MIB = 1024 * 1024;
  private static final long MEMTABLES_BYTES = 32 * MIB;
  private static final long LARGE_MEMTABLE_BYTES = 16 * MIB;
  private static final long SMALL_MEMTABLE_BYTES = 4 * MIB;
  private static final long WAL_BYTES_MAX = 128 * MIB;
  private static final long DELETION_WINDOW = 8_192;
  private static final long DELETION_TRIGGER = 4_096;
  private static final double DELETION_SHARE = 0.5;
  private static final double FILTER_BITS = 10;
  private static final int OPEN_FILES_MAX = 512;

  private final Cache cache;
  private final Filter filter = new BloomFilter(FILTER_BITS);
  private final TablePropertiesCollectorFactory deletions =
      TablePropertiesCollectorFactory.NewCompactOnDeletionCollectorFactory(
          DELETION_WINDOW, DELETION_TRIGGER, DELETION_SHARE);
  private final WriteOptions synced = new WriteOptions().setSync(true);

  RocksSettings(long cacheBytes) {
    this.cache = new LRUCache(cacheBytes);
  }

  /// Each write durable before it returns.
  WriteOptions synced() {
    return synced;
  }

  DBOptions database() {
    return new DBOptions()
        .setCreateIfMissing(true)
        .setCreateMissingColumnFamilies(true)
        .setParanoidChecks(true)
        .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
        .setDbWriteBufferSize(MEMTABLES_BYTES)
        .setMaxTotalWalSize(WAL_BYTES_MAX)
        .setAvoidFlushDuringShutdown(true)
        .setMaxOpenFiles(OPEN_FILES_MAX)
        .setMaxBackgroundJobs(2)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setMaxLogFileSize(MIB)
        .setKeepLogFileNum(4)
        .setStatsDumpPeriodSec(0);
  }

  /// For reading what is left of a database.
  DBOptions damaged() {
    return database()
        .setCreateIfMissing(false)
        .setCreateMissingColumnFamilies(false)
        .setParanoidChecks(false)
        .setWalRecoveryMode(WALRecoveryMode.SkipAnyCorruptedRecords);
  }

  ColumnFamilyOptions table(Table table) {
    return switch (table) {
      case LOG, CELLS, STAGE, FRESH_CELLS -> family(LARGE_MEMTABLE_BYTES);
      case META, HEADERS, BUCKETS, FRESH_HEADERS, FRESH_BUCKETS -> family(SMALL_MEMTABLE_BYTES);
    };
  }

  ColumnFamilyOptions small() {
    return family(SMALL_MEMTABLE_BYTES);
  }

  private ColumnFamilyOptions family(long memtableBytes) {
    var blocks =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setFilterPolicy(filter)
            .setCacheIndexAndFilterBlocks(true)
            .setCacheIndexAndFilterBlocksWithHighPriority(true)
            .setPinL0FilterAndIndexBlocksInCache(true);
    // Column family options have no setter for the collector; those of a whole database do.
    try (var all = new Options()) {
      all.setTableFormatConfig(blocks);
      all.setWriteBufferSize(memtableBytes);
      all.setCompressionType(CompressionType.LZ4_COMPRESSION);
      all.setTablePropertiesCollectorFactory(List.of(deletions));
      return new ColumnFamilyOptions(all);
    }
  }

  @Override
  public void close() {
    synced.close();
    filter.close();
    deletions.close();
    cache.close();
  }
}
