package io.starling.node.backup.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.node.backup.BackupRun;
import io.starling.node.backup.Manifest;
import io.starling.node.backup.repository.DirectoryBlobs;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.node.hosting.TestNode;
import io.starling.node.storage.rocksdb.RocksStore;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import java.io.IOException;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StoreRestoreTest {

  private static final RocksStore.Options OPTIONS = new RocksStore.Options(8 << 20, 0);
  private static final KeyFingerprint NODE = new KeyFingerprint(1, 2);

  @TempDir private java.nio.file.Path directory;

  private RocksStore store(String name) throws Exception {
    return RocksStore.open(directory.resolve(name), TestNode.CLUSTER, NODE, OPTIONS);
  }

  private Repository repository() throws IOException {
    var at = new DirectoryBlobs(directory.resolve("repository"));
    return Files.exists(directory.resolve("repository"))
        ? Repository.open(at, Optional.empty(), InstantSource.system())
        : Repository.create(at, Optional.empty(), InstantSource.system());
  }

  private static Manifest back(Repository repository, TestNode node, RocksStore store)
      throws Exception {
    var source = new Manifest.Source(TestNode.CLUSTER, node.fingerprint(), "n", "test");
    return new BackupRun(repository, source, 1L << 40, InstantSource.system())
        .make(() -> {
          var subjects = new ArrayList<BackupRun.Subject>();
          for (var space : node.spaces().all()) {
            subjects.add(
                new BackupRun.Subject(
                    space.name(), space.id(), store.space(space.id()).snapshot()));
          }
          return subjects;
        })
        .manifest();
  }

  private StoreRestore restore(String name) {
    return new StoreRestore(TestNode.CLUSTER, NODE, directory.resolve(name), OPTIONS);
  }

  private static Token token(TestNode node) {
    try (var now = node.main().read()) {
      return now.reader().token();
    }
  }

  private static void set(TestNode node, String key, String value) throws Exception {
    node.main()
        .submit(
            "someone",
            Optional.empty(),
            java.util.List.of(
                new Mutation.Set(Path.of(key), new Value.Text(value), ReadRule.LATEST)))
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  @Test
  void aNodeIsWhatItWasUnderANewIncarnationAndIsGivenBackWhatItLacks() throws Exception {
    Manifest manifest;
    try (var repository = repository();
        var otherStore = store("other");
        var other = new TestNode(otherStore)) {
      try (var store = store("one");
          var node = new TestNode(store)) {
        node.join(other);
        for (int i = 0; i < 3_000; i++) {
          if (i % 300 == 0) {
            TestNode.write(node.main(), new Mutation.AddElement(Path.of("s"), new Value.Int(i)));
          }
        }
        TestNode.write(node.main(), new Mutation.Increment(Path.of("c"), 5));
        set(node, "k", "in the backup");
        manifest = back(repository, node, store);
        set(node, "k", "after the backup");
        TestNode.write(node.main(), new Mutation.Increment(Path.of("c"), 5));
        Awaitility.await().until(() -> token(node).equals(token(other)));
        node.part(other);
      }

      restore("again").run(repository, manifest, _ -> {});
      assertThat(directory.resolve("again" + StoreRestore.UNFINISHED)).doesNotExist();

      try (var store = store("again");
          var node = new TestNode(store)) {
        var main = manifest.space("main").orElseThrow();
        assertThat(main.token()).contains(token(node));
        Awaitility.await()
            .untilAsserted(
                () -> assertThat(node.main().status().digest()).isEqualTo(main.digest()));
        assertThat(TestNode.read(node.main(), "k")).isEqualTo(new Value.Text("in the backup"));
        assertThat(TestNode.read(node.main(), "c")).isEqualTo(new Value.Int(5));
        var heads = main.token().orElseThrow().heads();
        assertThat(heads).noneMatch(it -> it.replica().equals(node.main().status().self()));

        node.join(other);
        Awaitility.await()
            .until(
                () -> TestNode.read(node.main(), "k").equals(new Value.Text("after the backup")));
        assertThat(TestNode.read(node.main(), "c")).isEqualTo(new Value.Int(10));
        set(node, "k", "written again");
        Awaitility.await().until(() -> token(node).equals(token(other)));
        assertThat(TestNode.read(other.main(), "k")).isEqualTo(new Value.Text("written again"));
        Awaitility.await()
            .until(() -> node.main().status().digest().equals(other.main().status().digest()));
      }
    }
  }

  @Test
  void whatMustNotBeRestoredIsRefusedAndNothingIsTouched() throws Exception {
    try (var repository = repository();
        var store = store("one");
        var node = new TestNode(store)) {
      set(node, "k", "v");
      var manifest = back(repository, node, store);
      assertThatThrownBy(() -> restore("one").run(repository, manifest, _ -> {}))
          .isInstanceOf(RepositoryException.class)
          .hasMessageContaining("is there already");
      var foreign = new StoreRestore(new ClusterId(9, 9), NODE, directory.resolve("none"), OPTIONS);
      assertThatThrownBy(() -> foreign.run(repository, manifest, _ -> {}))
          .hasMessageContaining("of another cluster")
          .hasMessageContaining("as new writes");
      assertThat(directory.resolve("none")).doesNotExist();
    }
  }

  @Test
  void whatIsDamagedIsNotRestoredAndWhatIsBrokenOffIsBegunAgain() throws Exception {
    try (var repository = repository();
        var store = store("one");
        var node = new TestNode(store)) {
      for (int i = 0; i < 200; i++) {
        set(node, "k" + i, "v");
      }
      var manifest = back(repository, node, store);
      java.nio.file.Path victim;
      try (Stream<java.nio.file.Path> all = Files.walk(directory.resolve("repository/chunks"))) {
        victim =
            all.filter(Files::isRegularFile)
                .max(java.util.Comparator.comparingLong(it -> it.toFile().length()))
                .orElseThrow();
      }
      byte[] whole = Files.readAllBytes(victim);
      byte[] flipped = whole.clone();
      flipped[whole.length / 2] ^= 4;
      Files.write(victim, flipped);
      assertThatThrownBy(() -> restore("again").run(repository, manifest, _ -> {}))
          .isInstanceOf(RepositoryException.class)
          .hasMessageContaining("is damaged");
      assertThat(directory.resolve("again")).doesNotExist();
      assertThat(directory.resolve("again" + StoreRestore.UNFINISHED)).exists();
      Files.write(victim, whole);
      restore("again").run(repository, manifest, _ -> {});
      try (var again = store("again");
          var restored = new TestNode(again)) {
        assertThat(TestNode.read(restored.main(), "k7")).isEqualTo(new Value.Text("v"));
      }
    }
  }
}
