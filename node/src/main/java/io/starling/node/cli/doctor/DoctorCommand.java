package io.starling.node.cli.doctor;

import io.starling.node.cli.context.ClusterOptions;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.Palette;
import io.starling.node.cli.terminal.Progress;
import io.starling.node.cli.terminal.Surroundings;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.local.LocalException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `doctor`.
@Command(
    name = "doctor",
    description = {
      "Checks this machine, nodes on it and the cluster, and says what to do.",
      "Of a cluster elsewhere (--context) it checks what can be seen from here. Exits 1 if a check",
      "fails; a warning is no failure."
    })
public final class DoctorCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "checks the node with this node.yaml, running or stopped, and no other")
  private Optional<Path> config = Optional.empty();

  @Option(
      names = "--json",
      description =
          "prints {\"ok\", \"findings\":[{\"check\", \"subject\", \"verdict\", \"what\", \"todo\"}]}")
  private boolean isJson;

  @Override
  public Integer call() throws IOException, CommandFailure, LocalException, InterruptedException {
    List<Finding> findings;
    try (var progress = Progress.of(spec)) {
      var examination = new Examination(progress::at, Instant.now());
      if (config.isPresent()) {
        examination.add(config.get(), Surroundings.of(spec).environment());
      } else {
        examination.add(cluster);
      }
      findings = examination.run();
    }
    var out = spec.commandLine().getOut();
    if (isJson) {
      out.println(json(findings));
    } else {
      var palette = Palette.of(spec);
      findings.forEach(finding -> out.println(line(finding, palette)));
      out.println(summary(findings));
    }
    return count(findings, Verdict.FAIL) == 0 ? ExitCode.DONE : ExitCode.REFUSED;
  }

  /// What the doctor found, for programs.
  public static String json(List<Finding> findings) {
    return new Fields()
        .put("ok", count(findings, Verdict.FAIL) == 0)
        .put("findings", findings.stream().map(Finding::json).toList())
        .json();
  }

  private static String line(Finding finding, Palette palette) {
    var word = String.format("%-4s", finding.verdict().word());
    var coloured =
        switch (finding.verdict()) {
          case OK -> palette.good(word);
          case WARN -> palette.doubtful(word);
          case FAIL -> palette.bad(word);
        };
    var what = ViewText.line(finding.subject() + ": " + finding.what());
    var todo =
        finding.todo().isEmpty()
            ? ""
            : System.lineSeparator() + " ".repeat(19) + "→ " + ViewText.line(finding.todo());
    return coloured + String.format("  %-12s ", finding.check()) + what + todo;
  }

  private static String summary(List<Finding> findings) {
    return "%d checks: %d failed, %d warnings"
        .formatted(findings.size(), count(findings, Verdict.FAIL), count(findings, Verdict.WARN));
  }

  private static long count(List<Finding> findings, Verdict verdict) {
    return findings.stream().filter(finding -> finding.verdict() == verdict).count();
  }
}
