package io.starling.node.hosting;

import io.starling.node.space.Level;
import io.starling.replica.message.Token;
import io.starling.replica.port.StorageFailure;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The moving away of a space that this node is to host no longer: until a host has signed that it
/// has durably applied all that is applied here, it stays.
///
/// Only who is a host where it signs does sign ([io.starling.replica.hosting.Hosts]). So of several
/// that are taken off the list at once, each has what it relies on at one that goes later or not at
/// all. What is still to be read of a damaged store is not applied yet: until then nobody is asked.
///
/// @param isWhole whether nothing is left to be read of a damaged store
record Move(HostedSpace space, BooleanSupplier isWhole, BiConsumer<HostedSpace, Token> done) {

  private static final Logger LOG = LoggerFactory.getLogger(Move.class);
  private static final Level A_HOST = new Level.Members(1);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration RETRY = Duration.ofSeconds(1);

  void begin() {
    Thread.ofVirtual().name("move-" + space.name()).start(this::run);
  }

  private void run() {
    boolean hasFailed = false;
    try {
      while (space.isLeaving() && !space.isOver()) {
        try {
          if (isWhole.getAsBoolean() && isCovered()) {
            return;
          }
          hasFailed = false;
        } catch (StorageFailure failure) {
          if (!hasFailed) {
            LOG.warn("space {} cannot be handed over now: {}", space.name(), failure.getMessage());
          }
          hasFailed = true;
        }
        Thread.sleep(hasFailed ? RETRY : PAUSE);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  /// @return whether a host has all that is applied here: that is told then
  private boolean isCovered() {
    var token = space.loop().applied();
    boolean isReached =
        space.acknowledge(token, A_HOST, PATIENCE).toCompletableFuture().join().isReached();
    if (isReached) {
      done.accept(space, token);
    }
    return isReached;
  }
}
