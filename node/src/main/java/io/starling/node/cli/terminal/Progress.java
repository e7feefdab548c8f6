package io.starling.node.cli.terminal;

import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;

/// A line that says what a command that takes long is at. It is shown where messages go to a
/// terminal, after a moment, and is gone when the command is done.
///
/// Used by one thread.
public final class Progress implements AutoCloseable {

  private static final long QUIET_NANOS = 700_000_000;
  private static final long PAUSE_NANOS = 100_000_000;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final String CLEAR = "\r\u001b[K";

  private final PrintWriter out;
  private final boolean isShown;
  private final long began = System.nanoTime();
  private long last = began;
  private boolean hasLine;

  Progress(PrintWriter out, boolean isShown) {
    this.out = out;
    this.isShown = isShown;
  }

  /// The progress of a command.
  public static Progress of(CommandSpec command) {
    return new Progress(command.commandLine().getErr(), Terminal.isErr());
  }

  /// Says what is being done, if it is time to.
  public void at(String step) {
    long now = System.nanoTime();
    if (!isShown || now - began < QUIET_NANOS || (hasLine && now - last < PAUSE_NANOS)) {
      return;
    }
    last = now;
    hasLine = true;
    var seconds = String.format(Locale.ROOT, "%.0f s", (now - began) / NANOS_PER_SECOND);
    out.print(CLEAR + ViewText.line(step) + " … " + seconds);
    out.flush();
  }

  /// Takes the line away.
  @Override
  public void close() {
    if (hasLine) {
      out.print(CLEAR);
      out.flush();
      hasLine = false;
    }
  }
}
