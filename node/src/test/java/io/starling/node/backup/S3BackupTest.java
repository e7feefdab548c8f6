package io.starling.node.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.value.Value;
import io.starling.node.backup.repository.Passphrase;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.node.backup.repository.WatchedBlobs;
import io.starling.node.backup.restore.StoreRestore;
import io.starling.node.backup.s3.S3Server;
import io.starling.node.hosting.TestNode;
import io.starling.node.storage.MemoryStore;
import io.starling.node.storage.rocksdb.RocksStore;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Backups of nodes in a store of objects: a server of its own process.
final class S3BackupTest {

  private static final Optional<Passphrase> SECRET = Optional.of(new Passphrase("open, sesame"));

  @TempDir private Path directory;

  @Test
  void aBackupIsMadeCheckedPrunedAndRestored() throws Exception {
    var server = S3Server.shared();
    var location = "s3://" + server.bucket() + "/cluster";
    try (var repository = Backups.create(server.blobs(location), SECRET)) {
      assertThat(repository.location()).isEqualTo(location);
      var store = new MemoryStore();
      BackupRun.Made last;
      try (var node = new TestNode(store)) {
        Backups.fill(node);
        var first = Backups.make(repository, node, store);
        Backups.commit(node, 3_000, i -> Backups.set("r/" + i, "another value " + i));
        last = Backups.make(repository, node, store);
        assertThat(Backups.problems(repository, false)).isEmpty();
        var retention = new Retention(1, 0, 0, 0, 0, 0);
        var report = new Prune(repository, retention, ZoneOffset.UTC, _ -> {}).run("test", false);
        assertThat(report.deleted()).containsExactly(first.name());
        assertThat(report.chunks()).isPositive();
        assertThat(Backups.problems(repository, false)).isEmpty();
        // As many chunks as a backup by itself has.
        var totals = last.manifest().totals();
        assertThat(Backups.chunks(repository)).hasSizeLessThanOrEqualTo((int) totals.chunks());
      }
      var options = new RocksStore.Options(8 << 20, 0);
      var home = directory.resolve("again");
      var key = last.manifest().source().node();
      new StoreRestore(TestNode.CLUSTER, key, home, options)
          .run(repository, last.manifest(), _ -> {});
      try (var again = RocksStore.open(home, TestNode.CLUSTER, key, options);
          var node = new TestNode(again)) {
        var main = last.manifest().space("main").orElseThrow();
        assertThat(Backups.status(node).digest()).isEqualTo(main.digest());
        assertThat(TestNode.read(node.main(), "r/17"))
            .isEqualTo(new Value.Text("another value 17"));
      }
    }
  }

  @Test
  void aServerThatDiesLeavesARepositoryThatVerifiesAndIsGoneOnWith() throws Exception {
    var files = java.nio.file.Files.createDirectory(directory.resolve("objects"));
    var store = new MemoryStore();
    int port;
    String location;
    long whole;
    var node = new TestNode(store);
    try (var server = S3Server.start(0, files)) {
      port = server.port();
      location = "s3://" + server.bucket() + "/r";
      try (node;
          var before = Backups.create(server.blobs(location), Optional.empty())) {
        Backups.commit(node, 20_000, i -> Backups.set("key/" + i, "some value " + i * 7_919));
        Backups.make(before, node, store);
        whole = Backups.chunks(before).size();
        Backups.commit(node, 20_000, i -> Backups.set("key/" + i, "another " + i * 7_919));
      }
      // From here on the store stays as it is.
      long begun = stored(files.toFile());
      var puts = new AtomicInteger();
      var hasDied = new AtomicBoolean();
      var watched =
          new WatchedBlobs(
              server.blobs(location),
              (what, _) -> {
                // Some chunks are there, others are on their way.
                boolean isDue =
                    what.equals("put")
                        && puts.incrementAndGet() >= 10
                        && stored(files.toFile()) > begun;
                if (isDue && hasDied.compareAndSet(false, true)) {
                  kill(server);
                }
              });
      try (var repository = Repository.open(watched, Optional.empty(), InstantSource.system())) {
        assertThatThrownBy(() -> Backups.make(repository, node, store))
            .isInstanceOf(RepositoryException.class)
            .hasMessageContaining("nothing answers at " + server.endpoint());
      }
    }
    try (var server = S3Server.start(port, files);
        var repository =
            Repository.open(server.blobs(location), Optional.empty(), InstantSource.system())) {
      assertThat(repository.backups()).hasSize(1);
      assertThat(Backups.problems(repository, false)).isEmpty();
      long kept = Backups.chunks(repository).size() - whole;
      assertThat(kept).isPositive();
      var totals = Backups.make(repository, node, store).manifest().totals();
      assertThat(totals.addedChunks()).isLessThanOrEqualTo(totals.chunks() - kept);
      assertThat(repository.backups()).hasSize(2);
      assertThat(Backups.problems(repository, false)).isEmpty();
    }
  }

  /// How many chunks are among a server's files, which come and go: it writes under other names at
  /// first.
  private static long stored(File of) {
    var inside = of.listFiles();
    if (inside != null) {
      return Arrays.stream(inside).mapToLong(S3BackupTest::stored).sum();
    }
    boolean isChunk = of.getPath().contains("/chunks/") && of.getName().matches("[0-9a-f]{64}");
    return isChunk ? 1 : 0;
  }

  private static void kill(S3Server server) throws IOException {
    try {
      server.kill();
    } catch (InterruptedException stopped) {
      throw new IOException(stopped);
    }
  }

  @Test
  void nodesThatBackUpAtATimeDoNotDisturbEachOther() throws Exception {
    var server = S3Server.shared();
    var location = "s3://" + server.bucket();
    Backups.create(server.blobs(location), SECRET).close();
    var failures = new ArrayList<Exception>();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 2; i++) {
      int number = i;
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                try {
                  backUp(server, location, number);
                } catch (Exception failed) {
                  synchronized (failures) {
                    failures.add(failed);
                  }
                }
              }));
    }
    for (var thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
    try (var repository = Repository.open(server.blobs(location), SECRET, InstantSource.system())) {
      assertThat(repository.backups()).hasSize(4);
      assertThat(Backups.problems(repository, false)).isEmpty();
    }
  }

  private static void backUp(S3Server server, String location, int number) throws Exception {
    var store = new MemoryStore();
    try (var node = new TestNode(store);
        var repository = Repository.open(server.blobs(location), SECRET, InstantSource.system())) {
      for (var round : List.of("first", "second")) {
        Backups.commit(node, 3_000, i -> Backups.set(number % 2 + "/" + i, round + " value " + i));
        Backups.make(repository, node, store);
      }
    }
  }
}
