package io.starling.node.api.http;

import io.starling.node.api.rest.Answer;
import io.starling.node.api.rest.EventSink;
import io.starling.node.api.rest.Problem;
import io.starling.node.api.rest.RestApi;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Server-sent events on one response. At most one event is under way; whoever has the next waits,
/// so a slow client holds up its own watch and nothing else.
final class EventStream implements EventSink {

  private static final Duration CHECK = Duration.ofSeconds(15);
  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);

  private final Exchange exchange;
  private final Duration taken;
  private final ReentrantLock turn = new ReentrantLock();
  private final CountDownLatch closed = new CountDownLatch(1);

  private EventStream(Exchange exchange, Duration taken) {
    this.exchange = exchange;
    this.taken = taken;
  }

  /// Answers with a stream and stays until it ends, from either side.
  ///
  /// @param check fails when the client may no longer see this
  static void serve(Exchange exchange, HttpLimits limits, RestApi.Check check, Answer.Source source)
      throws InterruptedException {
    var stream = open(exchange, limits.taken());
    try (var _ = source.open(stream)) {
      while (!stream.closed.await(CHECK.toMillis(), TimeUnit.MILLISECONDS)) {
        check.stillAdmitted();
      }
    } catch (Problem noLonger) {
      LOG.debug("a watch ends: {}", noLonger.getMessage());
    } finally {
      stream.close();
    }
  }

  private static EventStream open(Exchange exchange, Duration taken) throws InterruptedException {
    var stream = new EventStream(exchange, taken);
    stream.await(() -> {
      var response = exchange.response();
      response.closeHandler(_ -> stream.closed.countDown());
      response.exceptionHandler(_ -> stream.closed.countDown());
      Headers.secure(response, exchange.isSecure());
      return response
          .setChunked(true)
          .putHeader("Content-Type", "text/event-stream")
          .putHeader("Cache-Control", "no-store")
          .putHeader("X-Accel-Buffering", "no")
          .write("retry: 1000\n\n");
    });
    return stream;
  }

  @Override
  public void send(List<Event> events) throws InterruptedException {
    var text = new StringBuilder(256);
    for (var event : events) {
      text.append("event: ").append(event.name()).append('\n');
      if (!event.id().isEmpty()) {
        text.append("id: ").append(event.id()).append('\n');
      }
      text.append("data: ").append(event.data()).append("\n\n");
    }
    write(text.toString());
  }

  @Override
  public void close() {
    closed.countDown();
    exchange
        .context()
        .runOnContext(_ -> {
          var response = exchange.response();
          if (!response.ended() && !response.closed()) {
            response.end();
          }
        });
  }

  private void write(String text) throws InterruptedException {
    turn.lockInterruptibly();
    try {
      if (closed.getCount() > 0) {
        await(() -> exchange.response().write(text));
      }
    } finally {
      turn.unlock();
    }
  }

  private void await(Supplier<Future<Void>> action) throws InterruptedException {
    Promise<Void> done = Promise.promise();
    exchange.context().runOnContext(_ -> action.get().onComplete(done));
    try {
      done.future()
          .toCompletionStage()
          .toCompletableFuture()
          .get(taken.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException slow) {
      LOG.debug("a watch ends: its client takes nothing for {}", taken);
      closed.countDown();
      exchange.breakOff();
    } catch (ExecutionException gone) {
      closed.countDown();
    }
  }
}
