package io.starling.node.cli;

import io.starling.node.local.LocalCluster;
import io.starling.node.local.LocalException;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/// Where the local cluster is.
final class DataOption {

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "${STARLING_DATA:-starling-data}",
      description = "directory of the local cluster (default: $STARLING_DATA, or ./starling-data)")
  private Path directory = Path.of("starling-data");

  /// Whether another than the usual place was chosen on the command line.
  boolean isChosen() {
    return !directory.equals(Path.of("starling-data"));
  }

  Path directory() {
    return directory.toAbsolutePath().normalize();
  }

  /// The cluster that is there.
  LocalCluster cluster() throws IOException, LocalException, CommandFailure {
    return LocalCluster.find(directory())
        .orElseThrow(() ->
            CommandFailure.refused(
                "no cluster in " + directory + "; 'starling up' makes one, --data names another"));
  }
}
