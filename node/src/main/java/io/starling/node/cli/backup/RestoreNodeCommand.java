package io.starling.node.cli.backup;

import io.starling.node.backup.Manifest;
import io.starling.node.backup.Verification;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.restore.StoreRestore;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.outcome.ExitCode;
import io.starling.node.cli.terminal.Fields;
import io.starling.node.cli.terminal.Progress;
import io.starling.node.config.ConfigException;
import io.starling.node.config.NodeConfig;
import io.starling.node.identity.IdentityException;
import io.starling.node.identity.NodeIdentity;
import io.starling.node.storage.rocksdb.RocksStore;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `backup restore node`.
@Command(
    name = "node",
    description = {
      "Makes the store of a node that is stopped, and has none, from a backup of its cluster, its",
      "own or another node's. No identity is restored: the node keeps its key, and begins a new",
      "incarnation when it is started."
    })
final class RestoreNodeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private RepositoryOptions options = new RepositoryOptions();

  @Parameters(paramLabel = "BACKUP", description = "name, beginning of a name, or 'latest'")
  private String named = "";

  @Option(
      names = "--dry-run",
      description = "says what would be restored, and whether it can be; writes nothing")
  private boolean isDryRun;

  @Option(
      names = "--json",
      description = "prints {\"backup\", \"directory\", \"restored\", \"cells\"}")
  private boolean isJson;

  @Override
  public Integer call() throws IOException, CommandFailure, ConfigException, IdentityException {
    var config =
        options
            .node()
            .orElseThrow(
                () -> CommandFailure.usage("say which node: --config FILE with its node.yaml"));
    try (var repository = options.open();
        var progress = Progress.of(spec)) {
      var backup = Manifest.find(repository, named);
      var manifest = Manifest.read(repository, backup);
      var restore = restore(config);
      restore.check(manifest);
      requireWhole(repository, backup, progress);
      if (!isDryRun) {
        restore.run(repository, manifest, progress::at);
      }
      progress.close();
      print(backup, manifest, config);
    }
    return ExitCode.DONE;
  }

  private static StoreRestore restore(NodeConfig config) throws IOException, IdentityException {
    var identity = NodeIdentity.open(config.identityDirectory());
    return new StoreRestore(
        identity.cluster(),
        identity.fingerprint(),
        config.storeDirectory(),
        new RocksStore.Options(
            (long) config.sizes().cacheMegabytes() << 20,
            (long) config.sizes().freeMegabytes() << 20));
  }

  private static void requireWhole(Repository repository, String backup, Progress progress)
      throws IOException, CommandFailure {
    var report = new Verification(repository, true, progress::at).check(List.of(backup));
    if (!report.isSound()) {
      throw CommandFailure.refused(
          "backup " + backup + " is not whole: " + report.problems().getFirst().what());
    }
  }

  private void print(String backup, Manifest manifest, NodeConfig config) {
    var out = spec.commandLine().getOut();
    long cells = manifest.spaces().stream().mapToLong(Manifest.SpaceEntry::cells).sum();
    var directory = config.storeDirectory();
    if (isJson) {
      out.println(
          new Fields()
              .put("backup", backup)
              .put("directory", directory.toString())
              .put("restored", !isDryRun)
              .put("cells", cells)
              .json());
      return;
    }
    for (var space : manifest.spaces()) {
      out.printf("%s: %,d cells, digest %s%n", space.name(), space.cells(), space.digest());
    }
    out.printf(
        "%s of %s, of %s, %s %s%n",
        backup,
        manifest.source().name(),
        manifest.taken(),
        isDryRun ? "would be restored to" : "is restored to",
        directory);
  }
}
