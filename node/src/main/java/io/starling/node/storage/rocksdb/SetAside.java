package io.starling.node.storage.rocksdb;

import io.starling.node.files.DurableFile;
import io.starling.node.storage.StoreUnusableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The moving aside of a damaged database, so that an empty one takes its place and nothing of it
/// is lost.
///
/// ```
/// DIRECTORY/store.damaged      damage was met; the next start sets the database aside
/// DIRECTORY/damaged-N/         a database that was set aside, at most three
/// DIRECTORY/store.rebuilding   the database is being made anew, since when and why
/// DIRECTORY/store.begun        the database has had a space in it
/// ```
///
/// Each step is durable before the next, and a start that was cut short is gone on with: the mark
/// stays until the record of the rebuilding is written.
final class SetAside {

  /// Damaged databases that are kept; with as many, the disk is at fault and not the data.
  static final int KEPT_MAX = 3;

  private static final String MARK = "store.damaged";
  private static final String RECORD = "store.rebuilding";
  private static final String BEGUN = "store.begun";
  private static final String PREFIX = "damaged-";
  private static final int BYTES_MAX = 4_096;
  private static final int REASON_MAX = 1_000;

  private final Path directory;

  SetAside(Path directory) {
    this.directory = directory;
  }

  /// Why a database is being made anew.
  record Begun(String reason, Instant since) {}

  /// Notes durably that damage was met.
  void mark(String reason) throws IOException {
    if (!Files.exists(directory.resolve(MARK))) {
      write(MARK, oneLine(reason));
    }
  }

  /// The damage that was met before; empty if none was, or it is dealt with.
  Optional<String> marked() throws IOException {
    return read(MARK).map(String::strip);
  }

  /// Notes durably that the database has a space in it.
  void begun() throws IOException {
    if (!hasBegun()) {
      write(BEGUN, "");
    }
  }

  /// Whether the database has had a space in it.
  boolean hasBegun() {
    return Files.exists(directory.resolve(BEGUN));
  }

  /// Moves the database aside.
  ///
  /// @throws StoreUnusableException if as many are kept as may be; nothing was changed
  void perform(String reason) throws IOException, StoreUnusableException {
    var database = directory.resolve(RocksStore.DATABASE);
    mark(reason);
    if (Files.exists(database)) {
      Files.move(database, next(reason), StandardCopyOption.ATOMIC_MOVE);
      DurableFile.syncDirectory(directory);
    }
    write(RECORD, Instant.now() + "\n" + oneLine(reason) + "\n");
    Files.deleteIfExists(directory.resolve(BEGUN));
    Files.delete(directory.resolve(MARK));
    DurableFile.syncDirectory(directory);
  }

  private Path next(String reason) throws StoreUnusableException {
    for (int n = 1; n <= KEPT_MAX; n++) {
      var place = directory.resolve(PREFIX + n);
      if (!Files.exists(place)) {
        return place;
      }
    }
    throw new StoreUnusableException(
        "the database in "
            + directory
            + " is damaged ("
            + oneLine(reason)
            + "), and so were the "
            + KEPT_MAX
            + " before it, "
            + PREFIX
            + "1 to "
            + PREFIX
            + KEPT_MAX
            + ": the disk or the memory of this machine is at fault. Replace it, remove those, and"
            + " start again");
  }

  /// Why the database is being made anew; empty if it is not.
  Optional<Begun> rebuilding() throws IOException {
    return read(RECORD).map(SetAside::record);
  }

  private static Begun record(String text) {
    var lines = text.lines().toList();
    var reason = lines.size() > 1 ? lines.get(1) : "damage that was not written down";
    try {
      return new Begun(reason, Instant.parse(lines.isEmpty() ? "" : lines.getFirst()));
    } catch (DateTimeException damagedToo) {
      return new Begun(reason, Instant.EPOCH);
    }
  }

  /// Notes durably that it is not being made anew any more.
  void over() throws IOException {
    Files.deleteIfExists(directory.resolve(RECORD));
    DurableFile.syncDirectory(directory);
  }

  /// Where the damaged databases are, the latest last.
  List<Path> kept() {
    var kept = new ArrayList<Path>();
    for (int n = 1; n <= KEPT_MAX; n++) {
      var place = directory.resolve(PREFIX + n);
      if (Files.isDirectory(place)) {
        kept.add(place);
      }
    }
    return kept;
  }

  private static String oneLine(String reason) {
    var line = reason.replaceAll("\\s+", " ").strip();
    return line.length() > REASON_MAX ? line.substring(0, REASON_MAX) : line;
  }

  private Optional<String> read(String name) throws IOException {
    var file = directory.resolve(name);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    byte[] bytes;
    try (var in = Files.newInputStream(file)) {
      bytes = in.readNBytes(BYTES_MAX);
    }
    return Optional.of(new String(bytes, StandardCharsets.UTF_8));
  }

  private void write(String name, String text) throws IOException {
    DurableFile.replace(directory.resolve(name), text.getBytes(StandardCharsets.UTF_8));
  }
}
