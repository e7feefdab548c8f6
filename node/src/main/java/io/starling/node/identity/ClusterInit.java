package io.starling.node.identity;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;

/// The beginning of a cluster: its authority.
public final class ClusterInit {

  private ClusterInit() {}

  /// Makes an authority in a directory that holds none yet.
  ///
  /// @param name what people call the cluster
  public static AuthorityCertificate create(Path directory, String name)
      throws IOException, IdentityException {
    var validity = Validity.of(Instant.now(), Validity.AUTHORITY);
    return Authority.create(directory, name, validity).certificate();
  }
}
