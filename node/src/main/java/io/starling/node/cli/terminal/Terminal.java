package io.starling.node.cli.terminal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Whether a stream of this process is a terminal.
public final class Terminal {

  private static final Path STREAMS = Path.of("/proc/self/fd");

  private Terminal() {}

  /// Whether results go to people.
  public static boolean isOut() {
    return is("1");
  }

  /// Whether messages go to people.
  public static boolean isErr() {
    return is("2");
  }

  // Where the system does not tell of single streams, Java tells of input and output together.
  private static boolean is(String descriptor) {
    var stream = STREAMS.resolve(descriptor);
    if (!Files.isSymbolicLink(stream)) {
      return Optional.ofNullable(System.console()).filter(it -> it.isTerminal()).isPresent();
    }
    try {
      var target = Files.readSymbolicLink(stream).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException closed) {
      return false;
    }
  }
}
