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
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.EnvOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger LOG = LoggerFactory.getLogger(Ingestion.class);
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

  /// Changes, in two.
  ///
  /// @param written what goes into a write as ever
  /// @param brought rows that are worth to be brought in
  record Parts(List<Changes.Write> written, Map<Table, List<Changes.Write>> brought) {}

  /// Tells what of changes is to be brought in: of which there is much, for a fresh table.
  static Parts parts(Changes changes) {
    var brought = new EnumMap<Table, List<Changes.Write>>(Table.class);
    var writes = changes.writes();
    if (changes.fresh() != Changes.Fresh.KEPT || writes.size() < ROWS_MIN) {
      return new Parts(writes, brought);
    }
    var written = new ArrayList<Changes.Write>();
    for (int from = 0; from < writes.size(); ) {
      var table = writes.get(from).table();
      int to = end(writes, from);
      var rows = writes.subList(from, to);
      if (table.isFresh() && rows.size() >= ROWS_MIN) {
        brought.put(table, rows);
      } else {
        written.addAll(rows);
      }
      from = to;
    }
    return new Parts(written, brought);
  }

  /// Where the rows of the table end that begin at a place: they come in order of the tables, and
  /// to look at each would take as long as to write it.
  private static int end(List<Changes.Write> writes, int from) {
    var table = writes.get(from).table();
    int in = from;
    int beyond = writes.size();
    while (beyond - in > 1) {
      int middle = (in + beyond) >>> 1;
      if (writes.get(middle).table() == table) {
        in = middle;
      } else {
        beyond = middle;
      }
    }
    return beyond;
  }

  /// Brings rows in.
  void bring(Database open, SpaceKeys keys, Places places, Map<Table, List<Changes.Write>> rows)
      throws RocksDBException {
    for (var table : rows.entrySet()) {
      bring(open, keys, places.of(table.getKey()), table.getValue());
    }
  }

  private synchronized void bring(
      Database open, SpaceKeys keys, Table place, List<Changes.Write> rows)
      throws RocksDBException {
    var file = directory.resolve(files++ + ".sst");
    try {
      write(file, keys, settings.table(place), rows);
      try (var ingest = new IngestExternalFileOptions().setMoveFiles(true)) {
        open.rocks().ingestExternalFile(open.table(place), List.of(file.toString()), ingest);
      }
    } finally {
      delete(file);
    }
  }

  private void write(
      Path file, SpaceKeys keys, ColumnFamilyOptions family, List<Changes.Write> rows)
      throws RocksDBException {
    try (family;
        var environment = new EnvOptions();
        var database = settings.database();
        var options = new Options(database, family);
        var writer = new SstFileWriter(environment, options)) {
      writer.open(file.toString());
      for (var row : rows) {
        if (row.value().isPresent()) {
          writer.put(keys.key(row.key()), row.value().get());
        } else {
          writer.delete(keys.key(row.key()));
        }
      }
      writer.finish();
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException left) {
      LOG.warn("{} cannot be deleted; the next start tries again: {}", file, left.getMessage());
    }
  }
}
