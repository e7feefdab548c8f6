package io.starling.node.storage.rocksdb;

import io.starling.replica.port.Table;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/// An open RocksDB with a column family for each table, and one, the default, for the node's own
/// records.
///
/// Using it after it was closed ends the process; whoever holds one keeps it from being closed.
final class Database implements AutoCloseable {

  private final RocksDB rocks;
  private final DBOptions options;
  private final List<ColumnFamilyOptions> familyOptions;
  private final List<ColumnFamilyHandle> handles;
  private final Map<Table, ColumnFamilyHandle> tables = new EnumMap<>(Table.class);

  private Database(
      RocksDB rocks,
      DBOptions options,
      List<ColumnFamilyOptions> familyOptions,
      List<ColumnFamilyHandle> handles) {
    this.rocks = rocks;
    this.options = options;
    this.familyOptions = familyOptions;
    this.handles = handles;
    for (var table : Table.values()) {
      tables.put(table, handles.get(1 + table.ordinal()));
    }
  }

  static Database open(Path directory, RocksSettings settings) throws RocksDBException {
    return open(directory, settings, settings.database(), RocksDB::open);
  }

  /// Opens what may be damaged.
  static Database openReadOnly(Path directory, RocksSettings settings) throws RocksDBException {
    return open(directory, settings, settings.damaged(), RocksDB::openReadOnly);
  }

  @FunctionalInterface
  private interface Opening {
    RocksDB open(
        DBOptions options,
        String directory,
        List<ColumnFamilyDescriptor> families,
        List<ColumnFamilyHandle> handles)
        throws RocksDBException;
  }

  private static Database open(
      Path directory, RocksSettings settings, DBOptions options, Opening opening)
      throws RocksDBException {
    var families = new ArrayList<ColumnFamilyDescriptor>();
    var familyOptions = new ArrayList<ColumnFamilyOptions>();
    familyOptions.add(settings.small());
    families.add(
        new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, familyOptions.getFirst()));
    for (var table : Table.values()) {
      familyOptions.add(settings.table(table));
      var name = table.name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
      families.add(new ColumnFamilyDescriptor(name, familyOptions.getLast()));
    }
    var handles = new ArrayList<ColumnFamilyHandle>();
    try {
      var rocks = opening.open(options, directory.toString(), families, handles);
      return new Database(rocks, options, familyOptions, handles);
    } catch (RocksDBException refused) {
      options.close();
      familyOptions.forEach(ColumnFamilyOptions::close);
      throw refused;
    }
  }

  RocksDB rocks() {
    return rocks;
  }

  ColumnFamilyHandle table(Table table) {
    return Objects.requireNonNull(tables.get(table));
  }

  /// All column families.
  List<ColumnFamilyHandle> families() {
    return List.copyOf(handles);
  }

  /// Where the node keeps what is not of a space.
  ColumnFamilyHandle own() {
    return handles.getFirst();
  }

  @Override
  public void close() {
    handles.forEach(ColumnFamilyHandle::close);
    rocks.close();
    options.close();
    familyOptions.forEach(ColumnFamilyOptions::close);
  }
}
