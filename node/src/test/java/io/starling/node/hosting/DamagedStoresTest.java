package io.starling.node.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.starling.node.storage.MemoryStore;
import io.starling.replica.batch.SpaceId;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is known of the spaces of stores that were set aside.
final class DamagedStoresTest {

  private static final SpaceId SYSTEM = new SpaceId(0, 1);
  private static final SpaceId SPACE = new SpaceId(1, 2);
  private static final SpaceId OTHER = new SpaceId(3, 4);

  private final MemoryStore damaged = new MemoryStore();
  private final TestDamage damage = new TestDamage(damaged);
  private final DamagedStores stores =
      new DamagedStores(damage.store(new MemoryStore()), SYSTEM, Duration.ofMillis(1));

  @BeforeEach
  void begin() {
    damaged.space(SYSTEM);
  }

  @Test
  void whatTheyHaveIsNotWholeBeforeItIsMadeAnew() {
    damaged.space(SPACE);
    assertThat(stores.isWhole(OTHER)).isFalse();
    stores.look(() -> {});
    assertThat(stores.have(OTHER)).isFalse();
    assertThat(stores.have(SPACE)).isTrue();
    assertThat(stores.isWhole(SPACE)).isFalse();
    stores.done(SPACE);
    assertThat(stores.have(SPACE)).isFalse();
    assertThat(stores.isWhole(SPACE)).isTrue();
  }

  @Test
  void whatCannotBeOpenedForAMomentIsLookedAtAgain() {
    damaged.space(SPACE);
    var opened = new AtomicInteger();
    var told = new AtomicInteger();
    damage.opensIf(() -> opened.incrementAndGet() > 2);
    stores.look(told::incrementAndGet);
    assertThat(stores.isWhole(SPACE)).isFalse();
    await().until(() -> told.get() == 2);
    assertThat(stores.have(SPACE)).isTrue();
    assertThat(stores.lost()).isEmpty();
    assertThat(opened).hasValue(3);
  }

  @Test
  void whatCannotBeOpenedCountsAsLostAfterAWhile() {
    var opened = new AtomicInteger();
    damage.opensIf(() -> opened.incrementAndGet() < 0);
    stores.look(() -> {});
    await().until(stores::isSettled);
    assertThat(opened).hasValue(DamagedStores.LOOKS_MAX);
    assertThat(stores.lost()).containsExactly(Path.of("damaged"));
    // Who hosts the space may have what it had: that it is made anew says so, no look.
    assertThat(stores.isWhole(SPACE)).isFalse();
  }

  @Test
  void oneThatLostItsTableOfSpacesIsNotKnown() {
    damaged.space(SPACE);
    damage.lose(SYSTEM::equals);
    stores.look(() -> {});
    assertThat(stores.isSettled()).isFalse();
    assertThat(stores.have(SPACE)).isTrue();
    await().until(stores::isSettled);
  }

  /// Whoever settles what is hosted here asks while others read.
  @Test
  void nobodyWhoAsksWaitsForWhoReads() throws InterruptedException {
    stores.look(() -> {});
    var reads = new CountDownLatch(1);
    var ends = new CountDownLatch(1);
    var reader =
        Thread.ofVirtual()
            .start(() -> {
              try {
                stores.read(_ -> {
                  reads.countDown();
                  ends.await();
                  return 0;
                });
              } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
              }
            });
    reads.await();
    assertThat(stores.isWhole(SPACE)).isFalse();
    assertThat(stores.have(SPACE)).isFalse();
    assertThat(reader.isAlive()).isTrue();
    ends.countDown();
    reader.join();
  }

  /// What is read must be closed before the store is.
  @Test
  void whoClosesWaitsForALookAndNoneComesLater() throws InterruptedException {
    var looks = new CountDownLatch(1);
    var ends = new CountDownLatch(1);
    var opened = new AtomicInteger();
    damage.opensIf(() -> {
      opened.incrementAndGet();
      looks.countDown();
      try {
        ends.await();
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
      }
      return true;
    });
    var looker = Thread.ofVirtual().start(() -> stores.look(() -> {}));
    looks.await();
    var closer = Thread.ofPlatform().start(stores::close);
    await().until(() -> closer.getState() != Thread.State.RUNNABLE);
    assertThat(closer.getState()).isEqualTo(Thread.State.WAITING);
    ends.countDown();
    closer.join();
    looker.join();
    stores.look(() -> {});
    assertThat(opened).hasValue(1);
  }
}
