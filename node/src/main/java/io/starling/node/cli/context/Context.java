package io.starling.node.cli.context;

import io.starling.node.cli.outcome.CommandFailure;
import io.starling.node.client.ClusterClient;
import io.starling.node.identity.PeerAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// A cluster elsewhere, by a name of the user's own.
///
/// @param nodes where its nodes serve gRPC to clients, in order of preference
/// @param authority the certificate that its nodes are known by
/// @param token the bearer token itself, or
/// @param tokenFile the file that holds it
/// @param space the space that commands work in unless they are told another
record Context(
    String name,
    List<PeerAddress> nodes,
    Optional<Path> authority,
    Optional<String> token,
    Optional<Path> tokenFile,
    Optional<String> space) {

  /// Stands for the cluster on this machine; no context bears it.
  static final String LOCAL = "local";

  /// Most contexts.
  static final int COUNT_MAX = 100;

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final Pattern TOKEN_ID = Pattern.compile("(st_[a-z0-9]{12})_.*");

  Context {
    nodes = List.copyOf(nodes);
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "a context's name is 1 to 63 of A-Z a-z 0-9 . _ -, not '" + name + "'");
    }
    if (name.equals(LOCAL)) {
      throw new IllegalArgumentException(
          "'" + LOCAL + "' is always the cluster on this machine; choose another name");
    }
    if (nodes.isEmpty() || nodes.size() > ClusterClient.NODES_MAX) {
      throw new IllegalArgumentException(
          "context '" + name + "' needs 1 to " + ClusterClient.NODES_MAX + " nodes");
    }
    if (token.isPresent() && tokenFile.isPresent()) {
      throw new IllegalArgumentException(
          "context '" + name + "' has both a token and a file with one; keep one of them");
    }
  }

  /// The token, from where it is kept; empty if the context has none.
  Optional<String> readToken() throws java.io.IOException, CommandFailure {
    if (tokenFile.isPresent()) {
      return Optional.of(Tokens.read(tokenFile.get()));
    }
    return token;
  }

  /// The token as it may be shown: its public part.
  Optional<String> shownToken() {
    return token.map(text -> {
      var form = TOKEN_ID.matcher(text);
      return form.matches() ? form.group(1) + "_…" : "…";
    });
  }

  /// Without the token: this ends up in messages.
  @Override
  public String toString() {
    return name + " " + nodes;
  }
}
