package io.starling.node.cli;

import io.starling.node.bench.cost.SizeBench;
import io.starling.node.bench.cost.SizeBench.Once;
import io.starling.node.bench.cost.SizeBench.Result;
import io.starling.node.bench.cost.SizeBench.Row;
import io.starling.node.bench.cost.SizeBench.Size;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.terminal.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `bench size`.
@Command(
    name = "size",
    description = {
      "What a set of 1 000 000 elements takes on disk beyond these, compacted and without its log;",
      "and what one update of a set, map or counter, or one question about it, costs by its size:",
      "rows and bytes that pass the storage port, and time."
    })
final class BenchSizeCommand implements Callable<Integer> {

  private static final int ELEMENTS_MIN = 10_000;
  private static final int ELEMENTS_MAX = 10_000_000;
  private static final int UPDATES_MAX = 100_000;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--json", description = "prints one JSON object")
  private boolean isJson;

  @Option(
      names = "--elements",
      defaultValue = "1000000",
      description = "of the larger set and map; the smaller have 1000 (default: 1000000)")
  private int elements = Size.WHOLE.large();

  @Option(
      names = "--updates",
      defaultValue = "201",
      description = "how often each is measured at both sizes, by turns (default: 201)")
  private int updates = Size.WHOLE.updates();

  @Override
  public Integer call() throws Exception {
    if (elements < ELEMENTS_MIN || elements > ELEMENTS_MAX) {
      throw CommandFailure.usage("--elements is " + ELEMENTS_MIN + " to " + ELEMENTS_MAX);
    }
    if (updates < 1 || updates > UPDATES_MAX) {
      throw CommandFailure.usage("--updates is 1 to " + UPDATES_MAX);
    }
    try (var scratch = ScratchDirectory.create();
        var progress = Progress.of(spec)) {
      var whole = Size.WHOLE;
      var size = new Size(whole.small(), elements, whole.few(), whole.many(), updates);
      return report(new SizeBench(size, scratch.path(), progress::at).run());
    }
  }

  private int report(Result result) throws IOException {
    var atRest = result.atRest();
    var detail = new LinkedHashMap<String, Object>();
    detail.put("bench", "size");
    detail.put("elements", atRest.elements());
    detail.put("elementBytes", atRest.elementBytes());
    detail.put("liveBytes", atRest.liveBytes());
    detail.put("bytesBesidesElement", atRest.besides());
    detail.put("updates", updates);
    detail.put("rows", result.rows().stream().map(BenchSizeCommand::json).toList());
    var lines = new ArrayList<String>();
    lines.add(
        "%,d elements of %d bytes: bytes on disk %s"
            .formatted(atRest.elements(), atRest.elementBytes(), atRest.liveBytes()));
    result.rows().forEach(row -> lines.addAll(lines(row)));
    return new BenchReport(detail, lines, result.checks())
        .print(spec.commandLine().getOut(), isJson);
  }

  private static Map<String, Object> json(Row row) {
    var object = new LinkedHashMap<String, Object>();
    object.put("name", row.name());
    object.put("small", row.small());
    object.put("large", row.large());
    object.put("rowsRatio", row.rowsRatio());
    object.put("bytesRatio", row.bytesRatio());
    object.put("timeRatio", row.timeRatio());
    return object;
  }

  private static List<String> lines(Row row) {
    return List.of(
        row.name() + ": small " + line(row.small()),
        " ".repeat(row.name().length()) + "  large " + line(row.large()));
  }

  private static String line(Once once) {
    return "%,.1f rows, %,.0f bytes, %s µs".formatted(once.rows(), once.bytes(), once.micros());
  }
}
