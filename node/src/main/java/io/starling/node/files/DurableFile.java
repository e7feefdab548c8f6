package io.starling.node.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// The steps of writing a small file that is there whole, or as it was before, after a power loss
/// too: bytes under another name, synced; the name moved; the directory synced.
public final class DurableFile {

  private static final String FRESH = ".new";

  private DurableFile() {}

  /// Writes a file by way of one beside it, NAME.new, which nobody else may write at a time.
  /// Durable when this returns.
  public static void replace(Path file, byte[] bytes) throws IOException {
    var directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      throw new FileSystemException(file.toString(), null, "is no place for a file");
    }
    var fresh = directory.resolve(file.getFileName() + FRESH);
    write(
        fresh,
        bytes,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    syncDirectory(directory);
  }

  /// Fills a file that is there and empty. Its bytes are durable when this returns, its name is not
  /// yet.
  public static void fill(Path file, byte[] bytes) throws IOException {
    write(file, bytes, StandardOpenOption.WRITE);
  }

  /// Makes durable which names a directory holds.
  public static void syncDirectory(Path directory) throws IOException {
    try (var open = FileChannel.open(directory, StandardOpenOption.READ)) {
      open.force(true);
    }
  }

  private static void write(Path file, byte[] bytes, StandardOpenOption... how) throws IOException {
    try (var out = FileChannel.open(file, how)) {
      var left = ByteBuffer.wrap(bytes);
      while (left.hasRemaining()) {
        out.write(left);
      }
      out.force(true);
    }
  }
}
