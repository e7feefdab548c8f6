package io.starling.node.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.cell.Path;
import io.starling.crdt.value.Value;
import io.starling.node.backup.repository.Blobs;
import io.starling.node.backup.repository.DirectoryBlobs;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.node.backup.repository.WatchedBlobs;
import io.starling.node.hosting.TestNode;
import io.starling.node.storage.MemoryStore;
import io.starling.node.storage.NodeStore;
import io.starling.node.storage.rocksdb.RocksStore;
import io.starling.replica.port.Changes;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;
import io.starling.replica.request.Mutation;
import io.starling.replica.state.SpaceImage.Part;
import java.nio.file.FileSystemException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BackupRunTest {

  @TempDir private java.nio.file.Path directory;

  private final NodeStore store = new MemoryStore();

  @Test
  void aBackupSaysAtWhichVectorAndDigestEachSpaceWas() throws Exception {
    try (var node = new TestNode(store);
        var repository = Backups.create(directory.resolve("r"))) {
      Backups.fill(node);
      var made = Backups.make(repository, node, store);
      assertThat(repository.backups()).containsExactly(made.name());
      var read = Manifest.read(repository, made.name());
      assertThat(read).usingRecursiveComparison().isEqualTo(made.manifest());
      var status = Backups.status(node);
      var main = read.space("main").orElseThrow();
      assertThat(main.token()).contains(status.token());
      assertThat(main.digest()).isEqualTo(status.digest());
      assertThat(main.cells()).isEqualTo(status.cells());
      assertThat(read.spaces()).extracting(it -> it.name()).containsExactly("_system", "main");
      assertThat(Backups.problems(repository, false)).isEmpty();
      assertThat(Backups.problems(repository, true)).isEmpty();
    }
  }

  @Test
  void aSecondBackupAddsWhatHasChanged() throws Exception {
    try (var rocks = rocks("s");
        var repository = Backups.create(directory.resolve("r"))) {
      var node = new TestNode(rocks);
      try (node) {
        Backups.commit(node, 20_000, i -> Backups.set("key/" + i, "some value " + i));
        var first = Backups.make(repository, node, rocks).manifest().totals();
        assertThat(first.addedChunks()).isEqualTo(first.chunks());
        Backups.commit(node, 3, i -> Backups.set("key/" + i * 6_999, "another value"));
        var second = Backups.make(repository, node, rocks).manifest().totals();
        // Three chunks of cells with their list, the end of the log with its list, what is in META.
        assertThat(second.addedChunks()).isBetween(5L, 9L);
        assertThat(second.addedBytes()).isLessThan(first.addedBytes() * 2 / 3);
      }
      // A node that runs notes for itself what its peers have; of a closed one nothing changes.
      Backups.make(repository, node, rocks);
      var again = Backups.make(repository, node, rocks).manifest().totals();
      assertThat(again.addedChunks()).isZero();
      assertThat(Backups.problems(repository, false)).isEmpty();
    }
  }

  @Test
  void nodesAtOneVectorShareTheChunksOfTheirCells() throws Exception {
    var other = new MemoryStore();
    try (var one = new TestNode(store);
        var two = new TestNode(other);
        var repository = Backups.create(directory.resolve("r"))) {
      one.join(two);
      Backups.fill(one);
      Backups.commit(two, 100, i -> new Mutation.Increment(Path.of("c/" + i % 10), i));
      org.awaitility.Awaitility.await()
          .until(() -> one.main().status().token().equals(two.main().status().token()));
      var first = Backups.make(repository, one, store);
      var second = Backups.make(repository, two, other);
      assertThat(Backups.entries(repository, second.manifest(), Part.CELLS))
          .usingRecursiveComparison()
          .isEqualTo(Backups.entries(repository, first.manifest(), Part.CELLS));
    }
  }

  @Test
  void writesGoOnMeanwhileAndAreNotInIt() throws Exception {
    try (var rocks = rocks("s");
        var node = new TestNode(rocks);
        var repository = Backups.create(directory.resolve("r"))) {
      Backups.commit(node, 1_000, i -> Backups.set("key/" + i, "before"));
      var before = Backups.status(node);
      var made =
          Backups.run(repository, node)
              .make(() -> {
                var subjects = Backups.subjects(node, rocks);
                try {
                  Backups.commit(node, 1_000, i -> Backups.set("key/" + i, "after"));
                } catch (Exception failed) {
                  throw new AssertionError(failed);
                }
                return subjects;
              });
      var main = made.manifest().space("main").orElseThrow();
      assertThat(main.token()).contains(before.token()).isNotEqualTo(Backups.status(node).token());
      assertThat(main.digest()).isEqualTo(before.digest());
      assertThat(Backups.problems(repository, false)).isEmpty();
    }
  }

  @Test
  void aBackupThatIsBrokenOffLeavesWhatWasAndIsGoneOnWith() throws Exception {
    try (var rocks = rocks("s");
        var whole = Backups.create(directory.resolve("r"))) {
      var node = new TestNode(rocks);
      try (node) {
        Backups.commit(node, 20_000, i -> Backups.set("key/" + i, "some value " + i * 7_919));
      }
      var full = full(directory.resolve("r"), 12);
      try (var repository = Repository.open(full, Optional.empty(), InstantSource.system())) {
        assertThatThrownBy(() -> Backups.make(repository, node, rocks))
            .isInstanceOf(RepositoryException.class)
            .hasMessageContaining("cannot be written: No space left on device");
      }
      assertThat(whole.backups()).isEmpty();
      assertThat(Backups.problems(whole, false)).isEmpty();
      long kept = Backups.chunks(whole).size();
      assertThat(kept).isEqualTo(11);
      var totals = Backups.make(whole, node, rocks).manifest().totals();
      assertThat(totals.addedChunks()).isEqualTo(totals.chunks() - kept);
      assertThat(Backups.problems(whole, false)).isEmpty();
    }
  }

  @Test
  void aStoreThatIsDamagedIsNotBackedUp() throws Exception {
    try (var node = new TestNode(store);
        var repository = Backups.create(directory.resolve("r"))) {
      Backups.fill(node);
      var main = store.space(node.main().id());
      byte[][] found = new byte[1][];
      main.live()
          .scan(
              Table.CELLS,
              "r/17".getBytes(),
              new byte[0],
              (key, _) -> {
                found[0] = key;
                return false;
              });
      main.persist(
          new Changes(List.of(new Changes.Write(Table.CELLS, found[0], Optional.empty()))));
      assertThatThrownBy(() -> Backups.make(repository, node, store))
          .isInstanceOf(StorageFailure.class)
          .hasMessageContaining("its store is damaged");
      assertThat(repository.backups()).isEmpty();
    }
  }

  @Test
  void oneThatIsStoppedEnds() throws Exception {
    try (var node = new TestNode(store);
        var repository = Backups.create(directory.resolve("r"))) {
      Backups.commit(node, 10, i -> Backups.set("key/" + i, "v"));
      var run = Backups.run(repository, node);
      run.stop();
      assertThatThrownBy(() -> run.make(() -> Backups.subjects(node, store)))
          .hasMessage("it was stopped");
      assertThat(repository.backups()).isEmpty();
    }
  }

  @Test
  void anEmptySpaceIsBackedUp() throws Exception {
    try (var node = new TestNode(store);
        var repository = Backups.create(directory.resolve("r"))) {
      var made = Backups.make(repository, node, store);
      assertThat(made.manifest().space("main").orElseThrow().cells()).isZero();
      assertThat(Backups.problems(repository, false)).isEmpty();
    }
  }

  @Test
  void chunksEndWhereTheyDidWhenRowsComeAndGo() throws Exception {
    try (var rocks = rocks("s");
        var node = new TestNode(rocks);
        var repository = Backups.create(directory.resolve("r"))) {
      Backups.commit(node, 20_000, i -> Backups.set("key/" + i, "some value " + i));
      var first = Backups.make(repository, node, rocks).manifest();
      Backups.commit(node, 1, _ -> Backups.set("key/0/first", "one more"));
      Backups.commit(node, 1, _ -> new Mutation.Remove(Path.of("key/10500")));
      Backups.commit(
          node, 1, _ -> new Mutation.AddElement(Path.of("key/zzz"), new Value.Text("last")));
      var second = Backups.make(repository, node, rocks).manifest();
      var before = Backups.entries(repository, first, Part.CELLS);
      var after = Backups.entries(repository, second, Part.CELLS);
      var old = before.stream().map(Strand.Entry::chunk).toList();
      var fresh = after.stream().map(Strand.Entry::chunk).filter(it -> !old.contains(it)).toList();
      assertThat(before.size()).isGreaterThan(10);
      assertThat(fresh).hasSizeLessThanOrEqualTo(4);
      assertThat(after).allMatch(it -> it.bytes() <= StrandWriter.ROWS.most() + 2_048);
    }
  }

  private RocksStore rocks(String name) throws Exception {
    return RocksStore.open(
        directory.resolve(name),
        TestNode.CLUSTER,
        new io.starling.crdt.causal.KeyFingerprint(1, 2),
        new RocksStore.Options(8 << 20, 0));
  }

  /// A disk that is full after some objects.
  private static Blobs full(java.nio.file.Path root, int after) {
    var left = new AtomicInteger(after);
    return new WatchedBlobs(
        new DirectoryBlobs(root),
        (what, name) -> {
          if (what.equals("put") && left.getAndDecrement() <= 0) {
            throw new FileSystemException(name, null, "No space left on device");
          }
        });
  }
}
