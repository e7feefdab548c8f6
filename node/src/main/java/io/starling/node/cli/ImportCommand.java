package io.starling.node.cli;

import io.starling.node.backup.restore.KeyRestore;
import io.starling.node.backup.restore.RunningSpace;
import io.starling.node.cli.backup.RestoreReport;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.context.SpaceOption;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.client.ClientException;
import io.starling.node.client.TransactionStream;
import io.starling.node.local.LocalException;
import io.starling.proto.v1.Refusal;
import io.starling.replica.batch.SpaceId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `import FILE --key FIELD` and `import FILE --exported`.
@Command(
    name = "import",
    description = {
      "Imports a file of JSON objects, one a line: with --key each becomes a document. Such a line",
      "is one transaction that assigns what differs and removes nothing. With --exported keys are",
      "brought back as 'export' read them: registers assigned, counters counted by the difference,",
      "elements added. An import that was broken off is gone on with by running it again."
    })
final class ImportCommand implements Callable<Integer> {

  // How long a node may be away before the import gives up.
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int BAD_LINES_SHOWN = 10;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeOptions node = new NodeOptions();
  @Mixin private SpaceOption space = new SpaceOption();

  @Parameters(paramLabel = "FILE", description = "NDJSON, gzipped or not; lines of at most 512 KiB")
  private Path file = Path.of("");

  @ArgGroup(multiplicity = "1")
  private Which which = new Which();

  /// What the lines are.
  static final class Which {
    @Option(
        names = {"-k", "--key"},
        required = true,
        paramLabel = "FIELD",
        description = "the field whose value is the key")
    private Optional<String> field = Optional.empty();

    @Option(
        names = "--exported",
        required = true,
        description = "the lines are those of 'export': what differs from them is written")
    private boolean isExported;
  }

  @Option(
      names = "--delete-extra",
      description = "with --exported: removes what the file has not: keys, fields, elements")
  private boolean deletesExtra;

  @Option(
      names = "--dry-run",
      description = "with --exported: says what would be written; writes nothing")
  private boolean isDryRun;

  @Option(names = "--skip-bad", description = "goes on behind a line that cannot be imported")
  private boolean isSkippingBad;

  @Option(
      names = "--json",
      description =
          "prints {\"imported\", \"skipped\", \"seconds\"}; with --exported it "
              + RestoreReport.JSON)
  private boolean isJson;

  private long bad;

  @Override
  public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
    if (which.isExported && isSkippingBad) {
      throw CommandFailure.usage("--skip-bad goes with --key: an export has no bad lines");
    }
    if (!which.isExported && (deletesExtra || isDryRun)) {
      throw CommandFailure.usage("--delete-extra and --dry-run go with --exported");
    }
    return which.isExported ? bringBack() : documents();
  }

  /// Brings back the keys of an export.
  private int bringBack() throws IOException, CommandFailure, ClientException, LocalException {
    var target = space.name(node);
    if (target.equals(SpaceId.SYSTEM)) {
      throw CommandFailure.usage("_system is what the cluster is administered with");
    }
    if (deletesExtra) {
      requireWhole();
    }
    var report = new RestoreReport(spec.commandLine().getOut(), "the file", isJson, isDryRun);
    try (var lines = NdjsonFile.open(file);
        var client = node.connect()) {
      var keys = ExportedKeys.begin(lines);
      var restore =
          new KeyRestore(new RunningSpace(client, target), deletesExtra, isDryRun, report::item);
      var summary = restore.run(keys, keys.prefix());
      report.summary(summary);
      return summary.failed() == 0 ? ExitCode.DONE : ExitCode.REFUSED;
    } catch (ExportedKeys.BadLine bad) {
      var what = isDryRun ? "nothing is written" : "what is before it may be imported";
      throw CommandFailure.refused(bad.getMessage() + "; " + what, bad);
    }
  }

  /// Reads the file to its end: what a lost line had would else be removed before that is noticed.
  private void requireWhole() throws IOException, CommandFailure {
    try (var lines = NdjsonFile.open(file)) {
      var keys = ExportedKeys.begin(lines);
      keys.beginning(keys.prefix(), (_, _, _) -> {});
    } catch (ExportedKeys.BadLine bad) {
      throw CommandFailure.refused(bad.getMessage() + "; nothing is written", bad);
    }
  }

  private int documents() throws IOException, CommandFailure, ClientException, LocalException {
    var err = spec.commandLine().getErr();
    var field = which.field.orElseThrow();
    try (var lines = NdjsonFile.open(file);
        var client = node.connect();
        var progress = new ImportProgress(err, lines)) {
      var stream =
          new TransactionStream(
              client.node(), space.name(node), PATIENCE, (id, no) -> bad(id, reason(no)));
      try (stream) {
        send(lines, field, stream, progress);
      }
      var seconds = progress.end(stream.answered() - refused, bad, isJson);
      if (isJson) {
        var done = new Fields().put("imported", stream.answered() - refused).put("skipped", bad);
        spec.commandLine().getOut().println(done.put("seconds", Optional.of(seconds)).json());
      }
    }
    return ExitCode.DONE;
  }

  private long refused;
  private long badLine;
  private String badReason = "";

  private void send(
      NdjsonFile lines, String field, TransactionStream stream, ImportProgress progress)
      throws IOException, CommandFailure, ClientException {
    for (var line = next(lines, stream); line.isPresent(); line = next(lines, stream)) {
      switch (ImportLine.of(line.get(), field)) {
        case ImportLine.Document(var transaction) ->
            stream.submit(line.get().number(), transaction);
        case ImportLine.Blank() -> {}
        case ImportLine.Bad(var reason) -> badHere(line.get().number(), reason);
      }
      stopIfBad(stream);
      progress.at(stream.answered());
    }
    stream.finish();
    stopIfBad(stream);
  }

  private Optional<NdjsonFile.Line> next(NdjsonFile lines, TransactionStream stream)
      throws CommandFailure, ClientException {
    try {
      return lines.next();
    } catch (IOException broken) {
      stream.finish();
      throw CommandFailure.refused(
          file
              + " cannot be read on behind line "
              + lines.number()
              + " ("
              + broken.getMessage()
              + "); "
              + imported(stream)
              + " were imported",
          broken);
    }
  }

  private String imported(TransactionStream stream) {
    return String.format(Locale.ROOT, "%,d lines", stream.answered() - refused);
  }

  private void bad(long line, String reason) {
    refused++;
    badHere(line, reason);
  }

  private void badHere(long line, String reason) {
    bad++;
    if (isSkippingBad && bad <= BAD_LINES_SHOWN) {
      spec.commandLine().getErr().println("line " + line + ": " + reason);
    }
    if (badLine == 0 || line < badLine) {
      badLine = line;
      badReason = reason;
    }
  }

  private static String reason(Refusal refusal) {
    return refusal.getMessage();
  }

  private void stopIfBad(TransactionStream stream) throws CommandFailure, ClientException {
    if (badLine > 0 && !isSkippingBad) {
      // What was sent before it is on its way: say how that went, too.
      stream.finish();
      throw CommandFailure.refused(
          "line "
              + badLine
              + ": "
              + badReason
              + "; "
              + imported(stream)
              + " were imported. Correct it, or add --skip-bad, and run the import again");
    }
  }
}
