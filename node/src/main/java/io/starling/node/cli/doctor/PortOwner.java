package io.starling.node.cli.doctor;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Who listens on a port, as far as Linux tells: processes of others hide what they have open.
final class PortOwner {

  private static final Path PROC = Path.of("/proc");
  private static final String LISTENS = "0A";
  private static final int LOCAL = 1;
  private static final int STATE = 3;
  private static final int INODE = 9;

  private PortOwner() {}

  /// For people: `process 42 (java) uses it`.
  static Optional<String> find(int port) throws IOException {
    var sockets = sockets(port);
    if (sockets.isEmpty() || !Files.isDirectory(PROC)) {
      return Optional.empty();
    }
    try (var processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (var process : processes) {
        if (holds(process, sockets)) {
          return Optional.of(
              "process " + process.getFileName() + " (" + name(process) + ") uses it");
        }
      }
    } catch (DirectoryIteratorException gone) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static Set<String> sockets(int port) throws IOException {
    var inodes = new HashSet<String>();
    for (var table : List.of("net/tcp", "net/tcp6")) {
      var file = PROC.resolve(table);
      if (Files.isReadable(file)) {
        for (var line : Files.readAllLines(file)) {
          var words = line.strip().split("\\s+");
          if (words.length > INODE
              && words[STATE].equals(LISTENS)
              && words[LOCAL].endsWith(String.format(":%04X", port))) {
            inodes.add("socket:[" + words[INODE] + "]");
          }
        }
      }
    }
    return inodes;
  }

  private static boolean holds(Path process, Set<String> sockets) {
    try (var open = Files.newDirectoryStream(process.resolve("fd"))) {
      for (var descriptor : open) {
        if (sockets.contains(Files.readSymbolicLink(descriptor).toString())) {
          return true;
        }
      }
      return false;
    } catch (IOException | DirectoryIteratorException hiddenOrGone) {
      return false;
    }
  }

  private static String name(Path process) {
    try {
      return Files.readString(process.resolve("comm")).strip();
    } catch (IOException gone) {
      return "gone";
    }
  }
}
