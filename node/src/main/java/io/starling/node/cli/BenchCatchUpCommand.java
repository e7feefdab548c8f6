package io.starling.node.cli;

import io.starling.node.bench.Check;
import io.starling.node.bench.catchup.CatchUpBench;
import io.starling.node.bench.catchup.CatchUpBench.Blank;
import io.starling.node.bench.catchup.CatchUpBench.Result;
import io.starling.node.bench.catchup.CatchUpBench.Scattered;
import io.starling.node.bench.catchup.CatchUpBench.Size;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.terminal.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `bench catchup`.
@Command(
    name = "catchup",
    description = {
      "A member that no log reaches back to takes over another's state: bytes, round trips and",
      "time where 1, 100 and 10 000 cells differ; and how fast a blank one takes all of it,",
      "against a copy of the same cells over the same kind of stream, in turn."
    })
final class BenchCatchUpCommand implements Callable<Integer> {

  private static final int CELLS_MIN = 20_000;
  private static final int CELLS_MAX = 100_000_000;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--json", description = "prints one JSON object")
  private boolean isJson;

  @Option(
      names = "--cells",
      defaultValue = "1000000",
      description = "that each member holds, 20000 or more (default: 1000000)")
  private int cells = 1_000_000;

  @Option(
      names = "--rounds",
      defaultValue = "3",
      description = "how often each number of differences is measured (default: 3)")
  private int rounds = 3;

  @Option(
      names = "--pairs",
      defaultValue = "7",
      description =
          "interleaved pairs of a blank member and the control; 0 leaves them out (default: 7)")
  private int pairs = 7;

  @Override
  public Integer call() throws Exception {
    if (cells < CELLS_MIN || cells > CELLS_MAX) {
      throw CommandFailure.usage("--cells is " + CELLS_MIN + " to " + CELLS_MAX);
    }
    if (rounds < 1 || pairs < 0) {
      throw CommandFailure.usage("--rounds is 1 or more, --pairs 0 or more");
    }
    try (var scratch = ScratchDirectory.create();
        var progress = Progress.of(spec)) {
      var size = new Size(cells, rounds, pairs);
      return report(new CatchUpBench(size, scratch.path(), progress::at).run());
    }
  }

  private int report(Result result) throws IOException {
    var checks = new ArrayList<Check>();
    result.scattered().forEach(row -> checks.addAll(row.checks()));
    result.blank().ifPresent(blank -> checks.addAll(blank.checks()));
    var detail = new LinkedHashMap<String, Object>();
    detail.put("bench", "catchup");
    detail.put("cells", cells);
    detail.put("rounds", rounds);
    detail.put("pairs", pairs);
    detail.put("scattered", result.scattered());
    result.blank().ifPresent(blank -> detail.put("blank", blank));
    var lines = new ArrayList<String>();
    result.scattered().forEach(row -> lines.add(line(row)));
    result.blank().ifPresent(blank -> lines.addAll(lines(blank)));
    return new BenchReport(detail, lines, checks).print(spec.commandLine().getOut(), isJson);
  }

  private static String line(Scattered row) {
    return String.format(
        Locale.ROOT,
        "%,d cells of %,d bytes differ: %,d bytes in, %,d out, %,d of batches; %d round trips in"
            + " %d sessions at most; %,d cells came; live after %s ms, joined after %s ms",
        row.differing(),
        row.cellBytes(),
        row.bytesIn(),
        row.bytesOut(),
        row.batchBytes(),
        row.roundTrips(),
        row.sessions(),
        row.fetched(),
        row.liveMillis(),
        row.joinedMillis());
  }

  private static List<String> lines(Blank blank) {
    return List.of(
        String.format(
            Locale.ROOT,
            "blank: %,d cells of %,d bytes in %,d bytes, %d round trips",
            blank.cells(),
            blank.cellBytes(),
            blank.bytes(),
            blank.roundTrips()),
        "  live after "
            + blank.liveSeconds()
            + " s, joined after "
            + blank.joinedSeconds()
            + " s, control "
            + blank.controlSeconds()
            + " s",
        "  ratio until live " + blank.liveRatio() + ", until joined " + blank.joinedRatio());
  }
}
