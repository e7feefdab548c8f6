package io.starling.node.storage.rocksdb;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.storage.NodeStore;
import io.starling.node.storage.SpaceStore;
import io.starling.node.storage.StoreUnusableException;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.StorageFailure;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;

/// The store of a node in one RocksDB.
///
/// ```
/// DIRECTORY/store.identity   whose store this is, and its format
/// DIRECTORY/store.lock       held while it is open
/// DIRECTORY/rocksdb/         the database
/// DIRECTORY/native/          RocksDB's library, unpacked once
/// ```
///
/// A write that fails leaves RocksDB in doubt: its log may or may not hold the write. So no further
/// write is tried; [#recover()] opens the database anew, which settles what is there, and only then
/// are writes taken again. Every use of the database holds the read lock, so that it is never
/// closed under a reader.
public final class RocksStore implements NodeStore {

  static final String DATABASE = "rocksdb";

  private static final byte[] PROBE_KEY = {'p'};
  private static final byte SPACE_NUMBER = 's';

  /// How a store is set up.
  ///
  /// @param cacheBytes memory for blocks that were read; more saves reads from disk
  /// @param freeBytesMin free space on the disk below which writes are refused, so that there is
  ///   room left to compact and to start again
  public record Options(long cacheBytes, long freeBytesMin) {
    public static final Options DEFAULT = new Options(64L << 20, 128L << 20);
  }

  private final Path directory;
  private final Options options;
  private final DirectoryLock lock;
  private final RocksSettings settings;
  private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
  private final Map<SpaceId, SpaceStore> spaces = new ConcurrentHashMap<>();
  private final File disk;
  private Optional<Database> database;
  private volatile boolean isInDoubt;
  private boolean isClosed;

  private RocksStore(Path directory, Options options, DirectoryLock lock) throws RocksDBException {
    this.directory = directory;
    this.options = options;
    this.lock = lock;
    this.disk = directory.toFile();
    this.settings = new RocksSettings(options.cacheBytes());
    this.database = Optional.of(Database.open(directory.resolve(DATABASE), settings));
  }

  /// Opens the store in a directory, which is made if need be.
  ///
  /// @throws StoreUnusableException if the directory is in use, of a newer version, of another node
  ///   or cluster, or damaged; all but the last are found before anything is touched
  public static RocksStore open(
      Path directory, ClusterId cluster, KeyFingerprint node, Options options)
      throws StoreUnusableException {
    try {
      Files.createDirectories(directory);
      // Whatever the directory above lets others see, the data is the node's alone.
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
      var identity = new StoreIdentity(cluster, node);
      identity.check(directory);
      var lock = DirectoryLock.take(directory);
      try {
        // Once more, for it may have been made while the lock was another's.
        identity.check(directory);
        identity.write(directory);
        NativeLibrary.load(directory.resolve("native"));
        return new RocksStore(directory, options, lock);
      } catch (IOException | RocksDBException | StoreUnusableException refused) {
        lock.close();
        throw refused;
      }
    } catch (IOException failed) {
      throw new StoreUnusableException(
          directory + " cannot be used: " + failed.getMessage(), failed);
    } catch (RocksDBException failed) {
      throw new StoreUnusableException(
          "the database in " + directory + " cannot be opened: " + failed.getMessage(), failed);
    }
  }

  /// A file of the store that is written once, when that is made, and never again.
  public static Path writtenOnce(Path directory) {
    return directory.resolve(StoreIdentity.FILE);
  }

  @Override
  public SpaceStore space(SpaceId id) {
    return spaces.computeIfAbsent(id, it -> new RocksSpace(this, new SpaceKeys(number(it))));
  }

  @Override
  public void close() {
    use.writeLock().lock();
    try {
      if (isClosed) {
        return;
      }
      isClosed = true;
      database.ifPresent(Database::close);
      database = Optional.empty();
      settings.close();
      lock.close();
    } catch (IOException failed) {
      throw new StorageFailure("the lock in " + directory + " cannot be given up", failed);
    } finally {
      use.writeLock().unlock();
    }
  }

  /// Something done with the open database.
  @FunctionalInterface
  interface Use<T> {
    T with(Database open) throws RocksDBException;
  }

  /// Uses the database, which stays open meanwhile.
  <T> T use(Use<T> body) {
    use.readLock().lock();
    try {
      return body.with(database.orElseThrow(this::notOpen));
    } catch (RocksDBException failed) {
      throw Failures.of("the store in " + directory + " cannot be read", failed);
    } finally {
      use.readLock().unlock();
    }
  }

  /// Writes durably, or throws and takes no more writes until [#recover()].
  void write(Use<WriteBatch> batch) {
    use.readLock().lock();
    try {
      checkWritable();
      var open = database.orElseThrow(this::notOpen);
      try (var writes = batch.with(open)) {
        open.rocks().write(settings.synced(), writes);
      }
    } catch (RocksDBException failed) {
      isInDoubt = true;
      throw Failures.of("the store in " + directory + " cannot be written", failed);
    } finally {
      use.readLock().unlock();
    }
  }

  /// Gives up a snapshot, unless it went with the database it was taken of.
  void release(Database taken, Snapshot snapshot) {
    use.readLock().lock();
    try {
      if (database.isPresent() && database.get() == taken) {
        taken.rocks().releaseSnapshot(snapshot);
      }
      snapshot.close();
    } finally {
      use.readLock().unlock();
    }
  }

  /// Settles what a failed write left open, and proves with a write that the store takes writes.
  void recover() {
    checkFree();
    reopen();
    write(open -> {
      var probe = new WriteBatch();
      probe.put(open.own(), PROBE_KEY, new byte[] {1});
      return probe;
    });
  }

  private void reopen() {
    use.writeLock().lock();
    try {
      if (isClosed || !isInDoubt) {
        return;
      }
      database.ifPresent(Database::close);
      database = Optional.empty();
      database = Optional.of(Database.open(directory.resolve(DATABASE), settings));
      isInDoubt = false;
    } catch (RocksDBException failed) {
      throw Failures.of("the store in " + directory + " cannot be opened again", failed);
    } finally {
      use.writeLock().unlock();
    }
  }

  void checkWritable() {
    if (isInDoubt) {
      throw new StorageFailure(
          "the store in " + directory + " takes no writes until an earlier failure is settled",
          new IllegalStateException("in doubt"));
    }
    checkFree();
  }

  private void checkFree() {
    long free = disk.getUsableSpace();
    if (free < options.freeBytesMin()) {
      throw new StorageFailure(
          "the disk of "
              + directory
              + " is full: "
              + (free >> 20)
              + " MiB are free, "
              + (options.freeBytesMin() >> 20)
              + " MiB are kept; make room and writes go on",
          new IOException("disk full"));
    }
  }

  private StorageFailure notOpen() {
    return new StorageFailure(
        "the store in " + directory + " is closed", new IllegalStateException("closed"));
  }

  private synchronized int number(SpaceId id) {
    var key = ByteBuffer.allocate(1 + SpaceId.BYTES);
    key.put(SPACE_NUMBER).putLong(id.high()).putLong(id.low());
    Optional<byte[]> known =
        use(open -> Optional.ofNullable(open.rocks().get(open.own(), key.array())));
    if (known.isPresent()) {
      return ByteBuffer.wrap(known.get()).getInt();
    }
    int next = use(RocksStore::highestNumber) + 1;
    write(open -> {
      var batch = new WriteBatch();
      var value = ByteBuffer.allocate(Integer.BYTES).putInt(next);
      batch.put(open.own(), key.array(), value.array());
      return batch;
    });
    return next;
  }

  private static int highestNumber(Database open) throws RocksDBException {
    int highest = 0;
    try (RocksIterator spaces = open.rocks().newIterator(open.own())) {
      for (spaces.seek(new byte[] {SPACE_NUMBER}); spaces.isValid(); spaces.next()) {
        if (spaces.key()[0] != SPACE_NUMBER) {
          break;
        }
        highest = Math.max(highest, ByteBuffer.wrap(spaces.value()).getInt());
      }
      spaces.status();
    }
    return highest;
  }
}
