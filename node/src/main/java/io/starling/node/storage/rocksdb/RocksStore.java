package io.starling.node.storage.rocksdb;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.storage.NodeStore;
import io.starling.node.storage.Rebuilding;
import io.starling.node.storage.SpaceStore;
import io.starling.node.storage.StoreUnusableException;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Snapshot;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The store of a node in one RocksDB.
///
/// ```
/// DIRECTORY/store.identity   whose store this is, and its format
/// DIRECTORY/store.lock       held while it is open
/// DIRECTORY/rocksdb/         the database
/// DIRECTORY/native/          RocksDB's library, unpacked once
/// DIRECTORY/ingested/        files on their way into the database
/// ```
///
/// [SetAside] adds what there is while a damaged database is made anew.
///
/// A write that fails leaves RocksDB in doubt: its log may or may not hold the write. So no further
/// write is tried; [#recover()] opens the database anew, which settles what is there, and only then
/// are writes taken again. Every use of the database holds the read lock, so that it is never
/// closed under a reader.
public final class RocksStore implements NodeStore {

  static final String DATABASE = "rocksdb";

  private static final Logger LOG = LoggerFactory.getLogger(RocksStore.class);
  private static final byte[] PROBE_KEY = {'p'};

  /// How a store is set up.
  ///
  /// @param cacheBytes memory for blocks that were read; more saves reads from disk
  /// @param freeBytesMin free space on the disk below which writes are refused, so that there is
  ///   room left to compact and to start again
  /// @param rebuilds whether a damaged database is set aside and an empty one opened in its place,
  ///   for other members have what it held
  public record Options(long cacheBytes, long freeBytesMin, boolean rebuilds) {
    public static final Options DEFAULT = new Options(64L << 20, 128L << 20);

    /// Without rebuilding.
    public Options(long cacheBytes, long freeBytesMin) {
      this(cacheBytes, freeBytesMin, false);
    }
  }

  private final Path directory;
  private final Options options;
  private final DirectoryLock lock;
  private final RocksSettings settings;
  private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
  private final Map<SpaceId, RocksSpace> spaces = new ConcurrentHashMap<>();
  private final SetAside files;
  private final Ingestion ingestion;
  private final Optional<RocksRebuilding> rebuilding;
  private final ChecksumCheck check = new ChecksumCheck();
  private final AtomicBoolean isDamaged = new AtomicBoolean();
  private final File disk;
  private Optional<Database> database;
  private final Object reclaim = new Object();
  private Optional<CompactRangeOptions> reclaiming = Optional.empty();
  private boolean isClosing;
  // Who waits for all others to let go of the database.
  private int awaited;
  private volatile boolean isInDoubt;
  private volatile Optional<Consumer<String>> told = Optional.empty();
  private boolean isClosed;

  private RocksStore(Path directory, Options options, DirectoryLock lock)
      throws RocksDBException, IOException {
    this.directory = directory;
    this.options = options;
    this.lock = lock;
    this.disk = directory.toFile();
    this.settings = new RocksSettings(options.cacheBytes());
    this.files = new SetAside(directory);
    this.ingestion = new Ingestion(directory, settings);
    this.database = Optional.of(Database.open(directory.resolve(DATABASE), settings));
    this.rebuilding =
        files.rebuilding().map(record -> new RocksRebuilding(this, settings, files, record));
  }

  /// Opens the store in a directory, which is made if need be.
  ///
  /// @throws StoreUnusableException if the directory is in use, of a newer version, of another node
  ///   or cluster, or damaged and not to be rebuilt; all but the last are found before anything is
  ///   touched
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
        return open(directory, options, lock);
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

  /// A file of the store that is made with it, and never replaced.
  public static Path writtenOnce(Path directory) {
    return directory.resolve(DirectoryLock.FILE);
  }

  private static RocksStore open(Path directory, Options options, DirectoryLock lock)
      throws RocksDBException, IOException, StoreUnusableException {
    var files = new SetAside(directory);
    var damage = files.marked();
    if (damage.isPresent()) {
      setAside(files, directory, options, damage.get());
    }
    var database = directory.resolve(DATABASE);
    boolean isNew = isNew(database);
    var found = isNew ? Optional.<String>empty() : RecordFiles.objection(database);
    if (found.isEmpty()) {
      try {
        var store = new RocksStore(directory, options, lock);
        found = isNew ? found : store.objection();
        if (found.isEmpty()) {
          return store;
        }
      } catch (RocksDBException failed) {
        if (!Failures.isDamageAtOpen(failed)) {
          throw failed;
        }
        found = Optional.of(String.valueOf(failed.getMessage()));
      }
    }
    setAside(files, directory, options, found.get());
    return new RocksStore(directory, options, lock);
  }

  /// Whether RocksDB is to make a database. Without its `CURRENT` it would make one among the files
  /// of another.
  private static boolean isNew(Path database) throws IOException {
    if (!Files.isDirectory(database)) {
      return true;
    }
    try (Stream<Path> files = Files.list(database)) {
      return files
          .map(file -> file.getFileName().toString())
          .noneMatch(name ->
              name.equals("CURRENT")
                  || name.startsWith("MANIFEST")
                  || name.endsWith(".sst")
                  || name.endsWith(".log"));
    }
  }

  /// What is wrong with a database that could be opened; it is closed if something is.
  private Optional<String> objection() throws RocksDBException {
    boolean isSound = false;
    try {
      boolean mayBeEmpty = !options.rebuilds() || !files.hasBegun();
      var objection = objection(database.orElseThrow(this::notOpen), mayBeEmpty);
      isSound = objection.isEmpty();
      return objection;
    } finally {
      if (!isSound) {
        closeDatabase();
      }
    }
  }

  private static Optional<String> objection(Database open, boolean mayBeEmpty)
      throws RocksDBException {
    var spaces = SpaceNumbers.all(open);
    if (spaces.isEmpty() && !mayBeEmpty) {
      return Optional.of("there is no space in it any more");
    }
    for (int space : spaces.values()) {
      var objection = Seals.objection(open, space);
      if (objection.isPresent()) {
        return objection;
      }
    }
    return Optional.empty();
  }

  private static void setAside(SetAside files, Path directory, Options options, String reason)
      throws IOException, StoreUnusableException {
    if (!options.rebuilds()) {
      throw new StoreUnusableException(
          "the database in "
              + directory
              + " is damaged ("
              + reason
              + "), and this node knows of no other member from which it could be made anew");
    }
    files.perform(reason);
    LOG.error(
        "the database in {} is damaged ({}); it was set aside, and is made anew from the other"
            + " members",
        directory,
        reason);
  }

  @Override
  public Optional<Rebuilding> rebuilding() {
    return rebuilding.filter(RocksRebuilding::isGoingOn).map(it -> it);
  }

  @Override
  public void whenDamaged(Consumer<String> consumer) {
    told = Optional.of(consumer);
  }

  private void note(RocksDBException failed) {
    if (Failures.isDamage(failed)) {
      note(String.valueOf(failed.getMessage()));
    }
  }

  /// Damage was met: what is here is not to be relied on any more. It is written down, so that the
  /// next start deals with it.
  void note(String reason) {
    boolean isNews = options.rebuilds() && isDamaged.compareAndSet(false, true);
    if (!isNews) {
      return;
    }
    isInDoubt = true;
    try {
      files.mark(reason);
      told.ifPresent(it -> it.accept(reason));
    } catch (IOException unwritten) {
      // Started again without the mark, it would only meet the damage again.
      LOG.error("that {} is damaged cannot be written down", directory, unwritten);
    }
  }

  @Override
  public boolean checkSome() {
    return use(check::some);
  }

  @Override
  public SpaceStore space(SpaceId id) {
    return spaces.computeIfAbsent(id, it -> new RocksSpace(this, new SpaceKeys(number(it))));
  }

  @Override
  public Set<SpaceId> spaces() {
    return use(SpaceNumbers::ids);
  }

  /// What a range deletion leaves goes with later compactions; [#reclaimSome()] does not wait for
  /// them.
  @Override
  public synchronized void drop(SpaceId id) {
    Optional.ofNullable(spaces.remove(id)).ifPresent(RocksSpace::drop);
    var number = use(open -> SpaceNumbers.find(open, id));
    if (number.isPresent()) {
      write(open -> {
        var batch = new WriteBatch();
        SpaceNumbers.drop(open, batch, id, number.get());
        return batch;
      });
    }
  }

  @Override
  public boolean reclaimSome() {
    var next = use(SpaceNumbers::dropped);
    if (next.isEmpty()) {
      return true;
    }
    var dropped = next.get();
    if (compact(new SpaceKeys(dropped.number()), Table.values()[dropped.tables()])) {
      write(open -> {
        var batch = new WriteBatch();
        SpaceNumbers.reclaimed(open, batch, dropped);
        return batch;
      });
    }
    return false;
  }

  /// Compacts the range of a space; false if that was given up, for the database is to be closed.
  private boolean compact(SpaceKeys keys, Table table) {
    try (var options = new CompactRangeOptions()) {
      options.setExclusiveManualCompaction(false).setAllowWriteStall(false);
      use.readLock().lock();
      try {
        return mayReclaim(options) && compact(keys, table, options);
      } finally {
        use.readLock().unlock();
        // Before it is closed, which nobody survives who uses it then.
        synchronized (reclaim) {
          reclaiming = Optional.empty();
        }
      }
    }
  }

  private boolean compact(SpaceKeys keys, Table table, CompactRangeOptions options) {
    try {
      var open = database.orElseThrow(this::notOpen);
      var none = new byte[0];
      open.rocks().compactRange(open.table(table), keys.key(none), keys.end(none), options);
      return true;
    } catch (RocksDBException failed) {
      if (Failures.isGivenUp(failed)) {
        return false;
      }
      note(failed);
      throw Failures.of("the room of a dropped space cannot be given back", failed);
    }
  }

  private boolean mayReclaim(CompactRangeOptions options) {
    synchronized (reclaim) {
      reclaiming = Optional.of(options);
      return !isClosing && awaited == 0;
    }
  }

  /// Takes the lock for oneself; no compaction begins while that is waited for.
  private void aloneWithoutReclaiming() {
    synchronized (reclaim) {
      awaited++;
    }
    try {
      giveUpReclaiming(false);
      use.writeLock().lock();
    } finally {
      synchronized (reclaim) {
        awaited--;
      }
    }
  }

  /// Whoever is about to wait for all others to let go of the database does not wait for this.
  private void giveUpReclaiming(boolean forGood) {
    synchronized (reclaim) {
      isClosing |= forGood;
      reclaiming.ifPresent(options -> options.setCanceled(true));
    }
  }

  @Override
  public void close() {
    giveUpReclaiming(true);
    use.writeLock().lock();
    try {
      if (isClosed) {
        return;
      }
      isClosed = true;
      closeDatabase();
      settings.close();
      lock.close();
    } catch (IOException failed) {
      throw new StorageFailure("the lock in " + directory + " cannot be given up", failed);
    } finally {
      use.writeLock().unlock();
    }
  }

  private void closeDatabase() {
    database.ifPresent(Database::close);
    database = Optional.empty();
  }

  Ingestion ingestion() {
    return ingestion;
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
      note(failed);
      throw Failures.of("the store in " + directory + " cannot be read", failed);
    } finally {
      use.readLock().unlock();
    }
  }

  /// Something done with the open database that gives nothing.
  @FunctionalInterface
  interface Deed {
    void with(Database open) throws RocksDBException;
  }

  /// Writes durably, or throws and takes no more writes until [#recover()].
  void write(Use<WriteBatch> batch) {
    write(batch, _ -> {});
  }

  /// Writes durably, and does something when that is done.
  void write(Use<WriteBatch> batch, Deed then) {
    use.readLock().lock();
    try {
      checkWritable();
      var open = database.orElseThrow(this::notOpen);
      try (var writes = batch.with(open)) {
        open.rocks().write(settings.synced(), writes);
      }
      then.with(open);
    } catch (RocksDBException failed) {
      isInDoubt = true;
      note(failed);
      throw Failures.of("the store in " + directory + " cannot be written", failed);
    } finally {
      use.readLock().unlock();
    }
  }

  /// Writes durably while nobody else uses the database.
  ///
  /// @param then what those who use it afterwards must find done
  void writeAlone(Use<WriteBatch> batch, Runnable then) {
    aloneWithoutReclaiming();
    try {
      write(batch);
      then.run();
    } finally {
      use.writeLock().unlock();
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
    aloneWithoutReclaiming();
    try {
      if (isDamaged.get()) {
        throw new StorageFailure(
            "the store in " + directory + " is damaged; it is made anew when it is opened again",
            new IllegalStateException("damaged"));
      }
      if (isClosed || !isInDoubt) {
        return;
      }
      database.ifPresent(Database::close);
      database = Optional.empty();
      database = Optional.of(Database.open(directory.resolve(DATABASE), settings));
      // The last write of any of them may be there or not.
      spaces.values().forEach(RocksSpace::reopened);
      isInDoubt = false;
    } catch (RocksDBException failed) {
      note(failed);
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
    var known = use(open -> SpaceNumbers.find(open, id));
    if (known.isPresent()) {
      return known.get();
    }
    int next = use(SpaceNumbers::highest) + 1;
    write(open -> {
      var batch = new WriteBatch();
      SpaceNumbers.give(open, batch, id, next);
      return batch;
    });
    try {
      files.begun();
    } catch (IOException failed) {
      throw new StorageFailure("that " + directory + " is in use cannot be written down", failed);
    }
    return next;
  }
}
