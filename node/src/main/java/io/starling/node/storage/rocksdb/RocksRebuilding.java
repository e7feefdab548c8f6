package io.starling.node.storage.rocksdb;

import io.starling.node.storage.Rebuilding;
import io.starling.node.storage.Remains;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.StorageFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The making anew of a database whose predecessor was set aside. Which spaces are done stands in
/// the new database.
final class RocksRebuilding implements Rebuilding {

  private static final Logger LOG = LoggerFactory.getLogger(RocksRebuilding.class);
  private static final byte DONE = 'r';

  private final RocksStore store;
  private final RocksSettings settings;
  private final SetAside files;
  private final SetAside.Begun record;
  private volatile boolean isOver;

  RocksRebuilding(RocksStore store, RocksSettings settings, SetAside files, SetAside.Begun record) {
    this.store = store;
    this.settings = settings;
    this.files = files;
    this.record = record;
  }

  /// Whether it is not over yet.
  boolean isGoingOn() {
    return !isOver;
  }

  @Override
  public String reason() {
    return record.reason();
  }

  @Override
  public Instant since() {
    return record.since();
  }

  @Override
  public List<Path> setAside() {
    return files.kept();
  }

  @Override
  public List<Remains> remains() {
    var opened = new ArrayList<Remains>();
    for (var place : files.kept().reversed()) {
      try {
        opened.add(RocksRemains.open(place, settings));
      } catch (RocksDBException | IOException tooDamaged) {
        LOG.warn("nothing can be read of {}: {}", place, tooDamaged.getMessage());
      }
    }
    return opened;
  }

  @Override
  public boolean isDone(SpaceId space) {
    return store.use(open -> open.rocks().get(open.own(), SpaceNumbers.key(DONE, space)) != null);
  }

  @Override
  public void done(SpaceId space) {
    store.write(open -> {
      var batch = new WriteBatch();
      batch.put(open.own(), SpaceNumbers.key(DONE, space), new byte[] {1});
      return batch;
    });
  }

  @Override
  public void over() {
    try {
      files.over();
      isOver = true;
    } catch (IOException failed) {
      throw new StorageFailure("that the store is made anew cannot be written down", failed);
    }
  }
}
