package io.starling.node.cli.context;

import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.cli.terminal.Surroundings;
import io.starling.node.identity.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;

/// The file that a user's contexts are kept in: `$XDG_CONFIG_HOME/starling/contexts.yaml`, by
/// default below `~/.config`. Only its owner may read it, for it may hold tokens.
record ContextFile(Path path) {

  private static final int BYTES_MAX = 256 << 10;

  /// The file of whoever runs the command. By the XDG specification a relative path is ignored.
  static ContextFile of(Surroundings around) {
    var home = Path.of(around.variable("HOME").orElse(System.getProperty("user.home", "")));
    var config =
        around
            .variable("XDG_CONFIG_HOME")
            .map(Path::of)
            .filter(Path::isAbsolute)
            .orElse(home.resolve(".config"));
    return new ContextFile(config.resolve("starling").resolve("contexts.yaml"));
  }

  /// What is in the file; no contexts if it is not there.
  Contexts read() throws IOException, CommandFailure {
    if (!Files.exists(path)) {
      return Contexts.none();
    }
    if (Files.size(path) > BYTES_MAX) {
      throw CommandFailure.refused(path + " is too large to hold contexts");
    }
    try {
      var contexts = ContextYaml.read(Files.readString(path));
      if (contexts.holdTokens() && isExposed()) {
        throw CommandFailure.refused(
            path
                + " holds a bearer token and can be read by others; chmod 600 it, and if others"
                + " use this machine, replace the token");
      }
      return contexts;
    } catch (IllegalArgumentException damaged) {
      throw CommandFailure.refused(
          path + ": " + damaged.getMessage() + "; correct it, or remove it", damaged);
    }
  }

  private boolean isExposed() throws IOException {
    var others = EnumSet.of(PosixFilePermission.OTHERS_READ, PosixFilePermission.GROUP_READ);
    others.retainAll(AtomicFile.permissions(path));
    return !others.isEmpty();
  }

  /// Replaces the file: it is there whole, or as it was before.
  void write(Contexts contexts) throws IOException {
    var directory = path.toAbsolutePath().getParent();
    if (directory != null) {
      AtomicFile.createDirectory(directory);
    }
    AtomicFile.writeSecret(path, ContextYaml.write(contexts));
  }
}
