package io.starling.node.cli.doctor;

import io.starling.node.identity.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/// What a directory offers a node.
///
/// @param fileSystem its type, as the system names it
/// @param sync how long a small write takes to be durable: the median of a few; empty if nothing
///   can be written there
record DiskFacts(
    long freeBytes,
    String fileSystem,
    Set<PosixFilePermission> permissions,
    Optional<Duration> sync) {

  private static final int WRITES = 15;
  private static final int WRITE_BYTES = 4_096;

  static DiskFacts read(Path directory) throws IOException {
    var store = Files.getFileStore(directory);
    return new DiskFacts(
        store.getUsableSpace(),
        store.type(),
        AtomicFile.permissions(directory),
        Files.isWritable(directory) ? Optional.of(sync(directory)) : Optional.empty());
  }

  private static Duration sync(Path directory) throws IOException {
    var file = Files.createTempFile(directory, ".doctor", ".tmp");
    try (var out = FileChannel.open(file, StandardOpenOption.WRITE)) {
      var nanos = new long[WRITES];
      for (int i = 0; i < WRITES; i++) {
        long began = System.nanoTime();
        out.write(ByteBuffer.allocate(WRITE_BYTES));
        out.force(false);
        nanos[i] = System.nanoTime() - began;
      }
      Arrays.sort(nanos);
      return Duration.ofNanos(nanos[WRITES / 2]);
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
