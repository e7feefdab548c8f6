package io.starling.node.cli.top;

import io.starling.node.cli.terminal.Palette;
import io.starling.node.cli.terminal.ViewText;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A view as lines of text, cut to a width.
record Drawing(Palette palette, int columns) {

  private static final double BYTES_PER_MEBIBYTE = 1 << 20;
  private static final double PERCENT = 100;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  List<String> lines(View view) {
    var lines = new ArrayList<String>();
    long ready = view.rows().stream().filter(row -> row.node().isReady()).count();
    var head = "starling  " + TIME.format(view.at()) + "  " + ready + " of " + view.rows().size();
    lines.add(palette.strong(cut(head + " nodes ready")));
    lines.add("");
    lines.add(
        palette.faint(
            cut(
                row(
                    "NODE / SPACE",
                    "STATE",
                    "BATCH/S",
                    "LAG",
                    "WAIT",
                    "CELLS",
                    "DIGEST",
                    "PEERS"))));
    for (var row : view.rows()) {
      lines.add(node(row));
      for (var space : row.spaces()) {
        lines.add(space(space));
        space.catchingUp().ifPresent(it -> lines.add(palette.doubtful(cut("    " + it.line()))));
      }
    }
    return lines;
  }

  private String node(View.Row row) {
    var used =
        row.process()
            .map(it -> "cpu " + percent(it.cpu()) + "  memory " + mebibytes(it.memoryBytes()))
            .orElse(row.node().isRefusal() ? row.node().failure() : row.node().grpc());
    var text = cut(String.format("%-20.20s %-12s %s", name(row), row.node().state(), used));
    return row.node().isReady() ? text : palette.bad(text);
  }

  private static String name(View.Row row) {
    return ViewText.line(row.node().name());
  }

  private String space(SpaceRow space) {
    var text =
        cut(
            row(
                "  " + ViewText.line(space.name()),
                space.isRunning() ? "running" : "not writable",
                space.rate().map(it -> String.format(Locale.ROOT, "%,.1f", it)).orElse("-"),
                number(space.lag()),
                number(space.waiting()),
                number(space.cells()),
                space.digest(),
                space.peers().up() + "/" + space.peers().all()));
    if (!space.isRunning() || space.digest().equals("unequal")) {
      return palette.bad(text);
    }
    return space.lag() > 0 || space.peers().up() < space.peers().all()
        ? palette.doubtful(text)
        : text;
  }

  private static String row(String... cells) {
    return String.format("%-20.20s %-12s %9s %8s %6s %12s  %-8s %s", (Object[]) cells);
  }

  private static String number(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String percent(Optional<Double> share) {
    return share.map(it -> String.format(Locale.ROOT, "%.0f %%", it * PERCENT)).orElse("-");
  }

  private static String mebibytes(Optional<Double> bytes) {
    return bytes
        .map(it -> String.format(Locale.ROOT, "%.0f MiB", it / BYTES_PER_MEBIBYTE))
        .orElse("-");
  }

  private String cut(String line) {
    return line.length() <= columns ? line : line.substring(0, Math.max(0, columns));
  }
}
