package io.starling.node.cli;

import io.starling.node.bench.Check;
import io.starling.node.bench.StartupBench;
import io.starling.node.bench.StartupBench.Row;
import io.starling.node.bench.StartupBench.Way;
import io.starling.node.cli.outcome.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `bench startup`.
@Command(
    name = "startup",
    description = {
      "A node's process: until it is ready, and what memory it holds at rest;",
      "with the cache that 'starling install' makes and without, in turn."
    })
final class BenchStartupCommand implements Callable<Integer> {

  private static final double READY_MILLIS = 1_500;
  private static final double REST_MEBIBYTES = 200;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--json", description = "prints one JSON object")
  private boolean isJson;

  @Option(names = "--pairs", defaultValue = "7", description = "interleaved pairs (default: 7)")
  private int pairs = 7;

  @Option(
      names = "--rest-millis",
      defaultValue = "5000",
      description = "how long after it is ready its memory is looked at (default: 5000)")
  private int restMillis = 5_000;

  @Option(
      names = "--port",
      defaultValue = "17400",
      description = "the node measured uses the ports from PORT + 10 on (default: 17400)")
  private int port = 17_400;

  @Override
  public Integer call() throws Exception {
    if (pairs < 1 || restMillis < 0) {
      throw CommandFailure.usage("--pairs is 1 or more, --rest-millis 0 or more");
    }
    if (!Files.exists(Path.of("/proc/self/status"))) {
      throw CommandFailure.refused("memory is read from /proc, which this system does not have");
    }
    try (var scratch = ScratchDirectory.create()) {
      var rest = Duration.ofMillis(restMillis);
      return report(StartupBench.prepare(scratch.path(), port, pairs, rest).run());
    }
  }

  private int report(List<Row> rows) throws IOException {
    var cached = rows.stream().filter(row -> row.way() == Way.CACHED).findFirst().orElseThrow();
    var detail = new LinkedHashMap<String, Object>();
    detail.put("bench", "startup");
    detail.put("pairs", pairs);
    detail.put("restMillis", restMillis);
    detail.put("rows", rows);
    var lines = rows.stream().map(BenchStartupCommand::line).toList();
    var checks =
        List.of(
            Check.atMost("cold_start_millis", cached.readyMillis().median(), READY_MILLIS),
            Check.atMost("rss_mebibytes", cached.restMebibytes().median(), REST_MEBIBYTES));
    return new BenchReport(detail, lines, checks).print(spec.commandLine().getOut(), isJson);
  }

  private static String line(Row row) {
    return "%s: ready after %s ms, %s MiB at rest"
        .formatted(
            row.way() == Way.CACHED ? "with the cache" : "without",
            row.readyMillis(),
            row.restMebibytes());
  }
}
