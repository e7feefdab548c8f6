package io.starling.node.identity;

import io.starling.node.files.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Files that are there whole and durable, or as they were before.
public final class AtomicFile {

  private AtomicFile() {}

  /// Writes a file that everyone may read. Durable when this returns.
  static void write(Path file, String text) throws IOException {
    write(file, text, "rw-r--r--");
  }

  /// Writes a file that only its owner may read. Durable when this returns; never readable by
  /// others, not even while it is being written.
  public static void writeSecret(Path file, String text) throws IOException {
    write(file, text, "rw-------");
  }

  /// Creates a directory that only its owner may enter, and its parents.
  public static void createDirectory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  /// The permissions of a file; none where the file system has none to tell.
  public static Set<PosixFilePermission> permissions(Path file) throws IOException {
    try {
      return Files.getPosixFilePermissions(file);
    } catch (UnsupportedOperationException notPosix) {
      return Set.of();
    }
  }

  private static void write(Path file, String text, String permissions) throws IOException {
    var directory = file.toAbsolutePath().getParent();
    if (directory == null) {
      throw new FileSystemException(file.toString(), null, "is no place for a file");
    }
    var mode = PosixFilePermissions.fromString(permissions);
    // A temporary file is readable by its owner only, whatever the umask.
    var temporary = Files.createTempFile(directory, "." + file.getFileName(), ".new");
    try {
      DurableFile.fill(temporary, text.getBytes(StandardCharsets.UTF_8));
      if (!permissions(temporary).equals(Set.of())) {
        Files.setPosixFilePermissions(temporary, mode);
      }
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      DurableFile.syncDirectory(directory);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
