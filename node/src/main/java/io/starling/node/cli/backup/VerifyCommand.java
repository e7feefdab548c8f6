package io.starling.node.cli.backup;

import io.starling.crdt.value.Value;
import io.starling.node.backup.Manifest;
import io.starling.node.backup.Verification;
import io.starling.node.backup.repository.Repository;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.Progress;
import io.starling.node.config.ConfigException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `backup verify`.
@Command(
    name = "verify",
    description = {
      "Checks backups: reads every chunk back, and works out each space's digest from its cells.",
      "Needs no node. Exits with 1 if something is wrong."
    })
final class VerifyCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private RepositoryOptions options = new RepositoryOptions();

  @Parameters(
      arity = "0..*",
      paramLabel = "BACKUP",
      description = "name, beginning of a name, or 'latest' (default: all)")
  private List<String> named = List.of();

  @Option(names = "--quick", description = "only looks whether all chunks are there")
  private boolean isQuick;

  @Option(
      names = "--json",
      description =
          "prints {\"backups\":[NAME], \"chunks\", \"bytes\", \"quick\","
              + " \"problems\":[{\"backup\", \"what\"}]}")
  private boolean isJson;

  @Override
  public Integer call() throws IOException, CommandFailure, ConfigException {
    Verification.Report report;
    try (var repository = options.open();
        var progress = Progress.of(spec)) {
      report = new Verification(repository, isQuick, progress::at).check(backups(repository));
    }
    var out = spec.commandLine().getOut();
    if (isJson) {
      out.println(json(report));
    } else {
      report.problems().forEach(it -> out.println(it.backup() + ": " + it.what()));
      out.printf(
          "%,d backups, %,d chunks%s: %s%n",
          report.backups().size(),
          report.chunks(),
          isQuick ? ", not read" : ", " + Sizes.of(report.bytes()) + " read",
          report.isSound() ? "sound" : report.problems().size() + " problems");
    }
    return report.isSound() ? ExitCode.DONE : ExitCode.REFUSED;
  }

  private List<String> backups(Repository repository) throws IOException {
    if (named.isEmpty()) {
      return repository.backups();
    }
    var all = new TreeSet<String>();
    for (var one : named) {
      all.add(Manifest.find(repository, one));
    }
    return new ArrayList<>(all);
  }

  private String json(Verification.Report report) {
    var problems = new ArrayList<Value>();
    for (var problem : report.problems()) {
      problems.add(
          new Fields().put("backup", problem.backup()).put("what", problem.what()).struct());
    }
    return new Fields()
        .putTexts("backups", report.backups())
        .put("chunks", report.chunks())
        .put("bytes", report.bytes())
        .put("quick", isQuick)
        .put("problems", problems)
        .json();
  }
}
