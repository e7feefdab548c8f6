package io.starling.node.cli.context;

import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.local.LocalCluster;
import io.starling.node.local.LocalException;
import java.io.IOException;
import java.nio.file.Path;

/// Where a cluster is.
sealed interface Place {

  /// On this machine, below a directory, where there may be none.
  record Here(Path directory) implements Place {

    /// The cluster that is there.
    LocalCluster cluster() throws IOException, LocalException, CommandFailure {
      return LocalCluster.find(directory)
          .orElseThrow(() ->
              CommandFailure.refused(
                  "no cluster in "
                      + directory
                      + "; 'starling up' makes one, --data names another, --context one elsewhere"));
    }
  }

  /// Where a context says.
  record Elsewhere(Context context) implements Place {}
}
