package io.starling.node.backup;

import io.starling.node.backup.repository.Blobs;
import io.starling.node.backup.repository.DirectoryBlobs;
import io.starling.node.backup.repository.Passphrase;
import io.starling.node.backup.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/// Where a repository is, and where the passphrase is that opens it.
///
/// @param location a directory
/// @param keyFile holds the passphrase; empty if it is in the environment, or there is none
/// @param environment as [System#getenv()] gives it
public record RepositoryAccess(
    String location, Optional<Path> keyFile, Map<String, String> environment) {

  public RepositoryAccess {
    environment = Map.copyOf(environment);
  }

  /// Opens the repository.
  public Repository open() throws IOException {
    return Repository.open(blobs(), Passphrase.find(keyFile, environment), InstantSource.system());
  }

  /// Makes the repository; encrypted if there is a passphrase.
  public Repository create() throws IOException {
    return Repository.create(
        blobs(), Passphrase.find(keyFile, environment), InstantSource.system());
  }

  private Blobs blobs() {
    return new DirectoryBlobs(Path.of(location));
  }

  @Override
  public String toString() {
    return location;
  }
}
