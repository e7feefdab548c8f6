package io.starling.node.backup.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// What every place for a repository does; run against each.
public interface BlobsContract {

  /// A place; the same one each time within a test.
  Blobs blobs() throws IOException;

  private static byte[] bytes(int... all) {
    byte[] bytes = new byte[all.length];
    for (int i = 0; i < all.length; i++) {
      bytes[i] = (byte) all[i];
    }
    return bytes;
  }

  private static TreeMap<String, Long> all(Blobs blobs, String prefix) throws IOException {
    var all = new TreeMap<String, Long>();
    blobs.list(prefix, all::put);
    return all;
  }

  @Test
  default void whatIsWrittenIsReadAndListed() throws Exception {
    try (var blobs = blobs()) {
      blobs.prepare();
      byte[] large = new byte[3 << 20];
      new Random(1).nextBytes(large);
      blobs.put("repository", bytes(1));
      blobs.put("chunks/ab/abcd", large);
      blobs.put("chunks/ab/empty", bytes());
      blobs.put("chunks/cd/cdef", bytes(1, 2));
      blobs.put("chunks/cd/cdef", bytes(3, 4, 5));
      assertThat(blobs.get("chunks/ab/abcd", large.length)).isEqualTo(large);
      assertThat(blobs.get("chunks/ab/empty", 0)).isEmpty();
      assertThat(blobs.get("chunks/cd/cdef", 100)).containsExactly(3, 4, 5);
      assertThat(all(blobs, "chunks/"))
          .containsEntry("chunks/ab/abcd", (long) large.length)
          .containsEntry("chunks/ab/empty", 0L)
          .containsEntry("chunks/cd/cdef", 3L)
          .hasSize(3);
      assertThat(all(blobs, "backups/")).isEmpty();
      assertThatThrownBy(() -> blobs.get("chunks/ab/abcd", large.length - 1))
          .isInstanceOf(RepositoryException.class)
          .hasMessageContaining("larger than anything that belongs there");
      assertThatThrownBy(() -> blobs.get("chunks/ab/none", 1))
          .isInstanceOf(NoSuchFileException.class);
    }
  }

  @Test
  default void whatIsDeletedIsGone() throws Exception {
    try (var blobs = blobs()) {
      blobs.prepare();
      blobs.put("chunks/ab/abcd", bytes(1));
      blobs.put("chunks/ab/abce", bytes(2));
      blobs.delete("chunks/ab/abcd");
      blobs.delete("chunks/ab/abcd");
      blobs.deleteSoon("chunks/ab/abce");
      blobs.deleteSoon("chunks/ab/none");
      blobs.settle();
      assertThat(all(blobs, "chunks/")).isEmpty();
      assertThatThrownBy(() -> blobs.get("chunks/ab/abcd", 1))
          .isInstanceOf(NoSuchFileException.class);
    }
  }

  @Test
  default void manyThatAreWrittenSoonAreThereWhenSettledAndAllAreListed() throws Exception {
    try (var blobs = blobs()) {
      blobs.prepare();
      var names = new TreeMap<String, Long>();
      for (int i = 0; i < 1_234; i++) {
        var name = "chunks/%02x/%06x".formatted(i % 256, i);
        blobs.putSoon(name, new byte[i % 7]);
        names.put(name, i % 7L);
      }
      blobs.settle();
      assertThat(all(blobs, "chunks/")).isEqualTo(names);
      assertThat(all(blobs, "chunks/00/")).hasSize(5);
    }
  }

  @Test
  default void aNewOneReplacesNothing() throws Exception {
    try (var blobs = blobs()) {
      blobs.prepare();
      blobs.putNew("repository", bytes(1));
      assertThatThrownBy(() -> blobs.putNew("repository", bytes(2)))
          .isInstanceOf(FileAlreadyExistsException.class);
      assertThatThrownBy(() -> blobs.putNew("repository", new byte[100]))
          .isInstanceOf(FileAlreadyExistsException.class);
      assertThat(blobs.get("repository", 10)).containsExactly(1);
      blobs.delete("repository");
      blobs.putNew("repository", bytes(3));
      assertThat(blobs.get("repository", 10)).containsExactly(3);
    }
  }

  @Test
  default void ofManyThatWriteANewOneAtATimeOneDoes() throws Exception {
    try (var blobs = blobs()) {
      blobs.prepare();
      for (int round = 0; round < 10; round++) {
        var name = "backups/" + round;
        var together = new CountDownLatch(1);
        var wrote = new AtomicInteger();
        var winner = new AtomicInteger(-1);
        var failures = new ArrayList<Exception>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 4; i++) {
          byte mine = (byte) i;
          threads.add(
              Thread.ofVirtual()
                  .start(() -> {
                    try {
                      together.await();
                      blobs.putNew(name, new byte[] {mine});
                      wrote.incrementAndGet();
                      winner.set(mine);
                    } catch (FileAlreadyExistsException another) {
                      // As it is meant.
                    } catch (IOException | InterruptedException failed) {
                      synchronized (failures) {
                        failures.add(failed);
                      }
                    }
                  }));
        }
        together.countDown();
        for (var thread : threads) {
          thread.join();
        }
        assertThat(failures).isEmpty();
        assertThat(wrote).hasValue(1);
        assertThat(blobs.get(name, 1)).containsExactly(winner.get());
      }
    }
  }

  @Test
  default void aPlaceWithSomethingElseIsRefused() throws Exception {
    try (var blobs = blobs()) {
      blobs.prepare();
      blobs.put("chunks/ab/abcd", bytes(1));
      assertThatThrownBy(blobs::prepare)
          .isInstanceOf(RepositoryException.class)
          .hasMessageContaining("is not empty");
      assertThat(Arrays.asList(all(blobs, "chunks/").keySet().toArray()))
          .containsExactly("chunks/ab/abcd");
    }
  }
}
