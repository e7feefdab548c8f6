package io.starling.node.backup.repository;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryBlobsTest implements BlobsContract {

  @TempDir private Path directory;

  @Override
  public Blobs blobs() {
    return new DirectoryBlobs(directory.resolve("r"));
  }
}
