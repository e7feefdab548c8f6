package io.starling.node.storage.rocksdb;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.storage.StoreUnusableException;
import io.starling.replica.batch.ClusterId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// Whose store a directory holds, in a small file beside the database, so that it can be read
/// before anything is touched.
///
/// @param cluster whose spaces these are
/// @param node the key whose incarnations wrote here
record StoreIdentity(ClusterId cluster, KeyFingerprint node) {

  /// The version this code writes, and the newest it reads.
  static final int FORMAT = 1;

  static final String FILE = "store.identity";
  private static final int BYTES_MAX = 4_096;

  /// Checks that a directory holds this node's store, or nothing yet.
  ///
  /// @throws StoreUnusableException if it does not; nothing was changed
  void check(Path directory) throws StoreUnusableException, IOException {
    var file = directory.resolve(FILE);
    if (!Files.exists(file)) {
      checkEmpty(directory);
      return;
    }
    if (Files.size(file) > BYTES_MAX) {
      throw unreadable(file);
    }
    var fields = fields(Files.readString(file, StandardCharsets.UTF_8));
    checkFormat(directory, file, fields);
    if (!fields.getOrDefault("cluster", "").equals(cluster.toString())) {
      throw new StoreUnusableException(
          directory
              + " holds the store of another cluster, "
              + fields.get("cluster")
              + "; this node is of "
              + cluster);
    }
    if (!fields.getOrDefault("node", "").equals(node.toString())) {
      throw new StoreUnusableException(
          directory
              + " holds the store of another node, "
              + fields.get("node")
              + "; this node is "
              + node);
    }
  }

  /// Writes the file if there is none. Durable when this returns.
  void write(Path directory) throws IOException {
    var file = directory.resolve(FILE);
    if (Files.exists(file)) {
      return;
    }
    var text = "format=" + FORMAT + "\ncluster=" + cluster + "\nnode=" + node + "\n";
    var fresh = directory.resolve(FILE + ".new");
    try (var out =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    try (var open = FileChannel.open(directory, StandardOpenOption.READ)) {
      open.force(true);
    }
  }

  private static void checkFormat(Path directory, Path file, Map<String, String> fields)
      throws StoreUnusableException {
    int format;
    try {
      format = Integer.parseInt(Objects.requireNonNullElse(fields.get("format"), ""));
    } catch (NumberFormatException notANumber) {
      throw unreadable(file);
    }
    if (format > FORMAT) {
      throw new StoreUnusableException(
          directory
              + " was written by a newer version, in format "
              + format
              + "; this version reads up to "
              + FORMAT
              + ": run the newer version");
    }
  }

  private static void checkEmpty(Path directory) throws StoreUnusableException, IOException {
    var database = directory.resolve(RocksStore.DATABASE);
    if (!Files.exists(database)) {
      return;
    }
    try (Stream<Path> files = Files.list(database)) {
      if (files.findAny().isPresent()) {
        throw new StoreUnusableException(
            database
                + " is not empty, and "
                + FILE
                + " beside it, which says whose it is, is gone");
      }
    }
  }

  private static StoreUnusableException unreadable(Path file) {
    return new StoreUnusableException(file + " cannot be read; it does not name a format");
  }

  private static Map<String, String> fields(String text) {
    var fields = new LinkedHashMap<String, String>();
    for (var line : text.lines().toList()) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        fields.put(line.substring(0, equals), line.substring(equals + 1).strip());
      }
    }
    return fields;
  }
}
