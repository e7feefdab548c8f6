package io.starling.node.identity;

import java.nio.file.Path;

/// Where things are, in the directory of an authority or of a node's identity.
public final class IdentityFiles {

  private IdentityFiles() {}

  /// The authority's certificate: what clients are told to trust. In both directories.
  public static Path authority(Path directory) {
    return directory.resolve("authority.pem");
  }

  static Path authorityKey(Path directory) {
    return directory.resolve("authority-key.pem");
  }

  static Path issued(Path directory) {
    return directory.resolve("issued");
  }

  static Path revoked(Path directory) {
    return directory.resolve("revoked");
  }

  static Path nodeKey(Path directory) {
    return directory.resolve("node-key.pem");
  }

  static Path peerKey(Path directory) {
    return directory.resolve("peer-key.pem");
  }

  static Path apiKey(Path directory) {
    return directory.resolve("api-key.pem");
  }

  static Path joinRequest(Path directory) {
    return directory.resolve("join-request.pem");
  }

  static Path invitation(Path directory) {
    return directory.resolve("invitation.pem");
  }

  static Path departure(Path directory) {
    return directory.resolve("departure");
  }

  static Path roster(Path directory) {
    return directory.resolve("roster");
  }
}
