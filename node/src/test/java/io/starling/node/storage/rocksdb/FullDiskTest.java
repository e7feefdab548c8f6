package io.starling.node.storage.rocksdb;

import static io.starling.node.storage.SpaceStoreContract.all;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.value.Value;
import io.starling.node.hosting.TestNode;
import io.starling.node.storage.SpaceStore;
import io.starling.node.storage.SpaceStoreContract;
import io.starling.node.storage.StoreUnusableException;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Changes.Write;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;
import io.starling.replica.request.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk that really is full: a small file system in memory, which only root can make.
final class FullDiskTest {

  private static final int MIB = 1 << 20;

  @TempDir private Path directory;
  private Path mount;
  private SmallDisk disk;

  @BeforeEach
  void mount() throws Exception {
    mount = Files.createDirectory(directory.resolve("disk"));
    var mounted = SmallDisk.mount(mount, 96);
    assumeTrue(mounted.isPresent(), "no file system can be mounted here");
    disk = mounted.get();
  }

  @AfterEach
  void unmount() throws Exception {
    if (disk != null) {
      disk.close();
    }
  }

  @Test
  void whatFailsInTheMiddleOfAWriteIsWholeOrGoneAndWritesComeBack() throws Exception {
    try (var store = open(0)) {
      var space = store.space(SpaceStoreContract.ONE);
      space.persist(SpaceStoreContract.changes(SpaceStoreContract.put(Table.CELLS, "01", "aa")));
      disk.fillBut(2 * MIB);
      int stored = fillUp(space);
      assertThatThrownBy(() -> space.persist(large(0)))
          .isInstanceOf(StorageFailure.class)
          .hasMessageContaining("takes no writes until");
      assertThat(all(space.live(), Table.CELLS)).containsExactly("01=aa");
      assertThat(logEntries(space)).isEqualTo(stored);
      disk.empty();
      space.recover();
      // The write that failed may be there now, as a whole.
      assertThat(logEntries(space)).isBetween(stored, stored + 1);
      space.persist(SpaceStoreContract.changes(SpaceStoreContract.put(Table.CELLS, "02", "bb")));
      assertThat(all(space.live(), Table.CELLS)).containsExactly("01=aa", "02=bb");
    }
    try (var store = open(0)) {
      assertThat(all(store.space(SpaceStoreContract.ONE).live(), Table.CELLS))
          .containsExactly("01=aa", "02=bb");
    }
  }

  @Test
  void aNodeRefusesWritesInTimeReadsOnAndTakesWritesAgain() throws Exception {
    try (var store = open(16 * MIB);
        var node = new TestNode(store)) {
      var main = node.main();
      assertThat(TestNode.write(main, TestNode.set("a", "1")))
          .isInstanceOf(Outcome.Committed.class);
      disk.fillBut(8 * MIB);
      assertThat(TestNode.write(main, TestNode.set("a", "2")))
          .isInstanceOfSatisfying(
              Outcome.Refused.class,
              refused ->
                  assertThat(refused.message())
                      .contains("is full")
                      .doesNotContain("It is not known"));
      assertThat(TestNode.read(main, "a")).isEqualTo(new Value.Text("1"));
      disk.empty();
      await()
          .untilAsserted(() ->
              assertThat(TestNode.write(main, TestNode.set("a", "3")))
                  .isInstanceOf(Outcome.Committed.class));
      assertThat(TestNode.read(main, "a")).isEqualTo(new Value.Text("3"));
    }
  }

  /// Writes until the disk is full; how many writes were stored.
  private static int fillUp(SpaceStore space) {
    for (int i = 0; i < 100; i++) {
      try {
        space.persist(large(i));
      } catch (StorageFailure failure) {
        assertThat(failure).hasMessageContaining("the disk is full");
        return i;
      }
    }
    throw new AssertionError("the disk never was full");
  }

  private static Changes large(int number) {
    var value = new byte[256 * 1024];
    new Random(number).nextBytes(value);
    return new Changes(
        List.of(new Write(Table.LOG, new byte[] {(byte) number}, Optional.of(value))));
  }

  private static int logEntries(SpaceStore space) {
    return all(space.live(), Table.LOG).size();
  }

  private RocksStore open(long freeBytesMin) throws StoreUnusableException {
    return RocksStore.open(
        mount.resolve("store"),
        TestNode.CLUSTER,
        new KeyFingerprint(2, 2),
        new RocksStore.Options(1 << 20, freeBytesMin));
  }
}
