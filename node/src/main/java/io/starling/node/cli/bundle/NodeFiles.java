package io.starling.node.cli.bundle;

import io.starling.node.identity.AtomicFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/// What a node's directory tells without its secrets: its configuration, the end of its log, and
/// names, sizes and modes of its files, but nothing that is in them.
final class NodeFiles {

  private static final int LOG_BYTES = 1 << 20;
  private static final int CONFIG_BYTES_MAX = 1 << 20;
  private static final int FILES_MAX = 5_000;
  private static final int DEPTH_MAX = 6;

  private NodeFiles() {}

  /// @param at where in the archive
  static void collect(Archive archive, String at, Path config, Path directory, Path log)
      throws IOException {
    if (Files.isRegularFile(config) && Files.size(config) <= CONFIG_BYTES_MAX) {
      archive.add(at + "/node.yaml", Files.readString(config, StandardCharsets.ISO_8859_1));
    }
    if (Files.isRegularFile(log)) {
      archive.add(at + "/log.txt", tail(log));
    }
    if (Files.isDirectory(directory)) {
      archive.add(at + "/files.txt", listing(directory));
    }
  }

  private static String tail(Path log) throws IOException {
    try (var file = new RandomAccessFile(log.toFile(), "r")) {
      long from = Math.max(0, file.length() - LOG_BYTES);
      file.seek(from);
      var bytes = new byte[(int) (file.length() - from)];
      int read = file.read(bytes);
      var text = new String(bytes, 0, Math.max(0, read), StandardCharsets.UTF_8);
      // Half a line might be half a secret.
      int line = text.indexOf('\n');
      return from > 0 && line >= 0 ? text.substring(line + 1) : text;
    }
  }

  private static String listing(Path directory) throws IOException {
    List<Path> files;
    try (var all = Files.walk(directory, DEPTH_MAX)) {
      files = all.limit(FILES_MAX).sorted().toList();
    }
    long total = 0;
    var lines = new ArrayList<String>();
    for (var file : files) {
      try {
        long size = Files.isRegularFile(file) ? Files.size(file) : 0;
        total += size;
        var mode = PosixFilePermissions.toString(AtomicFile.permissions(file));
        lines.add(String.format("%s %14d %s", mode, size, directory.relativize(file)));
      } catch (NoSuchFileException gone) {
        lines.add("(gone while listing) " + directory.relativize(file));
      }
    }
    lines.addFirst("bytes in all: " + total);
    return String.join("\n", lines) + "\n";
  }
}
