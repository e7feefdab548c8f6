package io.starling.node.client;

import java.nio.file.Path;
import java.util.Optional;

/// Where a node's client API is, and what it takes to be let in.
///
/// @param host the name that the node's certificate must be good for
/// @param authority the certificate of the cluster's authority, in PEM; empty to speak plain text,
///   which a node takes on loopback only, if at all
/// @param token the bearer token
public record Endpoint(String host, int port, Optional<Path> authority, String token) {

  /// Without the token: this ends up in messages.
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
