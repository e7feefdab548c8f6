package io.starling.node.storage.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// A file system of a few megabytes, in memory. Only root can make one.
public final class SmallDisk implements AutoCloseable {

  private final Path directory;

  private SmallDisk(Path directory) {
    this.directory = directory;
  }

  /// Mounts one on a directory; empty where that is not allowed.
  public static Optional<SmallDisk> mount(Path directory, int megabytes)
      throws IOException, InterruptedException {
    var size = "size=" + megabytes + "m";
    try {
      boolean isMounted =
          run("mount", "-t", "tmpfs", "-o", size, "tmpfs", directory.toString()) == 0;
      return isMounted ? Optional.of(new SmallDisk(directory)) : Optional.empty();
    } catch (IOException noSuchCommand) {
      return Optional.empty();
    }
  }

  /// Fills it up but for so many bytes; others may write meanwhile.
  public void fillBut(long freeBytes) throws IOException {
    try (var out =
        FileChannel.open(filler(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      var block = ByteBuffer.allocate(64 * 1024);
      for (long left = left(freeBytes); left > 0; left = left(freeBytes)) {
        block.clear().limit((int) Math.min(block.capacity(), left));
        out.write(block);
      }
    } catch (IOException failed) {
      // Somebody else was quicker.
      if (!String.valueOf(failed.getMessage()).contains("No space left")) {
        throw failed;
      }
    }
  }

  private long left(long freeBytes) {
    return directory.toFile().getUsableSpace() - freeBytes;
  }

  /// Makes room again.
  public void empty() throws IOException {
    Files.deleteIfExists(filler());
  }

  @Override
  public void close() throws IOException, InterruptedException {
    run("umount", "-l", directory.toString());
  }

  private Path filler() {
    return directory.resolve("filler");
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }
}
