package io.starling.node;

import io.starling.node.hosting.HostedSpaces;
import io.starling.node.member.Member;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sees to it that `_system` says what this node is: at once, or as soon as it can be written.
final class SelfDescription implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SelfDescription.class);
  private static final Duration RETRY = Duration.ofSeconds(5);

  private final HostedSpaces spaces;
  private final Member self;
  private final List<Mutation> firstTime;
  private final Thread retries;

  /// @param firstTime what is written together with it by a node that never was described
  SelfDescription(HostedSpaces spaces, Member self, List<Mutation> firstTime) {
    this.spaces = spaces;
    this.self = self;
    this.firstTime = firstTime;
    this.retries = Thread.ofVirtual().name("self-description").unstarted(this::retry);
  }

  /// Writes it. What cannot be written now is tried again and again.
  void begin() {
    if (!isWritten()) {
      retries.start();
    }
  }

  @Override
  public void close() {
    retries.interrupt();
  }

  private void retry() {
    try {
      do {
        Thread.sleep(RETRY);
      } while (!isWritten());
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isWritten() {
    try {
      var outcome = spaces.describe(self, firstTime).toCompletableFuture().join();
      if (outcome instanceof Outcome.Refused(_, var message)) {
        LOG.warn("this node cannot write what it is into _system yet: {}", message);
      }
      return outcome instanceof Outcome.Committed;
    } catch (StorageFailure | CompletionException failure) {
      LOG.warn("this node cannot look up what it is in _system: {}", failure.getMessage());
      return false;
    }
  }
}
