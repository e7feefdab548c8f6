package io.starling.node.storage.rocksdb;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/// RocksDB's native library, unpacked into a folder that outlives the process.
///
/// Left to itself, RocksDB unpacks 17 MB into the temporary folder at each start and leaves them
/// there when the process is killed. Here they are unpacked once; later starts check the sum.
final class NativeLibrary {

  private NativeLibrary() {}

  /// Loads the library, from `ROCKSDB_SHAREDLIB_DIR` if that is set, else from the folder given.
  static void load(Path folder) throws IOException {
    var chosen =
        Optional.ofNullable(System.getenv("ROCKSDB_SHAREDLIB_DIR")).map(Path::of).orElse(folder);
    Files.createDirectories(chosen);
    // RocksDB looks for a name of its own making in the folders that it is given.
    var file = chosen.resolve(Environment.getJniLibraryFileName("rocksdbjni"));
    unpack(resource(), file);
    RocksDB.loadLibrary(List.of(chosen.toAbsolutePath().toString()));
  }

  private static URL resource() throws IOException {
    var loader = RocksDB.class.getClassLoader();
    for (var name :
        List.of(
            Environment.getJniLibraryFileName("rocksdb"),
            Optional.ofNullable(Environment.getFallbackJniLibraryFileName("rocksdb")).orElse(""))) {
      var found = name.isEmpty() ? null : loader.getResource(name);
      if (found != null) {
        return found;
      }
    }
    throw new IOException(
        "this build has no RocksDB library for "
            + System.getProperty("os.name")
            + " on "
            + System.getProperty("os.arch"));
  }

  private static void unpack(URL resource, Path file) throws IOException {
    if (Files.exists(file) && sum(Files.newInputStream(file)) == expectedSum(resource)) {
      return;
    }
    var fresh = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".new");
    try (var in = resource.openStream()) {
      Files.copy(in, fresh, StandardCopyOption.REPLACE_EXISTING);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private static long expectedSum(URL resource) throws IOException {
    if (resource.openConnection() instanceof JarURLConnection jar && jar.getJarEntry() != null) {
      long known = jar.getJarEntry().getCrc();
      if (known != -1) {
        return known;
      }
    }
    return sum(resource.openStream());
  }

  private static long sum(InputStream stream) throws IOException {
    var sum = new CRC32();
    try (var in = new CheckedInputStream(stream, sum)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return sum.getValue();
  }
}
