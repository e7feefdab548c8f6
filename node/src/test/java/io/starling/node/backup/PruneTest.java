package io.starling.node.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.node.backup.repository.DirectoryBlobs;
import io.starling.node.backup.repository.Repository;
import io.starling.node.backup.repository.RepositoryException;
import io.starling.node.backup.repository.WatchedBlobs;
import io.starling.node.hosting.TestNode;
import io.starling.node.storage.MemoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PruneTest {

  @TempDir private Path directory;

  private final MemoryStore store = new MemoryStore();

  private static Prune.Report prune(Repository repository, int last, boolean isDryRun)
      throws IOException {
    var retention = new Retention(last, 0, 0, 0, 0, 0);
    return new Prune(repository, retention, ZoneOffset.UTC, _ -> {}).run("test", isDryRun);
  }

  @Test
  void whatIsNotKeptGoesWithWhatOnlyItNeeded() throws Exception {
    var node = new TestNode(store);
    try (var repository = Backups.create(directory.resolve("r"))) {
      BackupRun.Made one;
      try (node) {
        Backups.commit(node, 5_000, i -> Backups.set("key/" + i, "value " + i));
        one = Backups.make(repository, node, store);
        Backups.commit(node, 5_000, i -> Backups.set("key/" + i, "another " + i));
      }
      // From here on nobody writes: a node that runs notes for itself what its peers have.
      var two = Backups.make(repository, node, store);
      var all = Backups.chunks(repository);

      var dry = prune(repository, 1, true);
      assertThat(dry.deleted()).containsExactly(one.name());
      assertThat(dry.chunks()).isPositive();
      assertThat(repository.backups()).containsExactly(one.name(), two.name());
      assertThat(Backups.chunks(repository)).isEqualTo(all);

      var report = prune(repository, 1, false);
      assertThat(report).isEqualTo(dry);
      assertThat(repository.backups()).containsExactly(two.name());
      assertThat(Backups.chunks(repository).size()).isEqualTo(all.size() - (int) report.chunks());
      assertThat(Backups.problems(repository, false)).isEmpty();
      assertThat(prune(repository, 1, false).chunks()).isZero();
      // Nothing is there that is of no use: what is left is what a backup by itself takes.
      try (var alone = Backups.create(directory.resolve("alone"))) {
        Backups.make(alone, node, store);
        assertThat(Backups.chunks(repository)).isEqualTo(Backups.chunks(alone));
      }
    }
  }

  @Test
  void manifestsAreGoneForGoodBeforeTheFirstChunkGoes() throws Exception {
    try (var node = new TestNode(store);
        var whole = Backups.create(directory.resolve("r"))) {
      Backups.commit(node, 5_000, i -> Backups.set("key/" + i, "value " + i));
      Backups.make(whole, node, store);
      Backups.commit(node, 5_000, i -> Backups.set("key/" + i, "another " + i));
      Backups.make(whole, node, store);
      var did = new ArrayList<String>();
      var watched =
          new WatchedBlobs(
              new DirectoryBlobs(directory.resolve("r")),
              (what, name) -> did.add(what + " " + name.replaceFirst("/.*", "")));
      try (var repository = Repository.open(watched, Optional.empty(), InstantSource.system())) {
        prune(repository, 1, false);
      }
      assertThat(new LinkedHashSet<>(did))
          .containsExactly(
              "put leases", "delete backups", "settle ", "delete chunks", "delete leases");
      // And chunks are gone before others may add.
      assertThat(did.subList(did.size() - 2, did.size()))
          .containsExactly("settle ", "delete leases");
      assertThat(did.indexOf("settle ")).isLessThan(did.indexOf("delete chunks"));
      did.clear();
      try (var repository = Repository.open(watched, Optional.empty(), InstantSource.system())) {
        prune(repository, 1, false);
      }
      // What an earlier one withdrew may have been broken off before it was durable.
      assertThat(did).startsWith("put leases", "settle ");
    }
  }

  @Test
  void nothingIsDeletedWhileABackupIsMade() throws Exception {
    try (var node = new TestNode(store);
        var repository = Backups.create(directory.resolve("r"))) {
      Backups.commit(node, 3_000, i -> Backups.set("key/" + i, "value " + i));
      var old = Backups.make(repository, node, store);
      var before = Backups.chunks(repository);
      // While it is made it counts on the chunks of the one before.
      var made =
          Backups.run(repository, node)
              .make(() -> {
                assertThatThrownBy(() -> prune(repository, 1, false))
                    .isInstanceOf(RepositoryException.class)
                    .hasMessageContaining("a backup is being made by n");
                return Backups.subjects(node, store);
              });
      assertThat(Backups.chunks(repository)).containsAll(before);
      assertThat(prune(repository, 1, false).deleted()).containsExactly(old.name());
      assertThat(repository.backups()).containsExactly(made.name());
      assertThat(Backups.problems(repository, false)).isEmpty();
    }
  }

  @Test
  void nothingIsDeletedThatADamagedManifestMayNeed() throws Exception {
    try (var node = new TestNode(store);
        var repository = Backups.create(directory.resolve("r"))) {
      Backups.commit(node, 100, i -> Backups.set("key/" + i, "value " + i));
      var one = Backups.make(repository, node, store);
      Backups.commit(node, 100, i -> Backups.set("key/" + i, "another " + i));
      Backups.make(repository, node, store);
      var all = Backups.chunks(repository);
      var manifest = directory.resolve("r/backups").resolve(one.name());
      Files.write(manifest, new byte[] {1, 2, 3});
      assertThatThrownBy(() -> prune(repository, 1, false))
          .isInstanceOf(RepositoryException.class)
          .hasMessageContaining("nothing is deleted");
      assertThat(Backups.chunks(repository)).isEqualTo(all);
      assertThat(repository.backups()).hasSize(2);
    }
  }

  @Test
  void nodesAreKeptApart() throws Exception {
    try (var one = new TestNode(store);
        var two = TestNode.inMemory();
        var repository = Backups.create(directory.resolve("r"))) {
      Backups.commit(one, 10, i -> Backups.set("key/" + i, "value " + i));
      Backups.make(repository, one, store);
      var other = Backups.make(repository, two, store);
      var last = Backups.make(repository, one, store);
      var report = prune(repository, 1, false);
      assertThat(report.kept()).containsExactlyInAnyOrder(other.name(), last.name());
      assertThat(Backups.problems(repository, false)).isEmpty();
    }
  }

  @Test
  void toKeepNothingIsRefused() throws Exception {
    try (var repository = Backups.create(directory.resolve("r"))) {
      assertThatThrownBy(() -> prune(repository, 0, false))
          .hasMessageContaining("say what to keep");
      assertThatThrownBy(() -> prune(repository, -1, false))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static List<Retention.Dated> every(Duration step, Instant from, int count) {
    var all = new ArrayList<Retention.Dated>();
    for (int i = 0; i < count; i++) {
      var at = from.plus(step.multipliedBy(i));
      all.add(new Retention.Dated(at.toString(), at));
    }
    return all;
  }

  @Test
  void ofEachPeriodTheLatestIsKept() {
    var hours = every(Duration.ofHours(6), Instant.parse("2026-01-01T00:30:00Z"), 4 * 400);
    assertThat(new Retention(0, 0, 3, 0, 0, 0).kept(hours, ZoneOffset.UTC))
        .containsExactly("2027-02-02T18:30:00Z", "2027-02-03T18:30:00Z", "2027-02-04T18:30:00Z");
    assertThat(new Retention(2, 0, 0, 0, 0, 0).kept(hours, ZoneOffset.UTC))
        .containsExactly("2027-02-04T12:30:00Z", "2027-02-04T18:30:00Z");
    assertThat(new Retention(0, 2, 0, 0, 0, 0).kept(hours, ZoneOffset.UTC))
        .containsExactly("2027-02-04T12:30:00Z", "2027-02-04T18:30:00Z");
    // Weeks by ISO 8601: the last days of 2026 are in week 53, with the first of 2027.
    assertThat(new Retention(0, 0, 0, 6, 0, 0).kept(hours, ZoneOffset.UTC))
        .containsExactly(
            "2027-01-03T18:30:00Z",
            "2027-01-10T18:30:00Z",
            "2027-01-17T18:30:00Z",
            "2027-01-24T18:30:00Z",
            "2027-01-31T18:30:00Z",
            "2027-02-04T18:30:00Z");
    assertThat(new Retention(0, 0, 0, 0, 3, 2).kept(hours, ZoneOffset.UTC))
        .containsExactly("2026-12-31T18:30:00Z", "2027-01-31T18:30:00Z", "2027-02-04T18:30:00Z");
    assertThat(new Retention(0, 0, 1, 0, 0, 0).kept(hours, ZoneId.of("Asia/Tokyo")))
        .containsExactly("2027-02-04T18:30:00Z");
    assertThat(new Retention(0, 0, 9_999, 0, 0, 0).kept(hours, ZoneOffset.UTC)).hasSize(400);
  }

  @Test
  void daysWithoutABackupDoNotCount() {
    var all = every(Duration.ofDays(40), Instant.parse("2026-01-01T12:00:00Z"), 5);
    assertThat(new Retention(0, 0, 3, 0, 0, 0).kept(all, ZoneOffset.UTC))
        .isEqualTo(
            new TreeSet<>(
                List.of("2026-03-22T12:00:00Z", "2026-05-01T12:00:00Z", "2026-06-10T12:00:00Z")));
  }
}
