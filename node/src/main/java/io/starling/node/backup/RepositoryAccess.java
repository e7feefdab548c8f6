package io.starling.node.backup;

import io.starling.node.backup.repository.Blobs;
import io.starling.node.backup.repository.DirectoryBlobs;
import io.starling.node.backup.repository.Passphrase;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.node.backup.s3.S3Blobs;
import io.starling.node.backup.s3.S3Options;
import io.starling.node.backup.s3.S3Place;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/// Where a repository is, and where the passphrase is that opens it.
///
/// @param location a directory, or `s3://BUCKET/PREFIX`
/// @param keyFile holds the passphrase; empty if it is in the environment, or there is none
/// @param s3 how the bucket is reached; means nothing for a directory
/// @param environment as [System#getenv()] gives it; says as whom the bucket is asked
public record RepositoryAccess(
    String location, Optional<Path> keyFile, S3Options s3, Map<String, String> environment) {

  public RepositoryAccess {
    environment = Map.copyOf(environment);
  }

  /// Opens the repository.
  public Repository open() throws IOException {
    return with(blobs ->
        Repository.open(blobs, Passphrase.find(keyFile, environment), InstantSource.system()));
  }

  /// Makes the repository; encrypted if there is a passphrase.
  public Repository create() throws IOException {
    return with(blobs ->
        Repository.create(blobs, Passphrase.find(keyFile, environment), InstantSource.system()));
  }

  @FunctionalInterface
  private interface Opening {
    Repository of(Blobs blobs) throws IOException;
  }

  private Repository with(Opening opening) throws IOException {
    var blobs = blobs();
    try {
      return opening.of(blobs);
    } catch (IOException | RuntimeException failed) {
      blobs.close();
      throw failed;
    }
  }

  private Blobs blobs() throws RepositoryException {
    try {
      return S3Place.isMeant(location)
          ? new S3Blobs(S3Place.parse(location, s3), environment)
          : new DirectoryBlobs(Path.of(location));
    } catch (InvalidPathException broken) {
      throw new RepositoryException("the repository's place is none: " + location, broken);
    } catch (IllegalArgumentException wrong) {
      throw new RepositoryException("the repository " + wrong.getMessage(), wrong);
    }
  }

  @Override
  public String toString() {
    return location;
  }
}
