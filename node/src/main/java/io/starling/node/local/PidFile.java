package io.starling.node.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;

/// The file by which a node's process is found again: its number and when it began, for the system
/// gives numbers to others when they are free.
public record PidFile(Path path) {

  /// Writes down a process.
  public void write(ProcessHandle process) throws IOException {
    var began = process.info().startInstant().map(Instant::toString).orElse("");
    var fresh = path.resolveSibling(path.getFileName() + ".new");
    Files.writeString(fresh, process.pid() + " " + began + "\n");
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// The process, if it still runs.
  public Optional<ProcessHandle> running() throws IOException {
    String[] words;
    try {
      words = Files.readString(path).strip().split(" ", 2);
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
    try {
      return ProcessHandle.of(Long.parseLong(words[0]))
          .filter(ProcessHandle::isAlive)
          .filter(process -> words.length < 2 || isOf(process, words[1]));
    } catch (NumberFormatException broken) {
      return Optional.empty();
    }
  }

  private static boolean isOf(ProcessHandle process, String began) {
    var actual = process.info().startInstant().map(Instant::toString);
    return actual.isEmpty() || actual.get().equals(began);
  }

  /// Forgets the process.
  public void delete() throws IOException {
    Files.deleteIfExists(path);
  }
}
