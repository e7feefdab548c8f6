package io.starling.node.storage.rocksdb;

import io.starling.replica.port.Changes;
import io.starling.replica.port.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.EnvOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/// Brings many rows of the fresh tables in as files of the database: they go neither through its
/// write-ahead log nor through its memory, nor are they sorted into others later.
///
/// What is brought in is durable and visible at once, table by table, and not together with
/// anything else. That does no harm: nobody goes by what is in the fresh tables before a write that
/// is made afterwards says so.
///
/// ```
/// DIRECTORY/ingested/    files on their way; whatever is there at the start is of no use
/// ```
final class Ingestion {

  /// Rows of a table from which on this is less work than a write.
  private static final int ROWS_MIN = 4_000;

  private static final String DIRECTORY = "ingested";

  private final Path directory;
  private final RocksSettings settings;
  private long files;

  /// @param store the directory of the store; remains of an earlier run are deleted
  Ingestion(Path store, RocksSettings settings) throws IOException {
    this.directory = store.resolve(DIRECTORY);
    this.settings = settings;
    Files.createDirectories(directory);
    try (var old = Files.list(directory)) {
      for (var file : old.toList()) {
        Files.delete(file);
      }
    }
  }

  /// Brings in what is worth it.
  ///
  /// @return the changes that are left to be written
  List<Changes.Write> bring(Database open, SpaceKeys keys, Places places, Changes changes)
      throws RocksDBException {
    var many = many(changes);
    if (many.isEmpty()) {
      return changes.writes();
    }
    for (var rows : many.entrySet()) {
      bring(open, keys, places.of(rows.getKey()), rows.getValue());
    }
    return changes.writes().stream().filter(it -> !many.containsKey(it.table())).toList();
  }

  /// The rows of tables in which many are put and none is taken out.
  private static Map<Table, List<Changes.Write>> many(Changes changes) {
    var many = new EnumMap<Table, List<Changes.Write>>(Table.class);
    if (changes.fresh() != Changes.Fresh.KEPT || changes.writes().size() < ROWS_MIN) {
      return many;
    }
    for (var write : changes.writes()) {
      if (write.table().isFresh()) {
        many.computeIfAbsent(write.table(), _ -> new ArrayList<>()).add(write);
      }
    }
    many.values()
        .removeIf(
            rows -> rows.size() < ROWS_MIN || rows.stream().anyMatch(it -> it.value().isEmpty()));
    return many;
  }

  private synchronized void bring(
      Database open, SpaceKeys keys, Table place, List<Changes.Write> rows)
      throws RocksDBException {
    var file = directory.resolve(files++ + ".sst").toString();
    try (var environment = new EnvOptions();
        var all = settings.database();
        var family = settings.table(place);
        var options = new Options(all, family);
        var writer = new SstFileWriter(environment, options)) {
      writer.open(file);
      for (var row : rows) {
        writer.put(keys.key(row.key()), row.value().orElseThrow());
      }
      writer.finish();
    }
    try (var ingest = new IngestExternalFileOptions().setMoveFiles(true)) {
      open.rocks().ingestExternalFile(open.table(place), List.of(file), ingest);
    }
  }
}
