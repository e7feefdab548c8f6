package io.starling.node.storage.rocksdb;

import io.starling.replica.port.Changes;
import io.starling.replica.port.Run;
import io.starling.replica.port.Table;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
  // Where a row is for the library to see it; a larger one has room of its own.
  private final ByteBuffer room = ByteBuffer.allocateDirect(1 << 16);
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
  record Parts(List<Changes.Write> written, List<Run> brought) {}

  /// Tells what of changes is to be brought in: of which there is much, for a fresh table.
  static Parts parts(Changes changes) {
    if (changes.fresh() != Changes.Fresh.KEPT) {
      return new Parts(changes.writes(), List.of());
    }
    var written = new ArrayList<Changes.Write>();
    var brought = new ArrayList<Run>();
    for (var part : changes.parts()) {
      if (part instanceof Run run && run.table().isFresh() && run.size() >= ROWS_MIN) {
        brought.add(run);
      } else {
        written.addAll(part);
      }
    }
    return new Parts(written, brought);
  }

  /// Brings rows in.
  void bring(Database open, SpaceKeys keys, Places places, List<Run> runs) throws RocksDBException {
    for (var run : runs) {
      bring(open, keys, places.of(run.table()), run);
    }
  }

  private synchronized void bring(Database open, SpaceKeys keys, Table place, Run rows)
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

  private void write(Path file, SpaceKeys keys, ColumnFamilyOptions family, Run rows)
      throws RocksDBException {
    try (family;
        var environment = new EnvOptions();
        var database = settings.database();
        var options = new Options(database, family);
        var writer = new SstFileWriter(environment, options)) {
      writer.open(file.toString());
      for (var row = rows.cursor(); row.next(); ) {
        put(writer, keys, row);
      }
      writer.finish();
    }
  }

  private void put(SstFileWriter writer, SpaceKeys keys, Run.Cursor row) throws RocksDBException {
    int key = SpaceKeys.PREFIX_BYTES + row.value() - row.key();
    int end = SpaceKeys.PREFIX_BYTES + row.end() - row.key();
    var place = end <= room.capacity() ? room : ByteBuffer.allocateDirect(end);
    place.putInt(0, keys.number());
    place.put(SpaceKeys.PREFIX_BYTES, row.bytes(), row.key(), row.end() - row.key());
    writer.put(place.slice(0, key), place.slice(key, end - key));
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException left) {
      LOG.warn("{} cannot be deleted; the next start tries again: {}", file, left.getMessage());
    }
  }
}
