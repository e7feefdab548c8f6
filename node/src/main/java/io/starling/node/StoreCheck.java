package io.starling.node;

import io.starling.node.storage.NodeStore;
import io.starling.replica.port.StorageFailure;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads through the whole store once a day, a little at a time, so that rot of the disk is found
/// while the other members still have what it has eaten.
final class StoreCheck implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StoreCheck.class);
  private static final Duration FIRST = Duration.ofHours(1);
  private static final Duration REST = Duration.ofHours(24);
  private static final Duration BETWEEN_PARTS = Duration.ofMillis(500);

  private final NodeStore store;
  private final Thread thread;

  StoreCheck(NodeStore store) {
    this.store = store;
    this.thread = Thread.ofVirtual().name("store-check").unstarted(this::run);
  }

  void begin() {
    thread.start();
  }

  /// Returns when what it was at is done, for the store is about to be closed.
  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    thread.join();
  }

  private void run() {
    try {
      Thread.sleep(FIRST);
      while (true) {
        if (store.checkSome()) {
          LOG.info("the whole store was read through; nothing is damaged");
          Thread.sleep(REST);
        } else {
          Thread.sleep(BETWEEN_PARTS);
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } catch (StorageFailure failure) {
      // Whoever is told of damage acts on it; anything else shows with the next write.
      LOG.error("the store could not be read through: {}", failure.getMessage());
    }
  }
}
