package io.starling.node.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.storage.SpaceStoreContract;
import io.starling.node.storage.StoreUnusableException;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.Changes.Write;
import io.starling.replica.port.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that RocksDB wrote are found whole, and altered ones are found altered.
final class RecordFilesTest {

  private static final ClusterId CLUSTER = new ClusterId(1, 1);
  private static final SpaceId ONE = SpaceId.of(CLUSTER, "one", 0);

  @TempDir private Path directory;
  private Path database;

  @BeforeEach
  void write() throws StoreUnusableException {
    database = directory.resolve("rocksdb");
    try (var store = open()) {
      var random = new Random(1);
      for (int i = 0; i < 300; i++) {
        byte[] value = new byte[1 + random.nextInt(2_000)];
        random.nextBytes(value);
        var key = new byte[] {(byte) (i >> 8), (byte) i};
        var write = new Write(Table.CELLS, key, Optional.of(value));
        store.space(ONE).persist(SpaceStoreContract.changes(write));
      }
    }
  }

  @Test
  void whatRocksWroteIsWhole() throws Exception {
    assertThat(wal().toFile().length()).isGreaterThan(4 * 32 * 1024);
    assertThat(RecordFiles.objection(database)).isEmpty();
    open().close();
    open().close();
    assertThat(RecordFiles.objection(database)).isEmpty();
  }

  @Test
  void whateverByteOfTheManifestIsAlteredItIsFoundOrTheEndOfIt() throws Exception {
    var manifest = manifest();
    byte[] whole = Files.readAllBytes(manifest);
    int last = lastRecord(whole);
    for (int at = 0; at < last; at++) {
      Files.write(manifest, altered(whole, at, 1 << at % 8));
      assertThat(RecordFiles.objection(database)).as("byte " + at).isPresent();
    }
  }

  @Test
  void aRecordOfAKindOnWhichRocksNeverReturnsIsRefusedAtOnce() throws Exception {
    var manifest = manifest();
    byte[] whole = Files.readAllBytes(manifest);
    Files.write(manifest, altered(whole, 6, 4));
    assertThat(RecordFiles.objection(database).orElseThrow())
        .isEqualTo("a record of kind 5 at byte 0 of " + manifest.getFileName());
    var refused =
        Assertions.assertTimeoutPreemptively(
            Duration.ofSeconds(20),
            () -> Assertions.assertThrows(StoreUnusableException.class, this::open));
    assertThat(refused).hasMessageContaining("a record of kind 5");
  }

  @Test
  void alteredInTheMiddleOfTheWriteAheadLogIsFound() throws Exception {
    byte[] whole = Files.readAllBytes(wal());
    for (int at = 0; at < whole.length / 2; at += 997) {
      Files.write(wal(), altered(whole, at, 16));
      assertThat(RecordFiles.objection(database)).as("byte " + at).isPresent();
    }
  }

  @Test
  void anEndThatIsCutShortIsNoDamage() throws Exception {
    byte[] whole = Files.readAllBytes(wal());
    for (int cut = 1; cut < 40; cut++) {
      Files.write(wal(), Arrays.copyOf(whole, whole.length - cut));
      assertThat(RecordFiles.objection(database)).as("without " + cut).isEmpty();
    }
    // As a file system may leave it that had made the file longer before it wrote.
    byte[] longer = Arrays.copyOf(whole, whole.length + 100_000);
    Files.write(wal(), longer);
    assertThat(RecordFiles.objection(database)).isEmpty();
    try (var store = open()) {
      assertThat(SpaceStoreContract.all(store.space(ONE).live(), Table.CELLS)).hasSize(300);
    }
  }

  private RocksStore open() throws StoreUnusableException {
    var node = new KeyFingerprint(2, 2);
    return RocksStore.open(directory, CLUSTER, node, new RocksStore.Options(1 << 20, 0));
  }

  private static byte[] altered(byte[] whole, int at, int bits) {
    byte[] altered = whole.clone();
    altered[at] ^= (byte) bits;
    return altered;
  }

  /// Where the last record begins, in a file of one block.
  private static int lastRecord(byte[] manifest) {
    int last = 0;
    for (int at = 0; at < manifest.length; ) {
      last = at;
      at += 7 + (manifest[at + 4] & 0xFF) + 256 * (manifest[at + 5] & 0xFF);
    }
    return last;
  }

  private Path manifest() throws IOException {
    return database.resolve(Files.readString(database.resolve("CURRENT")).strip());
  }

  private Path wal() throws IOException {
    try (var files = Files.list(database)) {
      return files.filter(file -> file.toString().endsWith(".log")).findFirst().orElseThrow();
    }
  }
}
