package io.starling.node.storage.rocksdb;

import io.starling.node.storage.Remains;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.rocksdb.RocksDBException;

/// A damaged database, opened to be read only: records of its write-ahead log that are broken are
/// passed over.
final class RocksRemains implements Remains {

  private final Path directory;
  private final Database database;

  private RocksRemains(Path directory, Database database) {
    this.directory = directory;
    this.database = database;
  }

  /// @throws IOException if RocksDB must not be let near it
  static RocksRemains open(Path directory, RocksSettings settings)
      throws RocksDBException, IOException {
    RecordFiles.checkManifest(directory);
    return new RocksRemains(directory, Database.openReadOnly(directory, settings));
  }

  @Override
  public Path place() {
    return directory;
  }

  @Override
  public Set<SpaceId> spaces() {
    return use(SpaceNumbers::ids);
  }

  @Override
  public Optional<StatePort> space(SpaceId id) {
    return use(open -> SpaceNumbers.find(open, id)).map(this::port);
  }

  private StatePort port(int number) {
    var keys = new SpaceKeys(number);
    return new Port(keys, use(open -> Places.of(open, keys)));
  }

  @Override
  public void close() {
    database.close();
  }

  private <T> T use(RocksStore.Use<T> body) {
    try {
      return body.with(database);
    } catch (RocksDBException failed) {
      throw Failures.of("the damaged store in " + directory + " cannot be read here", failed);
    }
  }

  private final class Port implements StatePort {
    private final SpaceKeys keys;
    private final Places places;

    private Port(SpaceKeys keys, Places places) {
      this.keys = keys;
      this.places = places;
    }

    /// @throws StorageFailure if it cannot be read
    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      var place = places.of(table);
      return use(open -> Optional.ofNullable(open.rocks().get(open.table(place), keys.key(key))));
    }

    /// @throws StorageFailure if it cannot be read to the end
    @Override
    public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
      use(open -> {
        new RocksScan(open, keys, Optional.empty()).run(places.of(table), from, to, visitor);
        return keys;
      });
    }
  }
}
