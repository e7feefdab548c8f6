package io.starling.node.cli.backup;

import io.starling.node.backup.RepositoryAccess;
import io.starling.node.backup.repository.Repository;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.terminal.Surroundings;
import io.starling.node.config.ConfigException;
import io.starling.node.config.NodeConfig;
import io.starling.node.config.Setting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Which repository a command is about, and what opens it.
final class RepositoryOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = {"-r", "--repository"},
      paramLabel = "DIR",
      description =
          "where the backups are (default: $STARLING_BACKUP_REPOSITORY, or what --config says)")
  private Optional<String> location = Optional.empty();

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description =
          "file with the passphrase of an encrypted repository (default:"
              + " $STARLING_BACKUP_KEY_FILE; else what --config or $STARLING_BACKUP_PASSPHRASE"
              + " says)")
  private Optional<Path> keyFile = Optional.empty();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "node.yaml of a node, which names its repository")
  private Optional<Path> config = Optional.empty();

  Repository open() throws IOException, CommandFailure, ConfigException {
    return access().open();
  }

  RepositoryAccess access() throws CommandFailure, ConfigException {
    var environment = Surroundings.of(command).environment();
    var configured =
        config.isPresent()
            ? NodeConfig.read(config.get(), environment).backups()
            : Optional.<NodeConfig.Backups>empty();
    var around = Surroundings.of(command);
    var where =
        location
            .or(() -> around.variable(Setting.BACKUP_REPOSITORY.variable()))
            .or(() -> configured.map(NodeConfig.Backups::repository))
            .orElseThrow(() ->
                CommandFailure.usage(
                    "say which repository: --repository DIR, or --config FILE with the node.yaml of"
                        + " a node that has one"));
    var key =
        keyFile
            .or(() -> around.variable(Setting.BACKUP_KEY_FILE.variable()).map(Path::of))
            .or(() -> configured.flatMap(NodeConfig.Backups::keyFile));
    return new RepositoryAccess(where, key, environment);
  }

  /// The configuration of the node, if one was named.
  Optional<NodeConfig> node() throws ConfigException {
    return config.isPresent()
        ? Optional.of(NodeConfig.read(config.get(), Surroundings.of(command).environment()))
        : Optional.empty();
  }
}
