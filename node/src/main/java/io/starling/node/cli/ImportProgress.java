package io.starling.node.cli;

import io.starling.node.cli.terminal.Terminal;
import java.io.PrintWriter;
import java.util.Locale;

/// How far an import has come: a bar on a terminal, a line now and then elsewhere.
final class ImportProgress implements AutoCloseable {

  private static final int WIDTH = 30;
  private static final long BAR_NANOS = 100_000_000;
  private static final long LINE_NANOS = 5_000_000_000L;
  private static final double NANOS_PER_SECOND = 1e9;

  private final PrintWriter out;
  private final NdjsonFile lines;
  private final boolean isTerminal;
  private final long began = System.nanoTime();
  private long shown = began;
  private boolean hasBar;

  ImportProgress(PrintWriter out, NdjsonFile lines) {
    this.out = out;
    this.lines = lines;
    this.isTerminal = Terminal.isErr();
  }

  /// Shows how many lines are durable, if it is time to.
  void at(long done) {
    long now = System.nanoTime();
    if (now - shown < (isTerminal ? BAR_NANOS : LINE_NANOS)) {
      return;
    }
    shown = now;
    var text = String.format(Locale.ROOT, "%,d lines, %,.0f a second", done, rate(done, now));
    if (isTerminal) {
      int filled = (int) (lines.fraction() * WIDTH);
      out.print("\r[" + "#".repeat(filled) + " ".repeat(WIDTH - filled) + "] " + text + "  ");
      hasBar = true;
    } else {
      out.println(String.format(Locale.ROOT, "%.0f %%, ", lines.fraction() * 100) + text);
    }
    out.flush();
  }

  private double rate(long done, long now) {
    return done * NANOS_PER_SECOND / Math.max(1, now - began);
  }

  /// Says what was done, unless it is not to.
  ///
  /// @return how many seconds it took
  double end(long imported, long bad, boolean isQuiet) {
    close();
    long now = System.nanoTime();
    double seconds = (now - began) / NANOS_PER_SECOND;
    if (isQuiet) {
      return seconds;
    }
    out.println(
        String.format(
            Locale.ROOT,
            "%,d lines imported in %.1f s, %,.0f a second%s",
            imported,
            seconds,
            rate(imported, now),
            bad == 0 ? "" : String.format(Locale.ROOT, "; %,d were skipped", bad)));
    out.flush();
    return seconds;
  }

  /// Leaves the bar's line.
  @Override
  public void close() {
    if (hasBar) {
      out.println();
      out.flush();
      hasBar = false;
    }
  }
}
