package io.starling.node.cli.top;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A terminal that is drawn on in place, and left as it was: another screen, no cursor, keys read
/// one by one without showing them. Whoever ends the process runs a hook that leaves it.
final class Screen implements AutoCloseable {

  private static final String ENTER = "\u001b[?1049h\u001b[?25l";
  private static final String LEAVE = "\u001b[?25h\u001b[?1049l";
  private static final String HOME = "\u001b[H";
  private static final String CLEAR_LINE = "\u001b[K";
  private static final String CLEAR_BELOW = "\u001b[J";
  private static final File TERMINAL = new File("/dev/tty");
  private static final int ROWS = 24;
  private static final int COLUMNS = 80;

  private final PrintWriter out;
  private final InputStream in;
  private final String before;
  private final Thread leaving = new Thread(this::leave, "leave-screen");
  private boolean isLeft;

  /// How large the terminal is now.
  record Size(int rows, int columns) {}

  private Screen(PrintWriter out, InputStream in, String before) {
    this.out = out;
    this.in = in;
    this.before = before;
  }

  /// Takes over the terminal.
  static Screen enter(PrintWriter out, InputStream in) throws IOException, InterruptedException {
    var screen = new Screen(out, in, stty("-g"));
    Runtime.getRuntime().addShutdownHook(screen.leaving);
    stty("-icanon", "-echo", "min", "0", "time", "0");
    out.print(ENTER);
    out.flush();
    return screen;
  }

  Size size() throws IOException, InterruptedException {
    var words = stty("size").split(" ");
    if (words.length == 2 && words[0].matches("[0-9]{1,4}") && words[1].matches("[0-9]{1,4}")) {
      int rows = Integer.parseInt(words[0]);
      int columns = Integer.parseInt(words[1]);
      if (rows > 0 && columns > 0) {
        return new Size(rows, columns);
      }
    }
    return new Size(ROWS, COLUMNS);
  }

  /// Draws lines over what was there; those that do not fit are left out, and the last line says
  /// so.
  void draw(List<String> lines, Size size) {
    out.print(HOME);
    fitting(lines, size.rows()).forEach(line -> out.print(line + CLEAR_LINE + "\r\n"));
    out.print(CLEAR_BELOW);
    out.flush();
  }

  static List<String> fitting(List<String> lines, int rows) {
    var shown = new ArrayList<>(lines.subList(0, Math.min(lines.size(), rows - 1)));
    if (shown.size() < lines.size() && !shown.isEmpty()) {
      shown.set(shown.size() - 1, "… " + (lines.size() - shown.size() + 1) + " more lines");
    }
    return shown;
  }

  /// Waits, and returns earlier if `q` is pressed.
  ///
  /// @return whether it was
  boolean isQuitWithin(long nanos) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + nanos;
    while (System.nanoTime() < deadline) {
      while (in.available() > 0) {
        int key = in.read();
        if (key == 'q' || key == 'Q') {
          return true;
        }
      }
      Thread.sleep(50);
    }
    return false;
  }

  private synchronized void leave() {
    if (isLeft) {
      return;
    }
    isLeft = true;
    out.print(LEAVE);
    out.flush();
    try {
      stty(before);
    } catch (IOException | InterruptedException failed) {
      out.println("the terminal may be left without echo; 'stty sane' mends it");
      out.flush();
    }
  }

  @Override
  public void close() {
    leave();
    try {
      Runtime.getRuntime().removeShutdownHook(leaving);
    } catch (IllegalStateException stopping) {
      // The hook runs, or has run, and found nothing left to do.
      return;
    }
  }

  private static String stty(String... words) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(words));
    var process =
        new ProcessBuilder(command)
            .redirectInput(TERMINAL)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (var answer = process.getInputStream()) {
      var text = new String(answer.readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() != 0) {
        throw new IOException("the terminal does not let itself be set ('stty' failed)");
      }
      return text;
    }
  }
}
