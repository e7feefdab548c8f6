package io.starling.node.cli;

import io.starling.node.bench.Check;
import io.starling.node.bench.SpacesBench;
import io.starling.node.bench.SpacesBench.Beside;
import io.starling.node.bench.SpacesBench.Result;
import io.starling.node.bench.SpacesBench.Size;
import io.starling.node.bench.SpacesBench.Throughput;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.terminal.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `bench spaces`.
@Command(
    name = "spaces",
    description = {
      "What two spaces of one node take from each other: writes to both at once against as many",
      "clients on one, and how long a write to one takes beside another that stands still, whose",
      "store refuses, or that is flooded, against the same alone; in turn."
    })
final class BenchSpacesCommand implements Callable<Integer> {

  private static final List<Integer> CLIENTS = List.of(1, 64);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--json", description = "prints one JSON object")
  private boolean isJson;

  @Option(names = "--pairs", defaultValue = "7", description = "interleaved pairs (default: 7)")
  private int pairs = 7;

  @Option(
      names = "--millis",
      defaultValue = "2000",
      description = "how long either half of a pair lasts (default: 2000)")
  private int millis = 2000;

  @Override
  public Integer call() throws Exception {
    if (pairs < 1 || millis < 10) {
      throw CommandFailure.usage("--pairs is 1 or more, --millis 10 or more");
    }
    try (var scratch = ScratchDirectory.create();
        var progress = Progress.of(spec)) {
      return report(measured(scratch.path(), progress));
    }
  }

  private Result measured(Path directory, Progress progress) throws Exception {
    var size = new Size(pairs, Duration.ofMillis(millis), CLIENTS);
    try (var bench = new SpacesBench(size, directory.resolve("store"), progress::at)) {
      return bench.run();
    }
  }

  private int report(Result result) throws IOException {
    var checks = new ArrayList<Check>();
    result.throughput().forEach(row -> checks.add(row.check()));
    result.beside().forEach(row -> checks.addAll(row.checks()));
    var detail = new LinkedHashMap<String, Object>();
    detail.put("bench", "spaces");
    detail.put("pairs", pairs);
    detail.put("millis", millis);
    detail.put("throughput", result.throughput());
    detail.put("beside", result.beside());
    var lines = new ArrayList<String>();
    result.throughput().forEach(row -> lines.add(line(row)));
    result.beside().forEach(row -> lines.addAll(lines(row)));
    return new BenchReport(detail, lines, checks).print(spec.commandLine().getOut(), isJson);
  }

  private static String line(Throughput row) {
    return "two spaces, %d clients each: transactions/s %s; one with %d: %s; ratio %s"
        .formatted(row.clients(), row.two(), 2 * row.clients(), row.one(), row.ratio());
  }

  private static List<String> lines(Beside row) {
    return List.of(
        "beside one that %s (%,d taken, %,d refused there): %,d transactions"
            .formatted(words(row), row.neighbourWritten(), row.neighbourRefused(), row.written()),
        "  p50 %s ms, alone %s, ratio %s"
            .formatted(row.beside().p50(), row.alone().p50(), row.ratio().p50()),
        "  p99 %s ms, alone %s, ratio %s"
            .formatted(row.beside().p99(), row.alone().p99(), row.ratio().p99()));
  }

  private static String words(Beside row) {
    return switch (row.neighbour()) {
      case STANDS_STILL -> "stands still";
      case REFUSES -> "has a store that refuses";
      case FLOODED -> "is flooded";
    };
  }
}
