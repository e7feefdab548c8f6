package io.starling.node.cli.backup;

import io.starling.crdt.value.Value;
import io.starling.node.backup.Manifest;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.ViewText;
import io.starling.node.config.ConfigException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `backup list`.
@Command(
    name = "list",
    description = "Lists the backups of a repository, the oldest first. Needs no node.")
final class ListCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private RepositoryOptions options = new RepositoryOptions();

  @Option(
      names = "--json",
      description =
          "prints {\"backups\":[{\"backup\", \"cluster\", \"node\", \"name\", \"taken\","
              + " \"finished\", \"bytes\", \"addedBytes\", \"spaces\":[{\"name\", \"cells\","
              + " \"digest\", \"versionVector\"}]}], \"damaged\":[{\"backup\", \"what\"}]}")
  private boolean isJson;

  @Override
  public Integer call() throws IOException, CommandFailure, ConfigException {
    var read = new ArrayList<Value>();
    var damaged = new ArrayList<Value>();
    var lines = new ArrayList<String>();
    var broken = new ArrayList<String>();
    try (var repository = options.open()) {
      for (var backup : repository.backups()) {
        list(repository, backup, read, damaged, lines, broken);
      }
    }
    var out = spec.commandLine().getOut();
    if (isJson) {
      out.println(new Fields().put("backups", read).put("damaged", damaged).json());
    } else {
      lines.forEach(out::println);
      broken.forEach(spec.commandLine().getErr()::println);
    }
    return broken.isEmpty() ? ExitCode.DONE : ExitCode.REFUSED;
  }

  private static void list(
      Repository repository,
      String backup,
      List<Value> read,
      List<Value> damaged,
      List<String> lines,
      List<String> broken)
      throws IOException {
    try {
      var manifest = Manifest.read(repository, backup);
      read.add(json(backup, manifest));
      lines.add(line(backup, manifest));
    } catch (RepositoryException unreadable) {
      var what = String.valueOf(unreadable.getMessage());
      damaged.add(new Fields().put("backup", backup).put("what", what).struct());
      broken.add(what);
    }
  }

  private static Value json(String backup, Manifest manifest) {
    var spaces = new ArrayList<Value>();
    for (var space : manifest.spaces()) {
      var vector = new TreeMap<String, Value>();
      space
          .token()
          .ifPresent(token ->
              token
                  .heads()
                  .forEach(
                      head -> vector.put(head.replica().toString(), new Value.Int(head.seq()))));
      spaces.add(
          new Fields()
              .put("name", space.name())
              .put("cells", space.cells())
              .put("digest", space.digest().toString())
              .put("versionVector", new Value.Struct(vector))
              .struct());
    }
    return new Fields()
        .put("backup", backup)
        .put("cluster", manifest.source().cluster().toString())
        .put("node", manifest.source().node().toString())
        .put("name", manifest.source().name())
        .put("taken", manifest.taken().toString())
        .put("finished", manifest.finished().toString())
        .put("bytes", manifest.totals().bytes())
        .put("addedBytes", manifest.totals().addedBytes())
        .put("spaces", spaces)
        .struct();
  }

  private static String line(String backup, Manifest manifest) {
    var spaces =
        manifest.spaces().stream()
            .map(it -> "%s %,d cells".formatted(it.name(), it.cells()))
            .toList();
    return "%s  %-12s %10s, %s added  %s"
        .formatted(
            backup,
            ViewText.line(manifest.source().name()),
            Sizes.of(manifest.totals().bytes()),
            Sizes.of(manifest.totals().addedBytes()),
            ViewText.line(String.join(", ", spaces)));
  }
}
