package io.starling.node.cli;

import io.starling.crdt.read.View;
import io.starling.node.backup.restore.RunningSpace;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.context.SpaceOption;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.client.ClientException;
import io.starling.node.json.ExportLine;
import io.starling.node.local.LocalException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `export FILE`.
@Command(
    name = "export",
    description = {
      "Writes what the keys of a space read to a file: a line of JSON for each, with its type and",
      "concurrent values, which 'import --exported' brings back. Keys are read page by page while",
      "others write: each is as it was at some moment since the beginning. A backup is of one",
      "moment."
    })
final class ExportCommand implements Callable<Integer> {

  private static final String PRINTED = "-";
  private static final int PAGE = 200;
  private static final int KEYS_NAMED = 10;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private NodeOptions node = new NodeOptions();
  @Mixin private SpaceOption space = new SpaceOption();

  @Parameters(
      paramLabel = "FILE",
      description = "gzipped if its name ends with .gz; FILE.part until it is whole; - prints it")
  private String file = "";

  @Option(
      names = "--prefix",
      paramLabel = "PREFIX",
      description = "only keys that begin with it (default: all)")
  private String prefix = "";

  @Option(
      names = "--json",
      description = "prints {\"exported\", \"file\"}; with - nothing but the lines")
  private boolean isJson;

  private final List<String> reasons = new ArrayList<>();
  private long lacking;
  private long keys;

  @Override
  public Integer call() throws IOException, CommandFailure, ClientException, LocalException {
    boolean isPrinted = file.equals(PRINTED);
    try (var client = node.connect()) {
      var name = space.name(node);
      var from = new RunningSpace(client, name);
      // Before anything is written: whether the space is there, and may be read.
      var first = from.scan(prefix, "", PAGE);
      try (var out =
          isPrinted ? ExportFile.of(spec.commandLine().getOut()) : ExportFile.of(Path.of(file))) {
        write(out, new ExportLine.Begin(name, prefix));
        pages(from, first, out);
        write(out, new ExportLine.End(keys));
        out.finish(lacking == 0);
      }
    }
    if (lacking > 0) {
      throw CommandFailure.refused(incomplete(isPrinted));
    }
    if (isJson && !isPrinted) {
      var done = new Fields().put("exported", keys).put("file", file);
      spec.commandLine().getOut().println(done.json());
    } else if (!isPrinted) {
      var text = String.format(Locale.ROOT, "%,d keys exported to ", keys) + ViewText.line(file);
      spec.commandLine().getErr().println(text);
    }
    return ExitCode.DONE;
  }

  private void pages(RunningSpace from, RunningSpace.Page first, ExportFile out)
      throws IOException, ClientException {
    var page = first;
    while (true) {
      for (int i = 0; i < page.keys().size(); i++) {
        var key = page.keys().get(i);
        export(key, from.found(key, page.readings().get(i), page.token()), out);
      }
      if (!page.more()) {
        return;
      }
      page = from.scan(prefix, page.keys().getLast(), PAGE);
    }
  }

  private void export(String key, RunningSpace.Found found, ExportFile out) throws IOException {
    if (found.obstacle().isPresent()) {
      lack(key, found.obstacle().get(), out);
    } else if (!(found.view() instanceof View.Absent)) {
      if (isWritten(key, found.view(), out)) {
        keys++;
      } else {
        lack(key, key + " has a part that is too large for a line", out);
      }
    }
  }

  /// Writes a key, in as many lines as it takes.
  ///
  /// @return whether all of it is written
  private static boolean isWritten(String key, View view, ExportFile out) throws IOException {
    var line = ExportLine.write(new ExportLine.Key(key, view), NdjsonFile.LINE_BYTES_MAX);
    if (line.isPresent()) {
      out.line(line.get());
      return true;
    }
    var halves = ExportLine.halves(view);
    for (var half : halves) {
      if (!isWritten(key, half, out)) {
        return false;
      }
    }
    return !halves.isEmpty();
  }

  /// Says in the file that a key is not in it, so that it is not taken for one that was removed.
  private void lack(String key, String why, ExportFile out) throws IOException {
    write(out, new ExportLine.Lacking(key, why));
    keys++;
    lacking++;
    if (reasons.size() < KEYS_NAMED) {
      reasons.add(ViewText.line(why));
    }
  }

  private static void write(ExportFile out, ExportLine line) throws IOException {
    out.line(
        ExportLine.write(line, NdjsonFile.LINE_BYTES_MAX)
            .orElseThrow(() -> new IllegalStateException("names alone are larger than a line")));
  }

  private String incomplete(boolean isPrinted) {
    long more = lacking - reasons.size();
    return String.format(
        Locale.ROOT,
        "%,d of %,d keys are not exported whole: %s%s. A backup has them. The others are in %s",
        lacking,
        keys,
        String.join("; ", reasons),
        more == 0 ? "" : String.format(Locale.ROOT, "; and %,d more", more),
        isPrinted
            ? "what is printed"
            : ViewText.line(ExportFile.unfinished(Path.of(file)).toString()));
  }
}
