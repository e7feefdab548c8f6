package io.starling.node.identity;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What an authority does, at a time that a test chooses.
public final class Authorities {

  private Authorities() {}

  // The test's authority is young: its own certificate counts from an hour ago.
  private static final Duration RECENTLY = Duration.ofMinutes(45);

  /// Makes the directory of a node whose certificates count from a moment. They must have been good
  /// 45 minutes ago.
  public static void join(Path authority, Path node, String name, Instant at) throws Exception {
    var identity = node.resolve("identity");
    var request = JoinRequest.create(identity, name, "here", List.of("localhost", "127.0.0.1"));
    var invitation = node.resolve("invitation.pem");
    Invitation.issue(authority, request, List.of(), Validity.of(at, Validity.NODE))
        .writeTo(invitation);
    Invitation.accept(identity, invitation, Optional.empty(), Instant.now().minus(RECENTLY));
    Files.delete(invitation);
  }
}
