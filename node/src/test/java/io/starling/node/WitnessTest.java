package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.value.Value;
import io.starling.node.hosting.TestNode;
import io.starling.node.space.Space;
import io.starling.node.status.NodeStatus;
import io.starling.node.storage.rocksdb.RocksStore;
import io.starling.node.witness.WitnessKeeper;
import io.starling.replica.Effect;
import io.starling.replica.batch.ClusterId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a node says of its store when it starts: one sentence for each thing that can have become
/// of it. Whatever it says, it starts and takes writes.
final class WitnessTest {

  @TempDir private Path directory;
  private Path home;
  private Path aside;

  @BeforeEach
  void join() throws Exception {
    home = new TestCluster(directory).join("n1", List.of());
    aside = directory.resolve("aside");
  }

  @Test
  void aCleanStopLeavesNothingToSay() throws Exception {
    write("a");
    write("b");
    assertThat(Files.readString(home.resolve("witness"))).contains("clean=true", "space.main.own=");
    assertThat(alarmsOfStart()).isEmpty();
  }

  @Test
  void aFirstStartLeavesNothingToSay() throws Exception {
    assertThat(alarmsOfStart()).isEmpty();
  }

  @Test
  void aStoreThatWasCopiedWhileTheNodeRanEndedWithoutACleanStop() throws Exception {
    try (var node = TestCluster.start(home)) {
      set(main(node), "acknowledged");
      // What a power cut leaves: what is durable at this moment, the write-ahead log among it.
      TestCluster.copy(home, aside);
      assertThat(Files.readString(aside.resolve("witness"))).contains("clean=false");
    }
    assertThat(alarms(aside))
        .singleElement()
        .satisfies(alarm -> {
          assertThat(alarm.kind()).isEqualTo(Effect.Kind.STORE_COPIED);
          assertThat(alarm.space()).isEqualTo("_system");
          assertThat(alarm.message()).contains("never start it beside this one");
        });
    try (var node = TestCluster.start(aside)) {
      assertThat(TestNode.read(main(node), "acknowledged")).isEqualTo(new Value.Text("1"));
      assertThat(node.status().alarms()).as("it was told once").isEmpty();
    }
  }

  @Test
  void anOlderCopyInThePlaceOfTheStoreIsSaid() throws Exception {
    write("old");
    TestCluster.copy(home.resolve("store"), aside);
    write("new");
    delete(home.resolve("store"));
    TestCluster.copy(aside, home.resolve("store"));
    assertThat(alarmsOfStart())
        .singleElement()
        .satisfies(alarm -> {
          assertThat(alarm.kind()).isEqualTo(Effect.Kind.STORE_SET_BACK);
          assertThat(alarm.message())
              .contains("space _system, main", "an older copy was put in its place");
        });
  }

  @Test
  void aStoreThatLostWhatItHadSyncedIsSaid() throws Exception {
    write("old");
    TestCluster.copy(home.resolve("store"), aside);
    write("new");
    // The files are the same ones, and what is in them is not.
    var database = home.resolve("store").resolve("rocksdb");
    delete(database);
    TestCluster.copy(aside.resolve("rocksdb"), database);
    var witness = home.resolve("witness");
    Files.writeString(witness, Files.readString(witness).replace("clean=true", "clean=false"));
    assertThat(alarmsOfStart())
        .singleElement()
        .satisfies(alarm -> {
          assertThat(alarm.kind()).isEqualTo(Effect.Kind.STORE_SET_BACK);
          assertThat(alarm.message()).contains("did not keep what it had synced");
        });
  }

  @Test
  void aCleanStoreThatWasSetBackIsSaid() throws Exception {
    write("old");
    TestCluster.copy(home.resolve("store"), aside);
    write("new");
    var database = home.resolve("store").resolve("rocksdb");
    delete(database);
    TestCluster.copy(aside.resolve("rocksdb"), database);
    assertThat(alarmsOfStart())
        .singleElement()
        .satisfies(alarm -> assertThat(alarm.message()).contains("it had stopped cleanly, so"));
  }

  @Test
  void aLostStoreIsSaid() throws Exception {
    write("a");
    delete(home.resolve("store"));
    assertThat(alarmsOfStart())
        .singleElement()
        .satisfies(alarm -> {
          assertThat(alarm.kind()).isEqualTo(Effect.Kind.STORE_LOST);
          assertThat(alarm.message()).contains("the store is empty", "the key was kept");
        });
  }

  /// Spaces are open when the store is looked at, and may have written by then: that made a lost
  /// store look like one that was set back.
  @Test
  void aLostStoreIsSaidWhateverHasBeenWrittenSinceItWasOpened() throws Exception {
    write("a");
    var witness = home.resolve("witness");
    var before = Files.readString(witness);
    delete(home.resolve("store"));
    write("b");
    Files.writeString(witness, before);

    assertThat(found(true)).isEqualTo(Effect.Kind.STORE_LOST);
    assertThat(found(false)).isEqualTo(Effect.Kind.STORE_SET_BACK);
  }

  private Effect.Kind found(boolean wasEmpty) throws Exception {
    var witness = home.resolve("witness");
    var cluster = ClusterId.parse(line(witness, "cluster"));
    var node = KeyFingerprint.parse(line(witness, "node"));
    var at = home.resolve("store");
    try (var store = RocksStore.open(at, cluster, node, RocksStore.Options.DEFAULT)) {
      var once = RocksStore.writtenOnce(at);
      var setup =
          new WitnessKeeper.Setup(
              cluster, node, witness, once, store, wasEmpty, _ -> false, InstantSource.system());
      try (var keeper = WitnessKeeper.open(setup)) {
        return keeper.finding().orElseThrow().alarm().orElseThrow();
      }
    }
  }

  private static String line(Path file, String key) throws IOException {
    return Files.readAllLines(file).stream()
        .filter(line -> line.startsWith(key + "="))
        .map(line -> line.substring(key.length() + 1))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aStoreFromAnotherMachineIsSaid() throws Exception {
    write("a");
    var witness = home.resolve("witness");
    Files.writeString(witness, Files.readString(witness).replaceAll("host=.*", "host=another"));
    assertThat(alarmsOfStart())
        .singleElement()
        .satisfies(alarm -> {
          assertThat(alarm.kind()).isEqualTo(Effect.Kind.STORE_COPIED);
          assertThat(alarm.message()).contains("from another machine (another)");
        });
  }

  @Test
  void noStartDependsOnTheWitness() throws Exception {
    write("a");
    var witness = home.resolve("witness");
    for (var broken : List.of("", "format=1\n", "format=x", "\0\0\0", "format=1\ncluster=a\n")) {
      Files.writeString(witness, broken);
      assertThat(alarmsOfStart()).as(broken).isEmpty();
      assertThat(Files.readString(witness)).contains("clean=true");
    }
    Files.delete(witness);
    assertThat(alarmsOfStart()).isEmpty();
  }

  @Test
  void aNewerWitnessIsLeftAsItIs() throws Exception {
    write("a");
    var witness = Files.writeString(home.resolve("witness"), "format=2\nwhatever\n");
    assertThat(alarmsOfStart()).isEmpty();
    assertThat(Files.readString(witness)).isEqualTo("format=2\nwhatever\n");
  }

  @Test
  void aPlaceThatCannotBeWrittenStopsNothing() throws Exception {
    var file = Files.createFile(directory.resolve("no-folder"));
    var config = Files.readString(home.resolve("node.yaml"));
    Files.writeString(
        home.resolve("node.yaml"), config + "witness: " + file.resolve("witness") + "\n");
    write("a");
    assertThat(home.resolve("witness")).doesNotExist();
  }

  @Test
  void theWitnessMayBeElsewhere() throws Exception {
    var place = directory.resolve("other-disk").resolve("n1.witness");
    var config = Files.readString(home.resolve("node.yaml"));
    Files.writeString(home.resolve("node.yaml"), config + "witness: " + place + "\n");
    write("a");
    assertThat(place).exists();
    delete(home.resolve("store"));
    assertThat(alarmsOfStart())
        .extracting(NodeStatus.Alarm::kind)
        .containsExactly(Effect.Kind.STORE_LOST);
  }

  private void write(String key) throws Exception {
    try (var node = TestCluster.start(home)) {
      set(main(node), key);
    }
  }

  private static void set(Space main, String key) {
    TestNode.write(main, TestNode.set(key, "1"));
  }

  private static Space main(Node node) {
    return node.spaces().find("main").orElseThrow();
  }

  private List<NodeStatus.Alarm> alarmsOfStart() throws Exception {
    return alarms(home);
  }

  private static List<NodeStatus.Alarm> alarms(Path node) throws Exception {
    try (var started = TestCluster.start(node)) {
      set(main(started), "after");
      return started.status().alarms();
    }
  }

  private static void delete(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
