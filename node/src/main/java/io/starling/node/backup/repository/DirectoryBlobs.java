package io.starling.node.backup.repository;

import io.starling.node.files.DurableFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;

/// Objects as files below a directory, which may be on another machine's disk. Only their owner
/// reads them.
///
/// A file is written and synced under another name, then moved to its own: there is no half of one.
public final class DirectoryBlobs implements Blobs {

  private static final String TEMPORARY = "tmp";

  private final Path root;
  private final Set<Path> unsettled = new TreeSet<>();

  public DirectoryBlobs(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  @Override
  public void prepare() throws IOException {
    directory(root);
    try (var entries = Files.newDirectoryStream(root)) {
      if (entries.iterator().hasNext()) {
        throw new RepositoryException(root + " is not empty; name a directory that is, or none");
      }
    }
  }

  @Override
  public void put(String name, byte[] bytes) throws IOException {
    place(
        name,
        bytes,
        (fresh, file) ->
            Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING));
  }

  @Override
  public void putNew(String name, byte[] bytes) throws IOException {
    place(name, bytes, DirectoryBlobs::link);
  }

  /// Gives a file its name, unless there is one of that name.
  private static void link(Path fresh, Path file) throws IOException {
    try {
      Files.createLink(file, fresh);
    } catch (FileAlreadyExistsException taken) {
      throw taken;
    } catch (UnsupportedOperationException | FileSystemException without) {
      // A file system without links: two that do this at the same moment are not told apart there.
      if (Files.exists(file)) {
        throw new FileAlreadyExistsException(file.toString());
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /// How a file that is written gets its name.
  @FunctionalInterface
  private interface Naming {
    void name(Path fresh, Path file) throws IOException;
  }

  private void place(String name, byte[] bytes, Naming naming) throws IOException {
    var file = file(name);
    var home = parent(file);
    if (!Files.isDirectory(root)) {
      // A disk that is not mounted: nothing is written where it should be.
      throw new RepositoryException(root + " is not there");
    }
    var temporary = root.resolve(TEMPORARY);
    directory(temporary);
    directory(home);
    var fresh = Files.createTempFile(temporary, "", ".new");
    try {
      DurableFile.fill(fresh, bytes);
      naming.name(fresh, file);
    } finally {
      Files.deleteIfExists(fresh);
    }
    changed(home);
  }

  private void changed(Path home) {
    synchronized (unsettled) {
      unsettled.add(home);
    }
  }

  @Override
  public byte[] get(String name, long bytesMax) throws IOException {
    var file = file(name);
    if (Files.size(file) > bytesMax) {
      throw new RepositoryException(file + " is larger than anything that belongs there");
    }
    return Files.readAllBytes(file);
  }

  @Override
  public void list(String prefix, Visitor visitor) throws IOException {
    var folder = root.resolve(prefix);
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (var entries = Files.newDirectoryStream(folder)) {
      for (var entry : entries) {
        if (Files.isDirectory(entry)) {
          list(prefix + entry.getFileName() + "/", visitor);
        } else {
          see(prefix, entry, visitor);
        }
      }
    }
  }

  private static void see(String prefix, Path entry, Visitor visitor) throws IOException {
    try {
      visitor.see(prefix + entry.getFileName(), Files.size(entry));
    } catch (NoSuchFileException gone) {
      // Deleted since it was listed: as if it had been before.
    }
  }

  @Override
  public void delete(String name) throws IOException {
    var file = file(name);
    if (Files.deleteIfExists(file)) {
      changed(parent(file));
    }
  }

  @Override
  public void settle() throws IOException {
    Set<Path> homes;
    synchronized (unsettled) {
      homes = new TreeSet<>(unsettled);
      unsettled.clear();
    }
    // These always: what an earlier process put or deleted there may not be durable yet.
    homes.add(root);
    homes.add(root.resolve("chunks"));
    homes.add(root.resolve("backups"));
    try {
      for (var home : homes) {
        sync(home);
      }
    } catch (IOException failed) {
      synchronized (unsettled) {
        unsettled.addAll(homes);
      }
      throw failed;
    }
  }

  private static void sync(Path home) throws IOException {
    if (Files.isDirectory(home)) {
      DurableFile.syncDirectory(home);
    }
  }

  @Override
  public void tidy(Instant before) throws IOException {
    var temporary = root.resolve(TEMPORARY);
    if (!Files.isDirectory(temporary)) {
      return;
    }
    try (var entries = Files.newDirectoryStream(temporary, "*.new")) {
      for (var entry : entries) {
        if (Files.getLastModifiedTime(entry).toInstant().isBefore(before)) {
          Files.deleteIfExists(entry);
        }
      }
    }
  }

  @Override
  public String location() {
    return root.toString();
  }

  @Override
  public void close() {}

  private Path file(String name) {
    if (!name.matches("[A-Za-z0-9/._-]+") || name.contains("..")) {
      throw new IllegalArgumentException("no name of an object: " + name);
    }
    return root.resolve(name);
  }

  private static Path parent(Path file) throws FileSystemException {
    var parent = file.getParent();
    if (parent == null) {
      throw new FileSystemException(file.toString(), null, "is no place for a file");
    }
    return parent;
  }

  private static void directory(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }
}
