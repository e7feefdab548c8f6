package io.starling.node.cli.backup;

import io.starling.node.backup.Prune;
import io.starling.node.backup.Retention;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.Progress;
import io.starling.node.config.ConfigException;
import java.io.IOException;
import java.time.ZoneOffset;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `backup prune`.
@Command(
    name = "prune",
    description = {
      "Deletes backups that no rule keeps, then what no backup needs any more. Rules are for each",
      "node by itself; days begin at midnight UTC, and those without a backup do not count. Needs",
      "no node. Refused while a backup is being made."
    })
final class PruneCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private RepositoryOptions options = new RepositoryOptions();

  @Option(names = "--keep-last", paramLabel = "N", description = "keeps the last N")
  private int last;

  @Option(
      names = "--keep-hourly",
      paramLabel = "N",
      description = "keeps the latest of each of the last N hours that have one")
  private int hourly;

  @Option(names = "--keep-daily", paramLabel = "N", description = "likewise days")
  private int daily;

  @Option(names = "--keep-weekly", paramLabel = "N", description = "likewise weeks (ISO 8601)")
  private int weekly;

  @Option(names = "--keep-monthly", paramLabel = "N", description = "likewise months")
  private int monthly;

  @Option(names = "--keep-yearly", paramLabel = "N", description = "likewise years")
  private int yearly;

  @Option(names = "--dry-run", description = "says what would be deleted; deletes nothing")
  private boolean isDryRun;

  @Option(
      names = "--json",
      description =
          "prints {\"kept\":[NAME], \"deleted\":[NAME], \"chunks\", \"bytes\", \"dryRun\"}")
  private boolean isJson;

  @Override
  public Integer call() throws IOException, CommandFailure, ConfigException {
    Prune.Report report;
    try (var repository = options.open();
        var progress = Progress.of(spec)) {
      var prune = new Prune(repository, retention(), ZoneOffset.UTC, progress::at);
      report = prune.run("pid " + ProcessHandle.current().pid(), isDryRun);
    }
    var out = spec.commandLine().getOut();
    if (isJson) {
      out.println(
          new Fields()
              .putTexts("kept", report.kept())
              .putTexts("deleted", report.deleted())
              .put("chunks", report.chunks())
              .put("bytes", report.bytes())
              .put("dryRun", isDryRun)
              .json());
    } else {
      report.kept().forEach(it -> out.println("keep    " + it));
      report.deleted().forEach(it -> out.println("delete  " + it));
      out.printf(
          "%,d backups stay, %,d %s, with %,d chunks, %s%n",
          report.kept().size(),
          report.deleted().size(),
          isDryRun ? "would go" : "are gone",
          report.chunks(),
          Sizes.of(report.bytes()));
    }
    return ExitCode.DONE;
  }

  private Retention retention() throws CommandFailure {
    try {
      var retention = new Retention(last, hourly, daily, weekly, monthly, yearly);
      if (retention.equals(Retention.NOTHING)) {
        throw CommandFailure.usage("say what to keep, for example --keep-daily 30");
      }
      return retention;
    } catch (IllegalArgumentException negative) {
      throw CommandFailure.usage(String.valueOf(negative.getMessage()));
    }
  }
}
