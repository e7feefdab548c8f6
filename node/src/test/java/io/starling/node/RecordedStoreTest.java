package io.starling.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.node.config.NodeConfig;
import io.starling.node.hosting.TestNode;
import io.starling.node.json.JsonText;
import io.starling.node.status.NodeStatus;
import io.starling.node.storage.NodeStore;
import io.starling.node.storage.rocksdb.RocksStore;
import io.starling.replica.Effect;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.state.SpaceState;
import io.starling.replica.state.StoredSpace;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// Data directories of nodes of each format, recorded once and never changed: what has been stored
/// is read for ever, to the same values and digests.
///
/// `docs/development.md` says how a directory is recorded when there is a new format. One that is
/// there is not written again.
@ParameterizedClass
@ValueSource(strings = {"store-1.zip", "store-2.zip", "store-3.zip"})
final class RecordedStoreTest {

  /// The newest, of which a recording is made if there is none.
  private static final String NEWEST = "store-3.zip";

  private static final String EXPECTED = "expected.txt";
  private static final int BATCHES_MIN = 200;
  private static final List<String> SPACES = List.of("_system", "main", "second");

  @Parameter private String recording;
  @TempDir private java.nio.file.Path directory;
  private java.nio.file.Path home;

  @BeforeEach
  void unpack() throws Exception {
    var file = java.nio.file.Path.of("src", "test", "resources", "recorded", recording);
    if (Boolean.getBoolean("starling.store.record")
        && recording.equals(NEWEST)
        && !Files.exists(file)) {
      record(file);
    }
    home = directory.resolve("recorded");
    try (var in = Files.newInputStream(file)) {
      unzip(in, home);
    }
  }

  @Test
  void everySpaceIsReadToTheTokenDigestAndValuesThatWereRecorded() throws Exception {
    var expected = Files.readString(home.resolve(EXPECTED));
    try (var store = open()) {
      assertThat(description(store, cluster())).isEqualTo(expected);
    }
  }

  @Test
  void everyBatchInItsLogIsReadAndHasItsHash() throws Exception {
    try (var store = open()) {
      int batches = 0;
      for (var name : SPACES) {
        var stored = new StoredSpace(store.space(id(name)).live());
        assertThat(stored.heads()).as(name).isNotEmpty();
        for (var head : stored.heads()) {
          // Of a state that was taken over as a whole there is none.
          var following = head.hash();
          var batch = stored.log().batch(head.number(), head.seq());
          for (long seq = head.seq(); batch.isPresent(); seq--) {
            assertThat(batch.get().hash()).isEqualTo(following);
            following = batch.get().batch().previous();
            batches++;
            batch = stored.log().batch(head.number(), seq - 1);
          }
        }
      }
      assertThat(batches).isGreaterThan(BATCHES_MIN);
    }
  }

  @Test
  void aNodeStartsOnItKeepsItsDigestAndTakesWrites() throws Exception {
    var before = Files.readString(home.resolve(EXPECTED));
    try (var node = TestCluster.start(home)) {
      for (var name : List.of("main", "second")) {
        var space = node.spaces().find(name).orElseThrow();
        assertThat(before)
            .contains(
                "space "
                    + name
                    + " token "
                    + space.status().token().toText()
                    + " digest "
                    + space.status().digest());
        TestNode.write(space, TestNode.set("written/today", "yes"));
        assertThat(TestNode.read(space, "written/today")).hasToString("Text[value=yes]");
        assertThat(space.status().closedReplicas()).as("what was closed is").isPositive();
      }
      assertThat(node.status().alarms())
          .extracting(NodeStatus.Alarm::kind)
          .containsExactly(Effect.Kind.STORE_COPIED);
    }
  }

  @Test
  void withANewerFormatItIsRefusedAndNothingIsTouched() throws Exception {
    var identity = home.resolve("store").resolve("store.identity");
    Files.writeString(identity, Files.readString(identity).replaceFirst("format=\\d", "format=4"));
    var before = contents(home);
    assertThatThrownBy(() -> TestCluster.start(home))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("by a newer version, in format 4");
    assertThat(contents(home)).isEqualTo(before);
  }

  private NodeStore open() throws Exception {
    var node = KeyFingerprint.parse(field("node"));
    return RocksStore.open(
        home.resolve("store"), cluster(), node, new RocksStore.Options(8L << 20, 0));
  }

  private ClusterId cluster() throws IOException {
    return ClusterId.parse(field("cluster"));
  }

  private SpaceId id(String name) throws IOException {
    return SpaceId.of(cluster(), name, 0);
  }

  private String field(String name) throws IOException {
    var lines = Files.readString(home.resolve("store").resolve("store.identity")).lines();
    return lines
        .filter(line -> line.startsWith(name + "="))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElseThrow();
  }

  /// What a store reads as: of each space the token, the digest as it is kept and as its cells make
  /// it, and every value.
  private static String description(NodeStore store, ClusterId cluster) {
    var text = new StringBuilder();
    for (var name : SPACES) {
      var id = SpaceId.of(cluster, name, 0);
      var live = store.space(id).live();
      var stored = new StoredSpace(live);
      var digests = new SpaceState(id, live).digests();
      text.append("space ").append(name);
      text.append(" token ").append(stored.token().orElseThrow().toText());
      text.append(" digest ").append(digests.total());
      text.append(" scanned ").append(scanned(stored));
      text.append(" cells ").append(digests.cells()).append('\n');
      var reader = new SpaceReader(id, live);
      for (var key : reader.keys("", "", 1_000).keys()) {
        var value = reader.view(Path.of(key), 1_000).toValue();
        text.append("  ").append(key).append(' ').append(JsonText.write(value)).append('\n');
      }
    }
    return text.toString();
  }

  private static CellDigest scanned(StoredSpace stored) {
    var sum = new CellDigest[] {CellDigest.ZERO};
    stored.cells(
        new byte[0],
        new byte[0],
        (id, cell) -> {
          byte[] content = CellEncoding.encode(cell, ReplicaForm.FULL);
          sum[0] = sum[0].plus(CellDigest.of(id.canonical(), content));
          return true;
        });
    return sum[0];
  }

  /// Has nodes of today make a directory, and keeps it.
  private void record(java.nio.file.Path file) throws Exception {
    var made = new Recording(directory.resolve("made")).make();
    var config = NodeConfig.read(made.resolve(NodeConfig.FILE), Map.of());
    // By a copy: to open it is to write to it, and what is in the write-ahead log is to stay there.
    home = directory.resolve("looked-at");
    unzip(new ByteArrayInputStream(zip(made)), home);
    try (var store = open()) {
      Files.writeString(made.resolve(EXPECTED), description(store, cluster()));
    }
    // What the machine is called is nobody's business.
    var witness = Files.readString(config.witness());
    Files.writeString(config.witness(), witness.replaceAll("host=.*", "host=recorded"));
    Files.createDirectories(file.getParent());
    Files.write(file, zip(made));
  }

  private static byte[] zip(java.nio.file.Path from) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new ZipOutputStream(bytes);
        var files = Files.walk(from)) {
      for (var file : files.filter(Files::isRegularFile).sorted().toList()) {
        var name = from.relativize(file).toString().replace('\\', '/');
        if (isKept(name)) {
          out.putNextEntry(new ZipEntry(name));
          out.write(Files.readAllBytes(file));
          out.closeEntry();
        }
      }
    }
    return bytes.toByteArray();
  }

  /// Without what says where it was made, and what is no data: RocksDB opens without these.
  private static boolean isKept(String name) {
    return !name.matches(".*/(LOG.*|LOCK|OPTIONS-.*|store\\.lock|native/.*)");
  }

  private static void unzip(InputStream from, java.nio.file.Path to) throws IOException {
    try (var in = new ZipInputStream(from, StandardCharsets.UTF_8)) {
      for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        var file = to.resolve(entry.getName());
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.write(file, in.readAllBytes());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      }
    }
  }

  private static Map<String, List<Byte>> contents(java.nio.file.Path of) throws IOException {
    var contents = new LinkedHashMap<String, List<Byte>>();
    try (var files = Files.walk(of)) {
      for (var file : files.filter(Files::isRegularFile).sorted().toList()) {
        var bytes = new ArrayList<Byte>();
        for (byte each : Files.readAllBytes(file)) {
          bytes.add(each);
        }
        contents.put(of.relativize(file).toString(), bytes);
      }
    }
    return contents;
  }
}
