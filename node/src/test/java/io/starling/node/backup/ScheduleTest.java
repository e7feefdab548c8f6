package io.starling.node.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.node.backup.s3.S3Options;
import io.starling.node.hosting.TestNode;
import io.starling.node.storage.MemoryStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ScheduleTest {

  @TempDir private Path directory;

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-21T12:00:00Z"));

  @Test
  void timesAreThoseOfCron() {
    var nightly = Schedule.parse("15 2 * * *");
    assertThat(nightly.next(Instant.parse("2026-11-21T02:14:59Z")))
        .isEqualTo("2026-11-21T02:15:00Z");
    assertThat(nightly.next(Instant.parse("2026-11-21T02:15:00Z")))
        .isEqualTo("2026-11-22T02:15:00Z");
    assertThat(Schedule.parse("*/20 * * * *").next(Instant.parse("2026-11-21T23:41:00Z")))
        .isEqualTo("2026-11-22T00:00:00Z");
    assertThat(Schedule.parse("0 3 * * 0").next(Instant.parse("2026-11-21T12:00:00Z")))
        .isEqualTo("2026-11-22T03:00:00Z");
  }

  @Test
  void whatIsNoScheduleIsRefused() {
    for (var text : List.of("", "daily", "61 * * * *", "* * * *", "* * * * * *", "0 0 30 2 *")) {
      assertThatThrownBy(() -> Schedule.parse(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private BackupDesk desk(TestNode node, MemoryStore store) {
    var access =
        new RepositoryAccess(
            directory.resolve("r").toString(), Optional.empty(), S3Options.NONE, Map.of());
    return new BackupDesk(
        access,
        new Manifest.Source(TestNode.CLUSTER, node.fingerprint(), "n", "test"),
        Backups.NO_BOUND,
        () -> Backups.subjects(node, store),
        now::get);
  }

  private static void awaitMade(BackupDesk desk, long made) {
    Awaitility.await().until(() -> desk.status().made() == made && idle(desk));
  }

  private static boolean idle(BackupDesk desk) {
    return desk.status().running().isEmpty();
  }

  @Test
  void aBackupIsMadeWhenItIsDueAndAgainWhenTheNextIs() throws Exception {
    var store = new MemoryStore();
    Backups.create(directory.resolve("r")).close();
    try (var node = new TestNode(store);
        var desk = desk(node, store)) {
      desk.begin(Optional.of(Schedule.parse("0 * * * *")), Duration.ofMillis(5));
      now.set(Instant.parse("2026-11-21T12:59:59Z"));
      now.set(Instant.parse("2026-11-21T13:00:00Z"));
      awaitMade(desk, 1);
      now.set(Instant.parse("2026-11-21T14:00:00Z"));
      awaitMade(desk, 2);
      assertThat(desk.status().succeeded()).contains(Instant.parse("2026-11-21T14:00:00Z"));
    }
  }

  @Test
  void schedulesMayBeTight() throws Exception {
    var store = new MemoryStore();
    Backups.create(directory.resolve("r")).close();
    try (var node = new TestNode(store);
        var desk = desk(node, store)) {
      desk.begin(Optional.of(Schedule.parse("* * * * *")), Duration.ofMillis(5));
      for (int made = 1; made <= 3; made++) {
        Awaitility.await().until(desk::isLookedAt);
        now.updateAndGet(it -> it.plus(Duration.ofMinutes(1)));
        awaitMade(desk, made);
      }
    }
  }

  @Test
  void oneThatWasMissedIsMadeUpForAndOneThatFailedIsTriedAgain() throws Exception {
    var store = new MemoryStore();
    try (var node = new TestNode(store)) {
      try (var desk = desk(node, store)) {
        desk.begin(Optional.of(Schedule.parse("0 * * * *")), Duration.ofMillis(5));
        Awaitility.await().until(desk::isLookedAt);
        now.set(Instant.parse("2026-11-21T13:00:00Z"));
        Awaitility.await().until(() -> desk.status().failed() == 1 && idle(desk));
        Backups.create(directory.resolve("r")).close();
        now.set(Instant.parse("2026-11-21T13:00:00Z").plus(BackupDesk.RETRY));
        awaitMade(desk, 1);
      }
      now.set(Instant.parse("2026-11-21T20:30:00Z"));
      try (var desk = desk(node, store)) {
        desk.begin(Optional.of(Schedule.parse("0 * * * *")), Duration.ofMillis(5));
        awaitMade(desk, 1);
      }
    }
  }
}
