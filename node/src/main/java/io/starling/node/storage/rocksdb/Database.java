package io.starling.node.storage.rocksdb;

import io.starling.replica.port.Table;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
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
      Set<Table> named,
      List<ColumnFamilyHandle> handles) {
    this.rocks = rocks;
    this.options = options;
    this.familyOptions = familyOptions;
    this.handles = handles;
    int next = 1;
    for (var table : named) {
      tables.put(table, handles.get(next++));
    }
  }

  static Database open(Path directory, RocksSettings settings) throws RocksDBException {
    var all = EnumSet.allOf(Table.class);
    return open(directory, settings, settings.database(), all, RocksDB::open);
  }

  /// Opens what may be damaged, with those tables that the version had that made it.
  static Database openReadOnly(Path directory, RocksSettings settings) throws RocksDBException {
    var there = new TreeSet<String>();
    try (var options = new Options()) {
      RocksDB.listColumnFamilies(options, directory.toString())
          .forEach(name -> there.add(new String(name, StandardCharsets.US_ASCII)));
    }
    var some = EnumSet.allOf(Table.class);
    some.removeIf(table -> !there.contains(name(table)));
    if (!some.containsAll(EnumSet.of(Table.META, Table.LOG))) {
      throw new RocksDBException("it has no column families but " + there);
    }
    return open(directory, settings, settings.damaged(), some, RocksDB::openReadOnly);
  }

  private static String name(Table table) {
    return table.name().toLowerCase(Locale.ROOT);
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
      Path directory, RocksSettings settings, DBOptions options, Set<Table> named, Opening opening)
      throws RocksDBException {
    var families = new ArrayList<ColumnFamilyDescriptor>();
    var familyOptions = new ArrayList<ColumnFamilyOptions>();
    familyOptions.add(settings.small());
    families.add(
        new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, familyOptions.getFirst()));
    for (var table : named) {
      familyOptions.add(settings.table(table));
      byte[] name = name(table).getBytes(StandardCharsets.US_ASCII);
      families.add(new ColumnFamilyDescriptor(name, familyOptions.getLast()));
    }
    var handles = new ArrayList<ColumnFamilyHandle>();
    try {
      var rocks = opening.open(options, directory.toString(), families, handles);
      return new Database(rocks, options, familyOptions, named, handles);
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
