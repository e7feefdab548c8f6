package io.starling.node.cli;

import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.context.SpaceOption;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.client.ClientException;
import io.starling.node.client.TransactionStream;
import io.starling.node.local.LocalException;
import io.starling.proto.v1.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `import FILE --key FIELD`.
@Command(
    name = "import",
    description = {
      "Imports a file of JSON objects, one a line: each becomes a document.",
      "A line is one transaction that assigns what differs and removes nothing, so an import that",
      "was broken off is gone on with by running it again."
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

  @Option(
      names = {"-k", "--key"},
      required = true,
      paramLabel = "FIELD",
      description = "the field whose value is the key")
  private String field = "";

  @Option(names = "--skip-bad", description = "goes on behind a line that cannot be imported")
  private boolean isSkippingBad;

  @Option(names = "--json", description = "prints {\"imported\", \"skipped\", \"seconds\"}")
  private boolean isJson;

  private long bad;

  @Override
  public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
    var err = spec.commandLine().getErr();
    try (var lines = NdjsonFile.open(file);
        var client = node.connect();
        var progress = new ImportProgress(err, lines)) {
      var stream =
          new TransactionStream(
              client.node(), space.name(node), PATIENCE, (id, no) -> bad(id, reason(no)));
      try (stream) {
        send(lines, stream, progress);
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

  private void send(NdjsonFile lines, TransactionStream stream, ImportProgress progress)
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
