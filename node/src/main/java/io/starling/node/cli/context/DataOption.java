package io.starling.node.cli.context;

import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.terminal.Surroundings;
import io.starling.node.local.LocalCluster;
import io.starling.node.local.LocalException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Where the local cluster is, for commands that have to do with no other.
public final class DataOption {

  static final String VARIABLE = "STARLING_DATA";
  private static final Path USUAL = Path.of("starling-data");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "directory of the local cluster (default: $STARLING_DATA, or ./starling-data)")
  private Optional<Path> directory = Optional.empty();

  static Path resolve(Optional<Path> chosen, Surroundings around) {
    var path = chosen.or(() -> around.variable(VARIABLE).map(Path::of)).orElse(USUAL);
    return path.toAbsolutePath().normalize();
  }

  /// Whether another than the usual place was chosen.
  public boolean isChosen() {
    return !directory().equals(USUAL.toAbsolutePath().normalize());
  }

  public Path directory() {
    return resolve(directory, Surroundings.of(command));
  }

  /// The cluster that is there.
  public LocalCluster cluster() throws IOException, LocalException, CommandFailure {
    return new Place.Here(directory()).cluster();
  }
}
