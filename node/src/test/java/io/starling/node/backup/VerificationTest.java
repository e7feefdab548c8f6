package io.starling.node.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.cell.CellDigest;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.node.hosting.TestNode;
import io.starling.node.storage.MemoryStore;
import io.starling.replica.state.SpaceImage.Part;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever happens to a repository's files, a verification says so.
final class VerificationTest {

  @TempDir private Path directory;

  private final MemoryStore store = new MemoryStore();
  private Repository repository;
  private BackupRun.Made made;

  @BeforeEach
  void backUp() throws Exception {
    repository = Backups.create(directory.resolve("r"));
    try (var node = new TestNode(store)) {
      Backups.fill(node);
      made = Backups.make(repository, node, store);
    }
  }

  @AfterEach
  void close() {
    repository.close();
  }

  private List<Path> files(String below) throws IOException {
    try (Stream<Path> all = Files.walk(directory.resolve("r").resolve(below))) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  @Test
  void aByteThatIsFlippedAnywhereIsFound() throws Exception {
    var random = new Random(4);
    var targets = new ArrayList<>(files("chunks"));
    targets.addAll(files("backups"));
    assertThat(targets).hasSizeGreaterThan(8);
    for (var file : targets) {
      byte[] whole = Files.readAllBytes(file);
      for (int at : List.of(0, 2, 3, 4, 5, random.nextInt(whole.length), whole.length - 1)) {
        byte[] flipped = whole.clone();
        flipped[at] ^= (byte) (1 << random.nextInt(8));
        Files.write(file, flipped);
        assertThat(Backups.problems(repository, false)).as(file + " at " + at).isNotEmpty();
      }
      Files.write(file, whole);
    }
    assertThat(Backups.problems(repository, false)).isEmpty();
  }

  @Test
  void whatIsMissingOrCutOffIsFound() throws Exception {
    for (var file : files("chunks")) {
      byte[] whole = Files.readAllBytes(file);
      Files.write(file, Arrays.copyOf(whole, whole.length / 2));
      assertThat(Backups.problems(repository, false)).isNotEmpty();
      Files.write(file, new byte[0]);
      assertThat(Backups.problems(repository, false)).isNotEmpty();
      Files.delete(file);
      assertThat(Backups.problems(repository, false)).isNotEmpty();
      assertThat(Backups.problems(repository, true)).isNotEmpty();
      Files.write(file, whole);
    }
  }

  @Test
  void aManifestThatIsCutOffIsFoundAndTheOthersAreSound() throws Exception {
    try (var node = new TestNode(store)) {
      Backups.make(repository, node, store);
    }
    var file = directory.resolve("r/backups").resolve(made.name());
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 7));
    var report = new Verification(repository, true, _ -> {}).check(repository.backups());
    assertThat(report.problems())
        .singleElement()
        .satisfies(problem -> {
          assertThat(problem.backup()).isEqualTo(made.name());
          assertThat(problem.what()).contains("damaged");
        });
  }

  @Test
  void chunksThatAreExchangedAreFound() throws Exception {
    var files = files("chunks");
    byte[] one = Files.readAllBytes(files.get(0));
    Files.write(files.get(0), Files.readAllBytes(files.get(1)));
    assertThat(Backups.problems(repository, false))
        .anyMatch(it -> it.contains("holds something else"));
    Files.write(files.get(0), one);
  }

  /// A manifest that some program wrote, all of whose hashes fit, and which is wrong nevertheless.
  private List<String> problemsWith(Manifest.SpaceEntry main) throws Exception {
    var right = made.manifest();
    var spaces = new ArrayList<>(right.spaces());
    spaces.replaceAll(it -> it.name().equals("main") ? main : it);
    // Of another moment: what is there of that name already is not replaced.
    var later = right.finished().plusMillis(1);
    var wrong = new Manifest(right.source(), right.taken(), later, spaces, right.totals());
    try (var lease = repository.lease("test")) {
      var name = repository.publish(lease, later, ManifestJson.write(wrong));
      var found = new Verification(repository, false, _ -> {}).check(List.of(name)).problems();
      repository.withdraw(name);
      return found.stream().map(Verification.Problem::what).toList();
    }
  }

  @Test
  void cellsThatAreNotThoseOfTheDigestAreFound() throws Exception {
    var main = made.manifest().space("main").orElseThrow();
    assertThat(problemsWith(main)).isEmpty();
    var digest = main.digest().plus(new CellDigest(0, 1));
    assertThat(
            problemsWith(
                new Manifest.SpaceEntry(
                    "main", main.id(), main.token(), digest, main.cells(), main.parts())))
        .anyMatch(it -> it.contains("come to the digest"));
    assertThat(
            problemsWith(
                new Manifest.SpaceEntry(
                    "main", main.id(), main.token(), main.digest(), 7, main.parts())))
        .anyMatch(it -> it.contains("other cells"));
    var system = made.manifest().space("_system").orElseThrow();
    assertThat(
            problemsWith(
                new Manifest.SpaceEntry(
                    "main", main.id(), main.token(), main.digest(), main.cells(), system.parts())))
        .isNotEmpty();
    var parts = new EnumMap<>(main.parts());
    var cells = main.part(Part.CELLS);
    parts.put(Part.CELLS, new Strand(cells.rows(), cells.bytes(), List.of()));
    assertThat(
            problemsWith(
                new Manifest.SpaceEntry(
                    "main", main.id(), main.token(), main.digest(), main.cells(), parts)))
        .anyMatch(it -> it.contains("0 rows where its manifest says"));
    assertThat(
            problemsWith(
                new Manifest.SpaceEntry(
                    "main", main.id(), system.token(), main.digest(), main.cells(), main.parts())))
        .anyMatch(it -> it.contains("another version vector"));
  }

  @Test
  void aNewerFormatIsRefusedBeforeAnythingIsTouched() throws Exception {
    var config = directory.resolve("r/repository");
    var text = Files.readString(config);
    assertThat(text).contains("\"format\":1");
    Files.writeString(config, text.replace("\"format\":1", "\"format\":2"));
    var before = files("");
    assertThatThrownBy(() -> Backups.open(directory.resolve("r")))
        .isInstanceOf(RepositoryException.class)
        .hasMessageContaining("newer format, 2");
    assertThat(files("")).isEqualTo(before);
    Files.writeString(config, text);

    var chunk = files("chunks").getFirst();
    byte[] whole = Files.readAllBytes(chunk);
    whole[2] = 9;
    Files.write(chunk, whole);
    assertThat(Backups.problems(repository, false)).anyMatch(it -> it.contains("newer format, 9"));
  }

  @Test
  void aManifestOfANewerFormatIsRefused() throws Exception {
    var newer =
        new String(repository.manifest(made.name()), StandardCharsets.UTF_8)
            .replace("\"format\":2", "\"format\":3");
    try (var lease = repository.lease("test")) {
      var name =
          repository.publish(
              lease, made.manifest().finished(), newer.getBytes(StandardCharsets.UTF_8));
      assertThatThrownBy(() -> Manifest.read(repository, name))
          .isInstanceOf(RepositoryException.class)
          .hasMessageContaining("newer format, 3");
    }
  }

  @Test
  void aBackupIsFoundByABeginningOfItsNameThatOnlyItHas() throws Exception {
    assertThat(Manifest.find(repository, "latest")).isEqualTo(made.name());
    assertThat(Manifest.find(repository, made.name().substring(0, 8))).isEqualTo(made.name());
    assertThatThrownBy(() -> Manifest.find(repository, "1999")).hasMessageContaining("no backup");
    assertThatThrownBy(() -> Manifest.find(repository, "")).hasMessageContaining("say more");
  }
}
