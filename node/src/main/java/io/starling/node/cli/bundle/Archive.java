package io.starling.node.cli.bundle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Texts under their names, redacted and bounded as they are put in: 1 MiB each, 32 MiB together.
/// Of a longer text the end stays.
final class Archive {

  static final int TEXT_MAX = 1 << 20;
  static final int ALL_MAX = 32 << 20;

  private static final String CUT = "[the beginning is left out]\n";

  private final TreeMap<String, byte[]> entries = new TreeMap<>();
  private final int textMax;
  private final int allMax;
  private int size;

  Archive() {
    this(TEXT_MAX, ALL_MAX);
  }

  Archive(int textMax, int allMax) {
    this.textMax = textMax;
    this.allMax = allMax;
  }

  void add(String name, String text) {
    var clean = Redaction.of(text);
    // Whatever was cut off was whole when it was looked for secrets.
    int excess = clean.length() - (textMax - CUT.length());
    var kept = excess > 0 ? CUT + clean.substring(excess) : clean;
    var bytes = kept.getBytes(StandardCharsets.UTF_8);
    if (size + bytes.length <= allMax) {
      size += bytes.length;
      entries.put(name, bytes);
    }
  }

  /// Name and size of each text.
  TreeMap<String, Integer> contents() {
    var contents = new TreeMap<String, Integer>();
    entries.forEach((name, bytes) -> contents.put(name, bytes.length));
    return contents;
  }

  /// Writes a file that was not there, and that only its owner may read.
  ///
  /// @return its size
  long write(Path file) throws IOException {
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    var options = EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try (var channel = Files.newByteChannel(file, options, mode);
        var zip = new ZipOutputStream(java.nio.channels.Channels.newOutputStream(channel))) {
      for (var entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    }
    return Files.size(file);
  }
}
