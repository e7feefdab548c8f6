package io.starling.node.cli;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.bench.Check;
import io.starling.node.bench.VisibilityBench;
import io.starling.node.bench.VisibilityBench.Result;
import io.starling.node.bench.WriteBench;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.CommandGroup;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.local.LocalCluster;
import io.starling.node.storage.rocksdb.RocksStore;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `bench write|startup|catchup|reconnect|spaces|wire|size`.
@Command(
    name = "bench",
    description = "Measures this machine's Starling against what its parts can do at best.",
    subcommands = {
      BenchCommand.Write.class,
      BenchStartupCommand.class,
      BenchCatchUpCommand.class,
      BenchReconnectCommand.class,
      BenchSpacesCommand.class,
      BenchWireCommand.class,
      BenchSizeCommand.class
    })
final class BenchCommand extends CommandGroup {

  /// `bench write`.
  @Command(name = "write", description = "Durable single-operation transactions on one node.")
  static final class Write implements Callable<Integer> {

    private static final double PIPELINED_TARGET = 0.4;
    private static final double SINGLE_TARGET = 0.5;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "prints one JSON object")
    private boolean isJson;

    @Option(names = "--pairs", defaultValue = "7", description = "interleaved pairs (default: 7)")
    private int pairs = 7;

    @Option(
        names = "--millis",
        defaultValue = "2000",
        description = "how long each is measured at a time (default: 2000)")
    private int millis = 2000;

    @Option(
        names = "--port",
        defaultValue = "17400",
        description = "the node measured uses the ports from PORT + 10 on (default: 17400)")
    private int port = 17400;

    @Option(
        names = "--rate",
        defaultValue = "500",
        description = "transactions per second of the part that asks when they are visible (500)")
    private int rate = 500;

    @Option(
        names = "--seconds",
        defaultValue = "10",
        description = "how long that part is measured; 0 leaves it out (default: 10)")
    private int seconds = 10;

    @Override
    public Integer call() throws Exception {
      if (pairs < 1 || millis < 10) {
        throw CommandFailure.usage("--pairs is 1 or more, --millis 10 or more");
      }
      if (rate < 1 || rate > 10_000 || seconds < 0 || seconds > 3_600) {
        throw CommandFailure.usage("--rate is 1 to 10000, --seconds 0 to 3600");
      }
      try (var scratch = ScratchDirectory.create()) {
        return measure(scratch.path());
      }
    }

    private int measure(Path directory) throws Exception {
      var rows = rows(directory);
      var visible = seconds == 0 ? Optional.<Result>empty() : Optional.of(visible(directory));
      return report(rows, visible);
    }

    private List<WriteBench.Row> rows(Path directory) throws Exception {
      var cluster = up(directory.resolve("one"), 1);
      var options = new RocksStore.Options(64L << 20, 0);
      try (var rocks =
          RocksStore.open(
              directory.resolve("control"),
              new ClusterId(0, 0),
              new KeyFingerprint(0, 1),
              options)) {
        var store = rocks.space(SpaceId.of(new ClusterId(0, 0), SpaceId.MAIN, 0));
        return new WriteBench(cluster, store, pairs, Duration.ofMillis(millis)).run();
      } finally {
        run("down", "--data", cluster.directory().toString());
      }
    }

    private Result visible(Path directory) throws Exception {
      var cluster = up(directory.resolve("three"), LocalCluster.NODES);
      try {
        return new VisibilityBench(cluster, rate, seconds).run();
      } finally {
        run("down", "--data", cluster.directory().toString());
      }
    }

    private LocalCluster up(Path data, int nodes) throws Exception {
      var ports = String.valueOf(port);
      var count = String.valueOf(nodes);
      var at = data.toString();
      if (run("up", "--detach", "--nodes", count, "--data", at, "--port", ports) != ExitCode.DONE) {
        throw CommandFailure.refused("the nodes to measure did not start; see above");
      }
      return LocalCluster.find(data).orElseThrow();
    }

    private int report(List<WriteBench.Row> rows, Optional<Result> visible) throws IOException {
      var checks =
          List.of(
              Check.atLeast("pipelined_vs_control", median(rows, "pipelined"), PIPELINED_TARGET),
              Check.atLeast("single_vs_control", median(rows, "single"), SINGLE_TARGET));
      var detail = new LinkedHashMap<String, Object>();
      detail.put("bench", "write");
      detail.put("pairs", pairs);
      detail.put("millis", millis);
      detail.put("rows", rows);
      visible.ifPresent(result -> detail.put("visible", result));
      var lines = new ArrayList<String>();
      rows.forEach(row -> lines.add(line(row)));
      visible.ifPresent(result -> lines.addAll(lines(result)));
      return new BenchReport(detail, lines, checks).print(spec.commandLine().getOut(), isJson);
    }

    private static List<String> lines(Result result) {
      var lines = new ArrayList<String>();
      lines.add(
          "at %,d transactions/s on three nodes: acknowledged after %s"
              .formatted(result.rate(), result.acknowledged()));
      for (var seen : result.visible()) {
        lines.add("  from there to visible on " + seen.node() + ": " + seen.after());
      }
      return lines;
    }

    private static String line(WriteBench.Row row) {
      return row.name()
          + ": transactions/s "
          + row.starling()
          + ", RocksDB "
          + row.rocksdb()
          + ", gRPC "
          + row.grpc()
          + ", ratio to the lesser "
          + row.ratio()
          + System.lineSeparator()
          + "  "
          + row.where();
    }

    private static double median(List<WriteBench.Row> rows, String name) {
      return rows.stream()
          .filter(row -> row.name().equals(name))
          .findFirst()
          .orElseThrow()
          .ratio()
          .median();
    }

    /// Runs another command of this program, its output with the errors.
    private int run(String... arguments) {
      var err = spec.commandLine().getErr();
      return Main.commandLine().setOut(err).setErr(err).execute(arguments);
    }
  }
}
