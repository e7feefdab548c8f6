package io.starling.node.cli;

import io.starling.node.cli.context.ClusterOptions;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.survey.NodeReport;
import io.starling.node.cli.survey.StatusText;
import io.starling.node.cli.survey.Survey;
import io.starling.node.cli.terminal.Palette;
import io.starling.node.cli.terminal.Progress;
import io.starling.node.local.LocalException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `status`.
@Command(name = "status", description = "Shows the nodes of a cluster, and whether they agree.")
final class StatusCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(names = "--json", description = "prints JSON: {\"nodes\":[...]}")
  private boolean isJson;

  @Override
  public Integer call() throws IOException, LocalException, CommandFailure, InterruptedException {
    List<NodeReport> nodes;
    try (var survey = new Survey(cluster.targets());
        var progress = Progress.of(spec)) {
      progress.at("asking");
      nodes = survey.ask();
    }
    var out = spec.commandLine().getOut();
    if (isJson) {
      out.println(StatusText.json(nodes));
    } else {
      StatusText.table(nodes, Palette.of(spec), Instant.now()).forEach(out::println);
    }
    return NodeReport.exitCode(nodes);
  }
}
