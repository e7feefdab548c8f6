package io.starling.node.backup.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// What a repository does wherever it is; run against each place.
public interface RepositoryContract {

  /// A place; the same one each time within a test.
  Blobs blobs() throws IOException;

  @Test
  default void whatIsPutIsReadBack() throws Exception {
    var clock = new AtomicReference<>(Instant.parse("2026-11-21T12:00:00Z"));
    var random = new Random(1);
    try (var repository = Repository.create(blobs(), Optional.empty(), clock::get)) {
      for (int size : new int[] {0, 1, 4_096, 1 << 20}) {
        for (boolean isDense : new boolean[] {false, true}) {
          byte[] chunk = new byte[size];
          if (isDense) {
            random.nextBytes(chunk);
          }
          var name = repository.name(chunk);
          int kept = repository.put(name, chunk);
          repository.settle();
          assertThat(kept).isLessThanOrEqualTo(size + 16);
          assertThat(repository.chunk(name)).isEqualTo(chunk);
        }
      }
    }
  }

  @Test
  default void manyAddAndOnlyOneDeletes() throws Exception {
    var clock = new AtomicReference<>(Instant.parse("2026-11-21T12:00:00Z"));
    try (var repository = Repository.create(blobs(), Optional.empty(), clock::get)) {
      var one = repository.lease("one");
      var two = repository.lease("two");
      assertThatThrownBy(() -> repository.leaseToDelete("pruner"))
          .isInstanceOf(RepositoryException.class)
          .hasMessageContaining("a backup is being made by ");
      one.close();
      two.close();
      var deleting = repository.leaseToDelete("pruner");
      assertThatThrownBy(() -> repository.lease("three"))
          .hasMessageContaining("is being pruned by pruner")
          .hasMessageContaining("2026-11-21T12:15:00Z");
      assertThatThrownBy(() -> repository.leaseToDelete("another"))
          .hasMessageContaining("is being pruned by pruner");
      deleting.close();
      repository.lease("three").close();
    }
  }

  @Test
  default void aLeaseThatIsNotRenewedIsForgottenAndItsHolderGivesUpBefore() throws Exception {
    var clock = new AtomicReference<>(Instant.parse("2026-11-21T12:00:00Z"));
    try (var repository = Repository.create(blobs(), Optional.empty(), clock::get)) {
      var killed = repository.lease("killed");
      clock.set(clock.get().plus(Lease.HOLD).plusSeconds(1));
      assertThatThrownBy(() -> repository.leaseToDelete("pruner"))
          .hasMessageContaining("by killed");
      assertThatThrownBy(killed::renew).hasMessageContaining("held up");
      assertThatThrownBy(() -> repository.publish(killed, clock.get(), new byte[1]))
          .hasMessageContaining("held up");
      assertThat(repository.backups()).isEmpty();
      clock.set(clock.get().plus(Lease.STALE));
      repository.leaseToDelete("pruner").close();
    }
  }

  @Test
  default void aLeaseThatIsRenewedLasts() throws Exception {
    var clock = new AtomicReference<>(Instant.parse("2026-11-21T12:00:00Z"));
    try (var repository = Repository.create(blobs(), Optional.empty(), clock::get);
        var lease = repository.lease("at work")) {
      for (int i = 0; i < 60; i++) {
        clock.set(clock.get().plus(Duration.ofMinutes(1)));
        lease.renew();
      }
      assertThatThrownBy(() -> repository.leaseToDelete("pruner"))
          .hasMessageContaining("by at work");
    }
  }

  @Test
  default void twoThatMeetNeverBothGoOn() throws Exception {
    var clock = new AtomicReference<>(Instant.parse("2026-11-21T12:00:00Z"));
    try (var repository = Repository.create(blobs(), Optional.empty(), clock::get)) {
      for (int i = 0; i < 50; i++) {
        var results = new Lease[2];
        var adding =
            Thread.ofVirtual().start(() -> results[0] = orNone(() -> repository.lease("a")));
        var deleting =
            Thread.ofVirtual()
                .start(() -> results[1] = orNone(() -> repository.leaseToDelete("d")));
        adding.join();
        deleting.join();
        assertThat(results[0] == null || results[1] == null).isTrue();
        for (var lease : results) {
          if (lease != null) {
            lease.close();
          }
        }
      }
    }
  }

  @FunctionalInterface
  interface Taking {
    Lease take() throws IOException;
  }

  private static Lease orNone(Taking taking) {
    try {
      return taking.take();
    } catch (IOException refused) {
      return null;
    }
  }

  @Test
  default void ofTwoThatMakeOneAtATimeOneDoes() throws Exception {
    var secret = Optional.of(new Passphrase("open, sesame"));
    var clock = (java.time.InstantSource) () -> Instant.EPOCH;
    var made = new ConcurrentLinkedQueue<String>();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 2; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try (var repository = Repository.create(blobs(), secret, clock)) {
                  made.add(repository.id());
                } catch (IOException taken) {
                  assertThat(taken).isInstanceOf(RepositoryException.class);
                }
              }));
    }
    for (var thread : threads) {
      thread.join();
    }
    assertThat(made).hasSize(1);
    try (var repository = Repository.open(blobs(), secret, clock)) {
      assertThat(repository.id()).isEqualTo(made.peek());
    }
  }

  @Test
  default void aBackupIsPublishedWithAllItsChunksOrNotAtAll() throws Exception {
    var secret = Optional.of(new Passphrase("open, sesame"));
    byte[] chunk = "a chunk".getBytes(StandardCharsets.UTF_8);
    try (var repository = Repository.create(blobs(), secret, () -> Instant.EPOCH);
        var lease = repository.lease("n")) {
      repository.put(repository.name(chunk), chunk);
      var name = repository.publish(lease, Instant.EPOCH, new byte[] {1, 2, 3});
      try (var again = Repository.open(blobs(), secret, () -> Instant.EPOCH)) {
        assertThat(again.backups()).containsExactly(name);
        assertThat(again.manifest(name)).containsExactly(1, 2, 3);
        assertThat(again.chunk(again.name(chunk))).isEqualTo(chunk);
        again.withdraw(name);
        assertThat(again.backups()).isEmpty();
      }
    }
    assertThatThrownBy(() ->
            Repository.open(
                blobs(), Optional.of(new Passphrase("open, barley")), () -> Instant.EPOCH))
        .hasMessageContaining("the passphrase is not that of the repository");
  }
}
