package io.starling.node.storage.rocksdb;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.files.DurableFile;
import io.starling.node.storage.StoreUnusableException;
import io.starling.replica.batch.ClusterId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/// Whose store a directory holds, in a small file beside the database, so that it can be read
/// before anything is touched.
///
/// @param cluster whose spaces these are
/// @param node the key whose incarnations wrote here
record StoreIdentity(ClusterId cluster, KeyFingerprint node) {

  /// The version this code writes, and the newest it reads. In format 1 there were no fresh tables,
  /// in format 2 no batches of format 2 and no registers that read their greatest or least value.
  static final int FORMAT = 3;

  private static final String FILE = "store.identity";
  private static final String SUM = "sum=";
  private static final int BYTES_MAX = 4_096;

  /// Checks that a directory holds this node's store, or nothing yet.
  ///
  /// Of a file whose sum is not that of its text nothing is believed: it is written anew, for what
  /// the database holds says of which cluster it is, and of which node it is does not matter to it.
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
    // Whatever the bytes are, they are letters here.
    var text = Files.readString(file, StandardCharsets.ISO_8859_1);
    var fields = fields(text);
    if (!isIntact(text)) {
      checkNoNewer(directory, fields);
      return;
    }
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

  /// Writes the file, unless it is there as it should be. Durable when this returns.
  void write(Path directory) throws IOException {
    var file = directory.resolve(FILE);
    var fields = "format=" + FORMAT + "\ncluster=" + cluster + "\nnode=" + node + "\n";
    var text = fields + SUM + sum(fields) + "\n";
    if (Files.exists(file) && Files.readString(file, StandardCharsets.ISO_8859_1).equals(text)) {
      return;
    }
    DurableFile.replace(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /// Whether the text is the one that its last line is the sum of. A file of an earlier version has
  /// no such line.
  private static boolean isIntact(String text) {
    int last = text.lastIndexOf(SUM);
    return last < 0
        || text.substring(last + SUM.length()).strip().equals(sum(text.substring(0, last)));
  }

  private static String sum(String text) {
    var sum = new CRC32();
    sum.update(text.getBytes(StandardCharsets.ISO_8859_1));
    return Long.toHexString(sum.getValue());
  }

  private static void checkFormat(Path directory, Path file, Map<String, String> fields)
      throws StoreUnusableException {
    int format;
    try {
      format = Integer.parseInt(Objects.requireNonNullElse(fields.get("format"), ""));
    } catch (NumberFormatException notANumber) {
      throw unreadable(file);
    }
    checkNoNewer(directory, format);
  }

  /// A later version may sum its text otherwise.
  private static void checkNoNewer(Path directory, Map<String, String> fields)
      throws StoreUnusableException {
    var format = fields.getOrDefault("format", "");
    if (format.matches("[0-9]{1,9}")) {
      checkNoNewer(directory, Integer.parseInt(format));
    }
  }

  private static void checkNoNewer(Path directory, int format) throws StoreUnusableException {
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
