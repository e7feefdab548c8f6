package io.starling.node.backup.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RepositoryTest implements RepositoryContract {

  private static final Optional<Passphrase> SECRET = Optional.of(new Passphrase("open, sesame"));

  @TempDir private Path directory;

  private Instant now = Instant.parse("2026-11-21T12:00:00Z");
  private final InstantSource clock = () -> now;

  @Override
  public Blobs blobs() {
    return new DirectoryBlobs(directory.resolve("r"));
  }

  private Repository open(Optional<Passphrase> passphrase) throws IOException {
    return Repository.open(blobs(), passphrase, clock);
  }

  @Test
  void anEncryptedOneShowsNothingWithoutItsPassphrase() throws Exception {
    byte[] chunk = "a secret that compresses badly: 8c1f".getBytes(StandardCharsets.UTF_8);
    ChunkId name;
    try (var repository = Repository.create(blobs(), SECRET, clock);
        var lease = repository.lease("n")) {
      assertThat(repository.isEncrypted()).isTrue();
      name = repository.name(chunk);
      repository.put(name, chunk);
      repository.publish(lease, now, "a secret manifest".getBytes(StandardCharsets.UTF_8));
    }
    try (var plain =
        Repository.create(new DirectoryBlobs(directory.resolve("p")), Optional.empty(), clock)) {
      assertThat(plain.name(chunk)).isNotEqualTo(name);
    }
    try (var repository = open(SECRET)) {
      assertThat(repository.chunk(name)).isEqualTo(chunk);
      assertThat(repository.manifest(repository.backups().getFirst()))
          .asString()
          .contains("secret");
    }
    try (Stream<Path> files = Files.walk(directory.resolve("r"))) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).doesNotContain("a secret");
      }
    }
    assertThatThrownBy(() -> open(Optional.empty())).hasMessageContaining("is encrypted");
    assertThatThrownBy(() -> open(Optional.of(new Passphrase("open, barley"))))
        .isInstanceOf(RepositoryException.class)
        .hasMessageContaining("the passphrase is not that of the repository");
  }

  @Test
  void anObjectOfAnEncryptedOneCannotBePutInAnothersPlace() throws Exception {
    try (var repository = Repository.create(blobs(), SECRET, clock)) {
      byte[] one = {1};
      byte[] two = {2};
      repository.put(repository.name(one), one);
      repository.put(repository.name(two), two);
      Files.copy(
          directory.resolve("r").resolve(repository.name(one).blob()),
          directory.resolve("r").resolve(repository.name(two).blob()),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      assertThatThrownBy(() -> repository.chunk(repository.name(two)))
          .hasMessageContaining("is damaged, or of another key");
    }
  }

  @Test
  void aPlaceThatIsTakenIsRefused() throws Exception {
    Repository.create(blobs(), Optional.empty(), clock).close();
    assertThatThrownBy(() -> Repository.create(blobs(), Optional.empty(), clock))
        .hasMessageContaining("already");
    Files.createDirectories(directory.resolve("full/of/things"));
    var full = new DirectoryBlobs(directory.resolve("full"));
    assertThatThrownBy(() -> Repository.create(full, Optional.empty(), clock))
        .hasMessageContaining("is not empty");
    var none = new DirectoryBlobs(directory.resolve("none"));
    assertThatThrownBy(() -> Repository.open(none, Optional.empty(), clock))
        .hasMessageContaining("there is no repository");
    assertThat(directory.resolve("none")).doesNotExist();
  }

  @Test
  void whatIsNoRepositoryIsRefused() throws Exception {
    Files.createDirectory(directory.resolve("r"));
    for (var text :
        new String[] {"", "{}", "[]", "{\"format\":0,\"id\":\"a\"}", "{\"format\":1}"}) {
      Files.writeString(directory.resolve("r/repository"), text);
      assertThatThrownBy(() -> open(Optional.empty()))
          .as(text)
          .isInstanceOf(RepositoryException.class)
          .hasMessageContaining("no repository");
    }
  }

  @Test
  void aKeyThatWouldTakeAllMemoryIsRefused() throws Exception {
    Repository.create(blobs(), SECRET, clock).close();
    var file = directory.resolve("r/repository");
    var text = Files.readString(file);
    for (var cost : new String[] {"2147483647", "1073741824", "0", "-1", "3"}) {
      Files.writeString(file, text.replaceFirst("\"cost\":[0-9]+", "\"cost\":" + cost));
      assertThatThrownBy(() -> open(SECRET)).hasMessageContaining("cannot be read");
    }
  }

  @Test
  void aPassphraseComesFromAFileOrTheEnvironment() throws Exception {
    var file = directory.resolve("pass");
    Files.writeString(file, "of the file\n");
    var environment = Map.of(Passphrase.VARIABLE, "of the environment");
    assertThat(Passphrase.find(Optional.of(file), environment))
        .contains(new Passphrase("of the file"));
    assertThat(Passphrase.find(Optional.empty(), environment))
        .contains(new Passphrase("of the environment"));
    assertThat(Passphrase.find(Optional.empty(), Map.of())).isEmpty();
    assertThat(new Passphrase("never shown").toString()).doesNotContain("shown");
    Files.writeString(file, "short\n");
    assertThatThrownBy(() -> Passphrase.find(Optional.of(file), environment))
        .isInstanceOf(RepositoryException.class)
        .hasMessageContaining("fewer than 8");
    Files.write(file, new byte[5_000]);
    assertThatThrownBy(() -> Passphrase.find(Optional.of(file), environment))
        .hasMessageContaining("longer than 4096");
  }

  @Test
  void namesOfChunksAreKeptApart() throws Exception {
    var set = new ChunkSet();
    var random = new Random(3);
    var ids = new ArrayList<ChunkId>();
    for (int i = 0; i < 20_000; i++) {
      ids.add(new ChunkId(random.nextLong(), random.nextLong(), 0, 0));
    }
    for (var id : ids) {
      assertThat(set.contains(id)).isFalse();
      assertThat(set.add(id)).isTrue();
      assertThat(set.add(id)).isFalse();
    }
    assertThat(set.size()).isEqualTo(20_000);
    assertThat(ids).allMatch(set::contains);
  }

  @Test
  void ofTooManyChunksOneIsRefused() throws Exception {
    var set = new ChunkSet(5_000);
    for (int i = 1; i <= 5_000; i++) {
      assertThat(set.add(new ChunkId(i, i, 0, 0))).isTrue();
    }
    assertThat(set.add(new ChunkId(17, 17, 0, 0))).isFalse();
    assertThatThrownBy(() -> set.add(new ChunkId(0, 1, 0, 0)))
        .isInstanceOf(RepositoryException.class)
        .hasMessageContaining("more than 5000 chunks; begin another one");
    assertThat(set.size()).isEqualTo(5_000);
  }

  @Test
  void whatIsLargerThanAChunkOrAManifestMayBeIsRefused() throws Exception {
    try (var repository = Repository.create(blobs(), Optional.empty(), clock);
        var lease = repository.lease("n")) {
      byte[] manifest = new byte[Repository.MANIFEST_BYTES_MAX + 1];
      assertThatThrownBy(() -> repository.publish(lease, now, manifest))
          .hasMessageContaining("larger than a manifest may be");
      assertThat(repository.backups()).isEmpty();
      byte[] chunk = new byte[Repository.CHUNK_BYTES_MAX + 1];
      assertThatThrownBy(() -> repository.put(new ChunkId(1, 2, 3, 4), chunk))
          .hasMessageContaining("larger than a chunk may be");
      repository.chunks((name, _) -> {
        throw new AssertionError(name);
      });
    }
  }

  @Test
  void aDescriptionThatIsTooLargeIsRefusedUnread() throws Exception {
    Files.createDirectory(directory.resolve("r"));
    Files.write(directory.resolve("r/repository"), new byte[(64 << 10) + 1]);
    assertThatThrownBy(() -> open(Optional.empty()))
        .isInstanceOf(RepositoryException.class)
        .hasMessageContaining("is larger than anything that belongs there");
  }

  @Test
  void whatWasLeftOfABrokenWriteIsTidiedAway() throws Exception {
    try (var repository = Repository.create(blobs(), Optional.empty(), clock)) {
      var left = directory.resolve("r/tmp/123.new");
      Files.write(left, new byte[10]);
      Files.setLastModifiedTime(
          left, java.nio.file.attribute.FileTime.from(now.minus(Duration.ofHours(1))));
      var fresh = directory.resolve("r/tmp/456.new");
      Files.write(fresh, new byte[10]);
      Files.setLastModifiedTime(fresh, java.nio.file.attribute.FileTime.from(now));
      repository.tidy();
      assertThat(left).doesNotExist();
      assertThat(fresh).exists();
    }
  }
}
