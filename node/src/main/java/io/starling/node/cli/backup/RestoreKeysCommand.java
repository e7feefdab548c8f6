package io.starling.node.cli.backup;

import io.starling.node.backup.Manifest;
import io.starling.node.backup.restore.KeyRestore;
import io.starling.node.backup.restore.KeyRestore.Selection;
import io.starling.node.backup.restore.RunningSpace;
import io.starling.node.cli.context.NodeOptions;
import io.starling.node.cli.context.SpaceOption;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.client.ClientException;
import io.starling.node.config.ConfigException;
import io.starling.node.local.LocalException;
import io.starling.replica.batch.SpaceId;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `backup restore keys`.
@Command(
    name = "keys",
    description = {
      "Brings keys back as new writes into a cluster that runs, this or another one: what differs",
      "from the backup is assigned, added, counted by the difference. What the backup has not",
      "stays, unless --delete-extra is given. Running it again does nothing."
    })
final class RestoreKeysCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private RepositoryOptions options = new RepositoryOptions();
  @Mixin private NodeOptions node = new NodeOptions();
  @Mixin private SpaceOption space = new SpaceOption();

  @Parameters(paramLabel = "BACKUP", description = "name, beginning of a name, or 'latest'")
  private String named = "";

  @ArgGroup(multiplicity = "1")
  private Which which = new Which();

  /// Which keys.
  static final class Which {
    @Option(names = "--key", required = true, paramLabel = "KEY", description = "just this key")
    private Optional<String> key = Optional.empty();

    @Option(
        names = "--prefix",
        required = true,
        paramLabel = "PREFIX",
        description = "the keys that begin with it")
    private Optional<String> prefix = Optional.empty();

    @Option(names = "--all", required = true, description = "all keys of the space")
    private boolean isAll;

    private Selection selection() {
      return key.<Selection>map(Selection.One::new)
          .orElseGet(() -> new Selection.Beginning(isAll ? "" : prefix.orElseThrow()));
    }
  }

  @Option(
      names = "--into",
      paramLabel = "SPACE",
      description = "space to write to (default: the one that is restored)")
  private Optional<String> into = Optional.empty();

  @Option(
      names = "--delete-extra",
      description = "removes what the backup has not: keys, fields, elements")
  private boolean deletesExtra;

  @Option(names = "--dry-run", description = "says what would be written; writes nothing")
  private boolean isDryRun;

  @Option(names = "--json", description = RestoreReport.JSON)
  private boolean isJson;

  @Override
  public Integer call()
      throws IOException, CommandFailure, ConfigException, ClientException, LocalException {
    var from = space.name(node);
    var target = into.orElse(from);
    if (target.equals(SpaceId.SYSTEM)) {
      throw CommandFailure.usage(
          "_system is what the cluster is administered with; it is restored with a node only");
    }
    var report = new RestoreReport(spec.commandLine().getOut(), "the backup", isJson, isDryRun);
    KeyRestore.Summary summary;
    try (var repository = options.open()) {
      var backup = Manifest.find(repository, named);
      var entry =
          Manifest.read(repository, backup)
              .space(from)
              .orElseThrow(() ->
                  CommandFailure.refused("backup " + backup + " has no space '" + from + "'"));
      try (var client = node.connect()) {
        var restore =
            new KeyRestore(new RunningSpace(client, target), deletesExtra, isDryRun, report::item);
        summary = restore.run(repository, entry, which.selection());
      }
    }
    report.summary(summary);
    return summary.failed() == 0 ? ExitCode.DONE : ExitCode.REFUSED;
  }
}
