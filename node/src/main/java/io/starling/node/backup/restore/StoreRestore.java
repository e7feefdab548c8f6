package io.starling.node.backup.restore;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.encoding.MalformedException;
import io.starling.node.backup.Manifest;
import io.starling.node.backup.SpaceRows;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.node.files.DurableFile;
import io.starling.node.storage.NodeStore;
import io.starling.node.storage.StoreUnusableException;
import io.starling.node.storage.rocksdb.RocksStore;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.state.SpaceImage.Part;
import io.starling.replica.state.SpaceImport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Makes the store of a node that does not run from a backup of that or another node of its
/// cluster.
///
/// The store is made beside its place and moved there when it is whole and comes to the digests of
/// the backup, so a restore that is broken off leaves no store. It holds what the spaces were, and
/// no identity: keys and certificates are those of the node, and the start that opens it begins a
/// new incarnation, to which peers give back what it lacks.
public final class StoreRestore {

  /// What follows the store's name while it is being made.
  public static final String UNFINISHED = ".restoring";

  private static final int ROWS_AT_A_TIME = 2_000;
  private static final long BYTES_AT_A_TIME = 4 << 20;

  private final ClusterId cluster;
  private final KeyFingerprint node;
  private final Path directory;
  private final RocksStore.Options options;

  /// @param cluster that the node is of
  /// @param directory where its store will be
  public StoreRestore(
      ClusterId cluster, KeyFingerprint node, Path directory, RocksStore.Options options) {
    this.cluster = cluster;
    this.node = node;
    this.directory = directory.toAbsolutePath();
    this.options = options;
  }

  /// Refuses what must not be restored here. Changes nothing.
  public void check(Manifest manifest) throws RepositoryException {
    if (!manifest.source().cluster().equals(cluster)) {
      throw new RepositoryException(
          "the backup is of another cluster, "
              + manifest.source().cluster()
              + "; this node is of "
              + cluster
              + ". Its keys can be restored as new writes: 'starling backup restore keys'");
    }
    if (Files.exists(directory)) {
      throw new RepositoryException(
          directory
              + " is there already. Stop the node, move that directory away, and run this again;"
              + " delete it when all is well");
    }
  }

  /// Makes the store. Durable when this returns.
  ///
  /// @param progress is told what is being restored
  public void run(Repository repository, Manifest manifest, Consumer<String> progress)
      throws IOException {
    check(manifest);
    var unfinished = directory.resolveSibling(directory.getFileName() + UNFINISHED);
    clear(unfinished);
    try (var store = RocksStore.open(unfinished, cluster, node, options)) {
      for (var space : manifest.spaces()) {
        progress.accept("space " + space.name());
        restore(repository, space, store, progress);
      }
    } catch (StoreUnusableException | StorageFailure failed) {
      throw new RepositoryException(String.valueOf(failed.getMessage()), failed);
    }
    Files.move(unfinished, directory, StandardCopyOption.ATOMIC_MOVE);
    var parent = directory.getParent();
    if (parent != null) {
      DurableFile.syncDirectory(parent);
    }
  }

  private static void restore(
      Repository repository, Manifest.SpaceEntry space, NodeStore into, Consumer<String> progress)
      throws IOException {
    var store = into.space(space.id());
    var rebuild = new SpaceImport(space.id(), store.live());
    var rows = new SpaceRows(repository, space);
    long[] pending = {0, 0};
    for (var part : Part.values()) {
      rows.all(
          part,
          row -> {
            try {
              rebuild.add(part, row);
            } catch (MalformedException broken) {
              throw new RepositoryException(
                  "space " + space.name() + " has a row that cannot be read", broken);
            }
            pending[0]++;
            pending[1] += row.key().length + row.value().length;
            if (pending[0] >= ROWS_AT_A_TIME || pending[1] >= BYTES_AT_A_TIME) {
              store.persist(rebuild.take());
              pending[0] = 0;
              pending[1] = 0;
              progress.accept("space %s, %,d cells".formatted(space.name(), rebuild.cells()));
            }
          });
    }
    store.persist(rebuild.take());
    if (!rebuild.digest().equals(space.digest())
        || rebuild.cells() != space.cells()
        || !rebuild.token().equals(space.token())) {
      throw new RepositoryException(
          "space "
              + space.name()
              + " does not come to the digest of the backup; nothing was restored. 'starling backup"
              + " verify' says more");
    }
  }

  /// Deletes what an earlier restore left unfinished.
  private static void clear(Path unfinished) throws IOException {
    if (!Files.exists(unfinished)) {
      return;
    }
    try (Stream<Path> all = Files.walk(unfinished)) {
      for (var path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
