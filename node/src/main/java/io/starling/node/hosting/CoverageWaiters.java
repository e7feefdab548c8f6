package io.starling.node.hosting;

import io.starling.node.loop.LoopObserver;
import io.starling.node.space.Space.Coverage;
import io.starling.replica.Effect;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.read.SpaceReader;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Clients that wait until this node has applied what their tokens cover.
final class CoverageWaiters implements LoopObserver {

  /// Clients that may wait; a further one hears at once that the token is not covered yet.
  static final int WAITING_MAX = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(CoverageWaiters.class);

  private final SpaceId space;
  private final StatePort live;
  private final Set<Waiting> waiting = ConcurrentHashMap.newKeySet();
  private volatile Token applied;

  CoverageWaiters(SpaceId space, StatePort live) {
    this.space = space;
    this.live = live;
    this.applied = new SpaceReader(space, live).token();
  }

  /// Not a record, for two who wait for one token are two.
  private static final class Waiting {
    private final Token token;
    private final CompletableFuture<Coverage> answer;

    private Waiting(Token token, CompletableFuture<Coverage> answer) {
      this.token = token;
      this.answer = answer;
    }
  }

  CompletionStage<Coverage> covers(Token token, Duration wait) {
    if (!token.space().equals(space)) {
      return CompletableFuture.completedStage(Coverage.FOREIGN);
    }
    if (applied.heads().containsAll(token.heads())) {
      return CompletableFuture.completedStage(Coverage.COVERED);
    }
    var answer = new CompletableFuture<Coverage>();
    Thread.ofVirtual().name("coverage").start(() -> check(new Waiting(token, answer), wait));
    return answer.minimalCompletionStage();
  }

  @Override
  public void applied(Effect.Applied batch) {
    applied = batch.token();
  }

  @Override
  public void adopted(Token token) {
    applied = token;
  }

  @Override
  public void reopened(Token before) {
    applied = new SpaceReader(space, live).token();
  }

  @Override
  public void turned() {
    if (waiting.isEmpty()) {
      return;
    }
    var vector = applied.vector();
    var likely =
        waiting.stream()
            .filter(it ->
                it.token.heads().stream()
                    .allMatch(head ->
                        vector.seq(head.replica()) >= head.seq()
                            || !vector.contains(head.replica())))
            .toList();
    if (!likely.isEmpty()) {
      Thread.ofVirtual().name("coverage").start(() -> likely.forEach(this::settle));
    }
  }

  /// How many clients wait now.
  int waiting() {
    return waiting.size();
  }

  private void check(Waiting client, Duration wait) {
    settle(client);
    boolean mustWait = !client.answer.isDone() && wait.isPositive();
    if (!mustWait || waiting.size() >= WAITING_MAX) {
      client.answer.complete(Coverage.NOT_YET);
      return;
    }
    waiting.add(client);
    client.answer.completeOnTimeout(Coverage.NOT_YET, wait.toMillis(), TimeUnit.MILLISECONDS);
    client.answer.whenComplete((_, _) -> waiting.remove(client));
    // What was applied before it was listed told nobody.
    settle(client);
  }

  private void settle(Waiting client) {
    try {
      switch (new SpaceReader(space, live).coverage(client.token)) {
        case COVERED -> client.answer.complete(Coverage.COVERED);
        case FOREIGN -> client.answer.complete(Coverage.FOREIGN);
        case NOT_YET -> {}
      }
    } catch (StorageFailure failure) {
      LOG.warn("whether a token is covered cannot be read: {}", failure.getMessage());
      client.answer.complete(Coverage.NOT_YET);
    } catch (RuntimeException | Error bug) {
      // Nobody may be left waiting for a thread that is gone.
      client.answer.complete(Coverage.NOT_YET);
      throw bug;
    }
  }
}
