package io.starling.node.cli.top;

import io.starling.node.cli.context.ClusterOptions;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.survey.NodeReport;
import io.starling.node.cli.survey.Survey;
import io.starling.node.cli.terminal.Palette;
import io.starling.node.cli.terminal.Surroundings;
import io.starling.node.cli.terminal.Terminal;
import io.starling.node.cli.terminal.TimeText;
import io.starling.node.local.LocalException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `top`.
@Command(
    name = "top",
    description = {
      "Shows the cluster as it runs: q or Ctrl-C ends it.",
      "Where the output is no terminal, a table (or with --json an object on a line) is printed",
      "each interval. A rate is of the interval before, so the first comes after one."
    })
public final class TopCommand implements Callable<Integer> {

  private static final Duration LEAST = Duration.ofMillis(100);
  private static final Duration MOST = Duration.ofHours(1);
  private static final int WIDE = 200;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = "--interval",
      paramLabel = "TIME",
      defaultValue = "2s",
      converter = TimeText.class,
      description = "how often, 100ms to 1h (default: 2s)")
  private Duration interval = Duration.ofSeconds(2);

  @Option(names = "--once", description = "one interval, then ends")
  private boolean isOnce;

  @Option(
      names = "--json",
      description =
          "prints {\"at\", \"nodes\":[{\"name\", \"state\", \"grpc\", \"cpu\", \"memoryBytes\","
              + " \"spaces\":[...]}]} each interval")
  private boolean isJson;

  @Override
  public Integer call() throws IOException, CommandFailure, LocalException, InterruptedException {
    if (interval.compareTo(LEAST) < 0 || interval.compareTo(MOST) > 0) {
      throw CommandFailure.usage("--interval is 100ms to 1h");
    }
    try (var survey = new Survey(cluster.targets())) {
      var first = Sample.take(survey);
      int code = NodeReport.exitCode(first.entries().stream().map(Sample.Entry::node).toList());
      if (code != ExitCode.DONE) {
        throw unanswered(first, code);
      }
      return isJson || isOnce || !Terminal.isOut() ? print(survey, first) : watch(survey, first);
    }
  }

  private static CommandFailure unanswered(Sample sample, int code) {
    var node = sample.entries().getFirst().node();
    return code == ExitCode.UNREACHABLE
        ? CommandFailure.unreachable("no node answers; " + node.failure())
        : CommandFailure.refused(node.failure());
  }

  private int print(Survey survey, Sample first) throws IOException, InterruptedException {
    var out = spec.commandLine().getOut();
    var drawing = new Drawing(Palette.of(spec), WIDE);
    var before = first;
    do {
      Thread.sleep(interval);
      var now = Sample.take(survey);
      var view = View.of(Optional.of(before), now, Instant.now());
      if (isJson) {
        out.println(view.json());
      } else {
        drawing.lines(view).forEach(out::println);
        out.println(isOnce ? "" : System.lineSeparator());
      }
      out.flush();
      before = now;
    } while (!isOnce && !out.checkError());
    return ExitCode.DONE;
  }

  private int watch(Survey survey, Sample first) throws IOException, InterruptedException {
    var palette = Palette.of(spec);
    Optional<Sample> before = Optional.empty();
    var now = first;
    try (var screen = Screen.enter(spec.commandLine().getOut(), Surroundings.of(spec).input())) {
      while (true) {
        var size = screen.size();
        var view = View.of(before, now, Instant.now());
        screen.draw(new Drawing(palette, size.columns()).lines(view), size);
        if (screen.isQuitWithin(interval.toNanos())) {
          return ExitCode.DONE;
        }
        before = Optional.of(now);
        now = Sample.take(survey);
      }
    }
  }
}
