package io.starling.node.hosting;

import io.starling.node.space.Level;
import io.starling.replica.message.Token;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;

/// The moving away of a space that this node is to host no longer: until a host has signed that it
/// has durably applied all that is applied here, it stays.
///
/// Only who is a host where it signs does sign ([io.starling.replica.hosting.Hosts]). So of several
/// that are taken off the list at once, each has what it relies on at one that goes later or not at
/// all. What is still to be read of a damaged store is not applied yet: until then nobody is asked.
///
/// @param isWhole whether nothing is left to be read of a damaged store
record Move(HostedSpace space, BooleanSupplier isWhole, BiConsumer<HostedSpace, Token> done) {

  private static final Level A_HOST = new Level.Members(1);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  void begin() {
    Thread.ofVirtual().name("move-" + space.name()).start(this::run);
  }

  private void run() {
    try {
      await();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private void await() throws InterruptedException {
    while (space.isLeaving() && !space.isOver()) {
      if (isWhole.getAsBoolean()) {
        var token = space.loop().applied();
        var durability = space.acknowledge(token, A_HOST, PATIENCE).toCompletableFuture().join();
        if (durability.isReached()) {
          done.accept(space, token);
          return;
        }
      }
      Thread.sleep(PAUSE);
    }
  }
}
