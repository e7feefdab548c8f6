package io.starling.node.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.storage.NodeStore;
import io.starling.node.storage.SpaceStoreContract;
import io.starling.node.storage.StoreUnusableException;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Changes.Write;
import io.starling.replica.port.Run;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The store on disk keeps the contract, and refuses what is not its own.
final class RocksStoreTest implements SpaceStoreContract {

  private static final ClusterId CLUSTER = new ClusterId(1, 1);
  private static final KeyFingerprint NODE = new KeyFingerprint(2, 2);

  @TempDir private Path directory;
  private RocksStore store;

  @BeforeEach
  void open() throws StoreUnusableException {
    store = open(CLUSTER, NODE);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Override
  public NodeStore store() {
    return store;
  }

  @Test
  void nobodyElseMayLookIntoTheDirectory() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
        .isEqualTo("rwx------");
  }

  @Test
  void whatWasPersistedIsThereAfterOpeningAgain() throws StoreUnusableException {
    store.space(OTHER).persist(SpaceStoreContract.changes(put("01", "aa")));
    store.space(ONE).persist(SpaceStoreContract.changes(put("02", "bb")));
    store.close();
    store = open(CLUSTER, NODE);
    assertThat(cells(ONE)).containsExactly("02=bb");
    assertThat(cells(OTHER)).containsExactly("01=aa");
  }

  /// They go in as files.
  @Test
  void manyFreshRowsTakeThePlaceOfOthersAndStay() throws StoreUnusableException {
    var space = store.space(ONE);
    space.persist(SpaceStoreContract.changes(put("01", "aa")));
    space.persist(fresh(5_000, "bb"));
    space.persist(fresh(5_000, "cc"));
    assertThat(cells(ONE)).containsExactly("01=aa");
    try (var before = space.snapshot()) {
      space.persist(new Changes(Changes.Fresh.PROMOTED, List.of(put("ff", "dd"))));
      assertThat(SpaceStoreContract.all(before, Table.CELLS)).containsExactly("01=aa");
      assertThat(SpaceStoreContract.all(before, Table.FRESH_CELLS)).hasSize(5_000);
    }
    assertThat(cells(ONE)).hasSize(5_001).contains("0000000a=cc", "ff=dd");
    assertThat(SpaceStoreContract.all(space.live(), Table.FRESH_CELLS)).isEmpty();
    store.close();
    store = open(CLUSTER, NODE);
    assertThat(cells(ONE)).hasSize(5_001).contains("0000000a=cc", "ff=dd");
    store.space(ONE).persist(fresh(4_000, "ee"));
    store.space(ONE).persist(new Changes(Changes.Fresh.CLEARED, List.of()));
    assertThat(SpaceStoreContract.all(store.space(ONE).live(), Table.FRESH_CELLS)).isEmpty();
    store.drop(ONE);
    assertThat(cells(ONE)).isEmpty();
  }

  /// What an earlier session left is taken out in one go with what comes.
  @Test
  void manyFreshRowsOfSeveralTablesArePutAndTakenOut() {
    var space = store.space(ONE);
    space.persist(fresh(5_000, "bb"));
    var writes = new ArrayList<>(List.of(put("01", "aa")));
    for (var write : fresh(5_000, "cc").writes()) {
      boolean isGone = write.key()[3] % 2 == 0;
      var value = isGone ? Optional.<byte[]>empty() : write.value();
      writes.add(new Changes.Write(Table.FRESH_CELLS, write.key(), value));
    }
    writes.add(SpaceStoreContract.put(Table.FRESH_HEADERS, "02", "dd"));
    var sums = run(Table.FRESH_BUCKETS, 5_000, "ee");
    space.persist(Changes.joined(Changes.Fresh.KEPT, List.of(writes, sums)));
    assertThat(cells(ONE)).containsExactly("01=aa");
    var live = space.live();
    assertThat(SpaceStoreContract.all(live, Table.FRESH_CELLS))
        .hasSize(2_500)
        .contains("00000001=cc")
        .doesNotContain("00000002=bb");
    assertThat(SpaceStoreContract.all(live, Table.FRESH_HEADERS)).containsExactly("02=dd");
    assertThat(SpaceStoreContract.all(live, Table.FRESH_BUCKETS)).hasSize(5_000);
  }

  /// Cells refer to replicas by numbers: a number that is lost could be given to another.
  @Test
  void whatFreshRowsReferToIsThereBeforeThem() throws Exception {
    var space = store.space(ONE);
    var ingested = directory.resolve("ingested");
    Files.delete(ingested);
    Files.writeString(ingested, "in the way");
    var rows = run(Table.FRESH_CELLS, 5_000, "bb");
    var changes = Changes.joined(Changes.Fresh.KEPT, List.of(List.of(put("01", "aa")), rows));
    assertThatThrownBy(() -> space.persist(changes)).isInstanceOf(StorageFailure.class);
    Files.delete(ingested);
    Files.createDirectory(ingested);
    space.recover();
    assertThat(cells(ONE)).containsExactly("01=aa");
    assertThat(SpaceStoreContract.all(space.live(), Table.FRESH_CELLS)).isEmpty();
    space.persist(changes);
    assertThat(SpaceStoreContract.all(space.live(), Table.FRESH_CELLS)).hasSize(5_000);
    try (var left = Files.list(ingested)) {
      assertThat(left).isEmpty();
    }
  }

  /// One that is larger than all room that was made for rows is brought in like the others.
  @Test
  void aLargeRowIsBroughtInToo() {
    var rows = run(Table.FRESH_CELLS, 5_000, "bb");
    byte[] large = new byte[300_000];
    Arrays.fill(large, (byte) 7);
    rows.append(HexFormat.of().parseHex("ff"), large);
    store.space(ONE).persist(Changes.joined(Changes.Fresh.KEPT, List.of(rows)));
    var live = store.space(ONE).live();
    assertThat(live.get(Table.FRESH_CELLS, HexFormat.of().parseHex("ff"))).hasValue(large);
    assertThat(SpaceStoreContract.all(live, Table.FRESH_CELLS)).hasSize(5_001);
  }

  private static Changes fresh(int rows, String value) {
    return Changes.joined(Changes.Fresh.KEPT, List.of(run(Table.FRESH_CELLS, rows, value)));
  }

  private static Run run(Table table, int rows, String value) {
    var run = new Run(table);
    for (int i = 0; i < rows; i++) {
      var write = SpaceStoreContract.put(table, "%08x".formatted(i), value);
      run.append(write.key(), write.value().orElseThrow());
    }
    return run;
  }

  @Test
  void everyWriteIsSyncedBeforeItReturns() {
    try (var settings = new RocksSettings(1 << 20);
        var database = settings.database()) {
      assertThat(settings.synced().sync()).isTrue();
      assertThat(settings.synced().disableWAL()).isFalse();
      assertThat(database.manualWalFlush()).isFalse();
    }
  }

  @Test
  void whatIsOnDiskWhenAWriteReturnsHoldsIt() throws Exception {
    var copy = directory.resolveSibling(directory.getFileName() + "-copy");
    for (int i = 0; i < 20; i++) {
      store.space(ONE).persist(SpaceStoreContract.changes(put("0" + i % 10, "a" + i % 10)));
    }
    try (var files = Files.walk(directory)) {
      for (var file : files.toList()) {
        Files.copy(file, copy.resolve(directory.relativize(file).toString()));
      }
    }
    try (var opened = RocksStore.open(copy, CLUSTER, NODE, RocksStore.Options.DEFAULT)) {
      assertThat(SpaceStoreContract.all(opened.space(ONE).live(), Table.CELLS)).hasSize(10);
    }
  }

  @Test
  void whatIsDroppedIsGoneAtOnceAndForGoodAndItsNeighbourStays() throws StoreUnusableException {
    store.space(ONE).persist(SpaceStoreContract.changes(put("01", "aa")));
    store.space(OTHER).persist(SpaceStoreContract.changes(put("01", "bb")));
    store.drop(ONE);
    assertThat(store.spaces()).containsExactly(OTHER);
    assertThat(cells(OTHER)).containsExactly("01=bb");
    store.drop(ONE);
    // Of a name that is given again nothing is found, and no number is given twice.
    assertThat(cells(ONE)).isEmpty();
    store.space(ONE).persist(SpaceStoreContract.changes(put("02", "cc")));
    store.close();
    store = open(CLUSTER, NODE);
    assertThat(cells(ONE)).containsExactly("02=cc");
    assertThat(cells(OTHER)).containsExactly("01=bb");
  }

  @Test
  void nobodyWritesToADroppedSpaceAnyMore() {
    var space = store.space(ONE);
    space.persist(SpaceStoreContract.changes(put("01", "aa")));
    store.drop(ONE);
    assertThatThrownBy(() -> space.persist(SpaceStoreContract.changes(put("02", "bb"))))
        .isInstanceOf(StorageFailure.class)
        .hasMessageContaining("was dropped");
  }

  @Test
  void aSnapshotThatIsOpenStillShowsADroppedSpace() {
    store.space(ONE).persist(SpaceStoreContract.changes(put("01", "aa")));
    try (var snapshot = store.space(ONE).snapshot()) {
      store.drop(ONE);
      while (!store.reclaimSome()) {
        assertThat(SpaceStoreContract.all(snapshot, Table.CELLS)).hasSize(1);
      }
      assertThat(SpaceStoreContract.all(snapshot, Table.CELLS)).hasSize(1);
    }
  }

  @Test
  void theRoomOfADroppedSpaceIsGivenBackAlsoByALaterStart() throws Exception {
    var random = new Random(1);
    for (int i = 0; i < 40; i++) {
      var value = new byte[100_000];
      random.nextBytes(value);
      var hex = HexFormat.of().formatHex(value);
      store.space(ONE).persist(SpaceStoreContract.changes(put("%04x".formatted(i), hex)));
    }
    store.space(OTHER).persist(SpaceStoreContract.changes(put("01", "bb")));
    store.close();
    store = open(CLUSTER, NODE);
    store.drop(ONE);
    assertThat(store.reclaimSome()).as("one table of several").isFalse();
    assertThat(store.reclaimSome()).isFalse();
    // Killed there: what follows is done by the next start, from where it was.
    store.close();
    store = open(CLUSTER, NODE);
    int steps = 0;
    while (!store.reclaimSome()) {
      steps++;
    }
    assertThat(steps).isEqualTo(Table.values().length - 2);
    assertThat(store.reclaimSome()).isTrue();
    assertThat(tablesOnDisk()).isLessThan(1_000_000);
    assertThat(cells(OTHER)).containsExactly("01=bb");
  }

  private long tablesOnDisk() throws IOException {
    try (var files = Files.walk(directory)) {
      return files
          .filter(file -> file.toString().endsWith(".sst"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    }
  }

  @Test
  void aDirectoryInUseIsRefused() {
    assertThatThrownBy(() -> open(CLUSTER, NODE))
        .isInstanceOf(StoreUnusableException.class)
        .hasMessageContaining("is in use by another process, pid " + ProcessHandle.current().pid());
  }

  @Test
  void theStoreOfAnotherNodeIsRefusedAndLeftAsItWas() throws IOException {
    refusedUntouched(CLUSTER, new KeyFingerprint(3, 3), "another node, " + NODE);
  }

  @Test
  void theStoreOfAnotherClusterIsRefusedAndLeftAsItWas() throws IOException {
    refusedUntouched(new ClusterId(9, 9), NODE, "another cluster, " + CLUSTER);
  }

  @Test
  void aNewerFormatIsRefusedAndLeftAsItWas() throws IOException {
    store.close();
    var file = directory.resolve("store.identity");
    var fields = Files.readString(file).replaceFirst("sum=.*", "").replace("format=3", "format=4");
    Files.writeString(file, fields);
    refusedUntouched(CLUSTER, NODE, "by a newer version, in format 4");
  }

  @Test
  void aFileThatSaysWhoseItIsAndWasAlteredIsWrittenAnew() throws Exception {
    store.space(ONE).persist(SpaceStoreContract.changes(put("01", "aa")));
    store.close();
    var file = directory.resolve("store.identity");
    var before = Files.readString(file);
    Files.writeString(file, before.replace("cluster=", "clusteR="));
    store = open(CLUSTER, NODE);
    assertThat(cells(ONE)).containsExactly("01=aa");
    assertThat(Files.readString(file)).isEqualTo(before);
  }

  @Test
  void damageThatNobodyReadsIsFoundByReadingThroughAll() throws Exception {
    var random = new Random(1);
    for (int i = 0; i < 600; i++) {
      byte[] value = new byte[200];
      random.nextBytes(value);
      var write =
          new Write(Table.CELLS, new byte[] {(byte) (i >> 8), (byte) i}, Optional.of(value));
      store.space(ONE).persist(SpaceStoreContract.changes(write));
    }
    reopen(false);
    reopen(false);
    assertThat(store.checkSome()).isFalse();
    while (!store.checkSome()) {
      // Further parts.
    }
    alterLargestTable();
    reopen(true);
    var told = new ArrayList<String>();
    store.whenDamaged(told::add);
    assertThatThrownBy(
            () -> {
              while (!store.checkSome()) {
                // Further parts.
              }
            })
        .isInstanceOf(StorageFailure.class)
        .hasMessageContaining("it is damaged");
    assertThat(told).singleElement().asString().contains("mismatch");
    assertThatThrownBy(() -> store.space(ONE).persist(SpaceStoreContract.changes(put("01", "aa"))))
        .isInstanceOf(StorageFailure.class);
    reopen(true);
    assertThat(store.rebuilding().orElseThrow().reason()).contains("mismatch");
    assertThat(cells(ONE)).isEmpty();
  }

  @Test
  void aDatabaseOfWhichATableIsOfAnEarlierMomentIsSetAside() throws Exception {
    store.space(ONE).persist(SpaceStoreContract.changes(put("01", "aa")));
    store.space(ONE).persist(SpaceStoreContract.changes(put("02", "aa")));
    store.use(open -> {
      // As if the last file of that table were gone.
      var seal = new byte[] {0, 0, 0, 0, 0, 0, 0, 1};
      open.rocks().put(open.table(Table.CELLS), seal, new byte[] {0, 0, 0, 0, 0, 0, 0, 1});
      return seal;
    });
    reopen(true);
    assertThat(store.rebuilding().orElseThrow().reason())
        .contains("of its table CELLS it has write 1")
        .contains("write 2 was the last");
    try (var left = store.rebuilding().orElseThrow().remains().getFirst()) {
      assertThat(SpaceStoreContract.all(left.space(ONE).orElseThrow(), Table.CELLS))
          .containsExactly("01=aa", "02=aa");
    }
  }

  @Test
  void whoeverFindsWhatIsStoredToBeOtherThanWhatWasWrittenHasItSetAside() throws Exception {
    reopen(true);
    var told = new ArrayList<String>();
    store.whenDamaged(told::add);
    store.space(ONE).persist(SpaceStoreContract.changes(put("01", "aa")));
    store.space(ONE).damaged("sums differ");
    store.space(ONE).damaged("sums differ still");
    assertThat(told).containsExactly("sums differ");
    assertThatThrownBy(() -> store.space(ONE).recover()).hasMessageContaining("is damaged");
    reopen(true);
    assertThat(store.rebuilding().orElseThrow().reason()).isEqualTo("sums differ");
  }

  @Test
  void whatIsMadeAnewIsSoUntilItIsSaidToBeOver() throws Exception {
    damage();
    reopen(true);
    store.space(ONE);
    store.rebuilding().orElseThrow().done(ONE);
    reopen(true);
    var rebuilding = store.rebuilding().orElseThrow();
    assertThat(rebuilding.reason()).isEqualTo("a test");
    assertThat(rebuilding.isDone(ONE)).isTrue();
    assertThat(rebuilding.isDone(OTHER)).isFalse();
    rebuilding.over();
    reopen(true);
    assertThat(store.rebuilding()).isEmpty();
  }

  @Test
  void withNoOtherMemberADamagedStoreIsRefusedAndLeftAsItIs() throws Exception {
    damage();
    assertThatThrownBy(() -> reopen(false))
        .isInstanceOf(StoreUnusableException.class)
        .hasMessageContaining("is damaged (a test), and this node knows of no other member");
    assertThat(directory.resolve("rocksdb")).exists();
    reopen(true);
  }

  @Test
  void afterTheThirdTimeTheDiskIsBlamed() throws Exception {
    for (int i = 1; i <= 3; i++) {
      damage();
      reopen(true);
      assertThat(store.rebuilding().orElseThrow().setAside()).hasSize(i);
    }
    damage();
    assertThatThrownBy(() -> reopen(true))
        .isInstanceOf(StoreUnusableException.class)
        .hasMessageContaining("damaged-1 to damaged-3: the disk or the memory");
    assertThat(directory.resolve("rocksdb")).exists();
  }

  private void damage() throws IOException {
    store.close();
    Files.writeString(directory.resolve("store.damaged"), "a test");
  }

  private void reopen(boolean rebuilds) throws StoreUnusableException {
    store.close();
    var options = new RocksStore.Options(1 << 20, 0, rebuilds);
    store = RocksStore.open(directory, CLUSTER, NODE, options);
  }

  /// Alters a byte in the middle of the largest table file.
  private void alterLargestTable() throws IOException {
    store.close();
    try (var files = Files.list(directory.resolve("rocksdb"))) {
      var file =
          files
              .filter(it -> it.toString().endsWith(".sst"))
              .max(Comparator.comparingLong(it -> it.toFile().length()))
              .orElseThrow();
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length / 2] ^= 1;
      Files.write(file, bytes);
    }
  }

  @Test
  void aDirectoryThatDoesNotSayWhoseItIsIsRefused() throws IOException {
    store.close();
    Files.delete(directory.resolve("store.identity"));
    refusedUntouched(CLUSTER, NODE, "which says whose it is, is gone");
  }

  @Test
  void aSnapshotFailsCleanlyAfterTheStoreIsClosed() {
    var space = store.space(ONE);
    space.persist(SpaceStoreContract.changes(put("01", "aa")));
    var snapshot = space.snapshot();
    store.close();
    assertThatThrownBy(() -> snapshot.get(Table.CELLS, new byte[] {1}))
        .isInstanceOf(StorageFailure.class)
        .hasMessageContaining("closed");
    snapshot.close();
    assertThatThrownBy(() -> space.live().get(Table.CELLS, new byte[] {1}))
        .isInstanceOf(StorageFailure.class);
  }

  @Test
  void writesAreRefusedBeforeTheDiskIsFull() throws StoreUnusableException {
    store.close();
    var keepsEverything = new RocksStore.Options(1 << 20, Long.MAX_VALUE);
    store = RocksStore.open(directory, CLUSTER, NODE, keepsEverything);
    assertThatThrownBy(() -> store.space(ONE))
        .isInstanceOf(StorageFailure.class)
        .hasMessageContaining("is full")
        .hasMessageContaining("make room and writes go on");
  }

  @Test
  void theNativeLibraryIsUnpackedIntoTheDirectoryOrNotAtAll() throws IOException {
    // The process loads it once, for whichever test comes first; later stores only check the file.
    try (var files = Files.list(directory.resolve("native"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .singleElement()
          .asString()
          .contains("rocksdb");
    }
  }

  private void refusedUntouched(ClusterId cluster, KeyFingerprint node, String message)
      throws IOException {
    store.close();
    var before = contents();
    assertThatThrownBy(() -> open(cluster, node))
        .isInstanceOf(StoreUnusableException.class)
        .hasMessageContaining(message);
    assertThat(contents()).isEqualTo(before);
  }

  private Map<String, Long> contents() throws IOException {
    var found = new TreeMap<String, Long>();
    try (var files = Files.walk(directory)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        found.put(
            directory.relativize(file).toString(), Files.getLastModifiedTime(file).toMillis());
      }
    }
    return found;
  }

  private List<String> cells(SpaceId id) {
    return SpaceStoreContract.all(store.space(id).live(), Table.CELLS);
  }

  private static Write put(String key, String value) {
    return SpaceStoreContract.put(Table.CELLS, key, value);
  }

  private RocksStore open(ClusterId cluster, KeyFingerprint node) throws StoreUnusableException {
    return RocksStore.open(directory, cluster, node, new RocksStore.Options(1 << 20, 0));
  }
}
