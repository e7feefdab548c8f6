package io.starling.node.cli;

import io.starling.node.bench.Check;
import io.starling.node.bench.catchup.ReconnectBench;
import io.starling.node.bench.catchup.ReconnectBench.Row;
import io.starling.node.bench.catchup.ReconnectBench.Size;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.terminal.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `bench reconnect`.
@Command(
    name = "reconnect",
    description = {
      "Two members whose links were cut while one or both wrote 1, 100 and 10 000 batches: bytes",
      "of frames, and on the wire with all handshakes, from the healing until both have the same,",
      "against 1.02 times the missing batches plus 2 kB."
    })
final class BenchReconnectCommand implements Callable<Integer> {

  private static final List<Integer> BATCHES = List.of(1, 100, 10_000);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--json", description = "prints one JSON object")
  private boolean isJson;

  @Option(
      names = "--batches",
      split = ",",
      description = "how many are written in each measurement (default: 1,100,10000)")
  private List<Integer> batches = BATCHES;

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description = "how often each is measured; that with the most bytes counts (default: 3)")
  private int rounds = 3;

  @Override
  public Integer call() throws Exception {
    if (rounds < 1 || batches.stream().anyMatch(it -> it < 1 || it > 1_000_000)) {
      throw CommandFailure.usage("--rounds is 1 or more, --batches 1 to 1000000");
    }
    try (var scratch = ScratchDirectory.create();
        var progress = Progress.of(spec)) {
      var size = new Size(batches, rounds);
      return report(new ReconnectBench(size, scratch.path(), progress::at).run());
    }
  }

  private int report(List<Row> rows) throws IOException {
    var checks = new ArrayList<Check>();
    rows.forEach(row -> checks.addAll(row.checks()));
    var detail = new LinkedHashMap<String, Object>();
    detail.put("bench", "reconnect");
    detail.put("valueBytes", ReconnectBench.VALUE_BYTES);
    detail.put("rounds", rounds);
    detail.put("rows", rows.stream().map(BenchReconnectCommand::json).toList());
    var lines = new ArrayList<String>();
    lines.add("  writers     each   batch bytes           aim        frames          wire");
    rows.forEach(row -> lines.addAll(lines(row)));
    return new BenchReport(detail, lines, checks).print(spec.commandLine().getOut(), isJson);
  }

  private static Map<String, Object> json(Row row) {
    var object = new LinkedHashMap<String, Object>();
    object.put("writers", writers(row));
    object.put("each", row.each());
    object.put("batches", row.batches());
    object.put("batchBytes", row.batchBytes());
    object.put("aimBytes", row.aim());
    object.put("frameBytes", row.frameBytes());
    object.put("framesMet", row.frameBytes() <= row.aim());
    object.put("wireBytes", row.wireBytes());
    object.put("wireMet", row.wireBytes() <= row.aim());
    var kinds = new LinkedHashMap<String, Object>();
    row.kinds().forEach((kind, sum) -> kinds.put(kind.label(), sum));
    object.put("kinds", kinds);
    return object;
  }

  private static List<String> lines(Row row) {
    var lines = new ArrayList<String>();
    lines.add(
        String.format(
            Locale.ROOT,
            "  %-7s  %,7d  %,12d  %,12.0f  %,12d  %,12d",
            writers(row),
            row.each(),
            row.batchBytes(),
            row.aim(),
            row.frameBytes(),
            row.wireBytes()));
    var kinds = new ArrayList<String>();
    row.kinds()
        .forEach((kind, sum) -> kinds.add(sum.frames() + " " + kind.label() + " " + sum.bytes()));
    lines.add("           frames and their bytes: " + String.join(", ", kinds));
    return lines;
  }

  private static String writers(Row row) {
    return row.writers().name().toLowerCase(Locale.ROOT);
  }
}
