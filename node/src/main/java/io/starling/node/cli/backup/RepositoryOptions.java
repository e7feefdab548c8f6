package io.starling.node.cli.backup;

import io.starling.node.backup.RepositoryAccess;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.s3.S3Options;
import io.starling.node.backup.s3.S3Place;
import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.terminal.Surroundings;
import io.starling.node.config.ConfigException;
import io.starling.node.config.NodeConfig;
import io.starling.node.config.Setting;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Which repository a command is about, and what opens it.
final class RepositoryOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = {"-r", "--repository"},
      paramLabel = "PLACE",
      description =
          "where the backups are: a directory, or s3://BUCKET/PREFIX with credentials in"
              + " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or a profile (default:"
              + " $STARLING_BACKUP_REPOSITORY, or what --config says)")
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
      names = "--s3-endpoint",
      paramLabel = "URL",
      description =
          "where the bucket is, if not at Amazon: https://HOST (default:"
              + " $STARLING_BACKUP_S3_ENDPOINT, or what --config says)")
  private Optional<String> s3Endpoint = Optional.empty();

  @Option(
      names = "--s3-region",
      paramLabel = "REGION",
      description =
          "region of the bucket (default: $STARLING_BACKUP_S3_REGION, what --config says,"
              + " $AWS_REGION or the profile)")
  private Optional<String> s3Region = Optional.empty();

  @Option(
      names = "--s3-path-style",
      paramLabel = "true|false",
      description =
          "whether the bucket stands in the path (default: $STARLING_BACKUP_S3_PATH_STYLE, what"
              + " --config says, or whether there is an endpoint)")
  private Optional<Boolean> s3PathStyle = Optional.empty();

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
                    "say which repository: --repository PLACE, or --config FILE with the node.yaml"
                        + " of a node that has one"));
    var key =
        keyFile
            .or(() -> around.variable(Setting.BACKUP_KEY_FILE.variable()).map(Path::of))
            .or(() -> configured.flatMap(NodeConfig.Backups::keyFile));
    return new RepositoryAccess(
        where, key, s3(where, configured.map(NodeConfig.Backups::s3)), environment);
  }

  private S3Options s3(String where, Optional<S3Options> configured) throws CommandFailure {
    if (!S3Place.isMeant(where)) {
      if (s3Endpoint.isPresent() || s3Region.isPresent() || s3PathStyle.isPresent()) {
        throw CommandFailure.usage(
            "options of S3 mean nothing for the directory " + where + "; name s3://BUCKET/PREFIX");
      }
      return S3Options.NONE;
    }
    var endpoint = s3Endpoint.or(() -> variable(Setting.BACKUP_S3_ENDPOINT));
    var region = s3Region.or(() -> variable(Setting.BACKUP_S3_REGION));
    var style =
        s3PathStyle.or(() -> variable(Setting.BACKUP_S3_PATH_STYLE).map(Boolean::parseBoolean));
    return new S3Options(
        read("--s3-endpoint", endpoint, S3Options::endpoint)
            .or(() -> configured.flatMap(S3Options::endpoint)),
        read("--s3-region", region, S3Options::region)
            .or(() -> configured.flatMap(S3Options::region)),
        style.or(() -> configured.flatMap(S3Options::isPathStyle)));
  }

  private Optional<String> variable(Setting setting) {
    return Surroundings.of(command).variable(setting.variable());
  }

  private static <T> Optional<T> read(
      String option, Optional<String> text, Function<String, T> parse) throws CommandFailure {
    try {
      return text.map(parse);
    } catch (IllegalArgumentException refused) {
      throw CommandFailure.usage(option + " " + refused.getMessage());
    }
  }

  /// The configuration of the node, if one was named.
  Optional<NodeConfig> node() throws ConfigException {
    return config.isPresent()
        ? Optional.of(NodeConfig.read(config.get(), Surroundings.of(command).environment()))
        : Optional.empty();
  }
}
