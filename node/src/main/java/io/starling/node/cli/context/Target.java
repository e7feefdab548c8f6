package io.starling.node.cli.context;

import io.starling.node.access.TokenFile;
import io.starling.node.client.Endpoint;
import io.starling.node.identity.IdentityFiles;
import io.starling.node.local.LocalNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A node of the cluster that a command is about.
///
/// @param name what it is called until it has said its name
/// @param local its directory and ports, if it is on this machine
public record Target(String name, Endpoint endpoint, Optional<LocalNode> local) {

  /// A node by its directory, with the token that is there if there is one.
  public static Target of(String host, int port, Path directory, boolean isTls) {
    var authority = IdentityFiles.authority(directory.resolve("identity"));
    var ca = Optional.of(authority).filter(file -> isTls && Files.isReadable(file));
    var endpoint = new Endpoint(host, port, ca, token(directory));
    return new Target(endpoint.toString(), endpoint, Optional.empty());
  }

  private static String token(Path directory) {
    try {
      return TokenFile.read(directory).map(it -> it.text()).orElse("");
    } catch (IOException unreadable) {
      return "";
    }
  }
}
