package io.starling.client;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import io.starling.client.link.Backoff;
import io.starling.client.link.CallFailure;
import io.starling.client.link.Node;
import io.starling.client.link.Nodes;
import io.starling.proto.v1.Form;
import io.starling.proto.v1.WatchRequest;
import io.starling.proto.v1.WatchResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One subscription: a virtual thread that reads a watch, tells the subscriber, and goes on at the
/// next node when one is lost.
///
/// It reads from the node only while the subscriber wants something. What the node has sent by then
/// waits in the connection, a window's worth; the node merges the rest.
final class Watching implements Flow.Subscription {

  // A stream that has lasted so long was not broken from the start.
  private static final Duration STEADY = Duration.ofSeconds(1);

  private final Session session;
  private final Nodes nodes;
  private final What what;
  private final Flow.Subscriber<? super WatchEvent> subscriber;
  private final Demand demand = new Demand();
  private volatile Optional<BlockingClientCall<?, WatchResponse>> call = Optional.empty();
  private volatile Optional<RuntimeException> misuse = Optional.empty();

  // All below belongs to the thread that reads.
  private final HoldBack holdBack = new HoldBack();
  private From from;
  private Optional<ReadToken> told = Optional.empty();
  private boolean mustResync;
  // Since when no node has told anything, though it was asked to; nothing while one does.
  private Optional<Long> silentSinceNanos = Optional.empty();
  private int failures;

  /// Where a watch begins.
  sealed interface From {
    record State() implements From {}

    record Now() implements From {}

    record Token(ReadToken token) implements From {}
  }

  /// @param patience how long no node may answer
  /// @param silence how long a stream may be silent before it counts as broken
  record What(String space, String prefix, From from, Duration patience, Duration silence) {}

  Watching(
      Session session, Nodes nodes, What what, Flow.Subscriber<? super WatchEvent> subscriber) {
    this.session = session;
    this.nodes = nodes;
    this.what = what;
    this.subscriber = subscriber;
    this.from = what.from();
  }

  void start() {
    Thread.ofVirtual().name("watch " + what.prefix()).start(this::run);
  }

  @Override
  public void request(long more) {
    if (more > 0) {
      demand.add(more);
    } else if (!demand.isCancelled()) {
      misuse = Optional.of(new IllegalArgumentException("request at least one event: " + more));
      cancel();
    }
  }

  @Override
  public void cancel() {
    demand.cancel();
    call.ifPresent(it -> it.cancel("the subscriber wants no more", null));
  }

  private void run() {
    subscriber.onSubscribe(this);
    if (!nodes.enterWatch()) {
      var full = Nodes.WATCHES_MAX + " watches of this client are open; end one, or share it";
      end(Optional.of(new IllegalStateException(full)));
      return;
    }
    try {
      end(watch().map(StarlingException::new));
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } finally {
      cancel();
      nodes.leaveWatch();
    }
  }

  /// Tells the subscriber the last thing, on the thread that has told it all else.
  private void end(Optional<? extends RuntimeException> failure) {
    if (misuse.isPresent()) {
      subscriber.onError(misuse.get());
    } else if (!demand.isCancelled()) {
      failure.ifPresentOrElse(subscriber::onError, subscriber::onComplete);
    }
  }

  /// Watches until cancelled, the client is closed, or this failed.
  private Optional<CallFailure> watch() throws InterruptedException {
    int at = 0;
    var order = nodes.fromCurrent();
    while (demand.await() && !nodes.isClosed()) {
      var node = order.get(at % order.size());
      try {
        watch(node);
      } catch (CallFailure failed) {
        long now = System.nanoTime();
        long since = silentSinceNanos.orElse(now);
        silentSinceNanos = Optional.of(since);
        boolean isOutOfPatience = Duration.ofNanos(now - since).compareTo(what.patience()) > 0;
        if (!nodes.isClosed() && (!failed.mayPass() || isOutOfPatience)) {
          return Optional.of(failed);
        }
      }
      mustResync |= holdBack.breakOff();
      at++;
      failures++;
      demand.pause(Backoff.before((failures - 1) / order.size()));
    }
    return Optional.empty();
  }

  private void watch(Node node) throws CallFailure, InterruptedException {
    if (mustResync || !(from instanceof From.Token)) {
      session.catchUp(node, what.prefix());
    }
    var open = node.watch(request());
    call = Optional.of(open);
    long openedNanos = System.nanoTime();
    try {
      while (demand.await() && take(node, open)) {
        silentSinceNanos = Optional.empty();
        // One that breaks off at once, again and again, is not asked for ever without a pause.
        if (System.nanoTime() - openedNanos > STEADY.toNanos()) {
          failures = 0;
        }
      }
    } finally {
      open.cancel("over", null);
    }
  }

  private boolean take(Node node, BlockingClientCall<?, WatchResponse> open)
      throws CallFailure, InterruptedException {
    var part = next(node, open);
    if (part.isEmpty()) {
      return false;
    }
    if (mustResync) {
      mustResync = false;
      tell(new WatchEvent.Resync(WatchEvent.Cause.BROKEN_OFF));
    }
    for (var message : part.get().getEventsList()) {
      for (var event : holdBack.take(message)) {
        tell(event);
        HoldBack.token(event).ifPresent(token -> reached(token, node));
      }
    }
    return true;
  }

  private void reached(ReadToken token, Node node) {
    from = new From.Token(token);
    session.tokens().watched(told, token, node);
    told = Optional.of(token);
  }

  private void tell(WatchEvent event) throws InterruptedException {
    if (demand.take()) {
      subscriber.onNext(event);
    }
  }

  private Optional<WatchResponse> next(Node node, BlockingClientCall<?, WatchResponse> open)
      throws CallFailure, InterruptedException {
    try {
      return Optional.ofNullable(open.read(what.silence().toMillis(), TimeUnit.MILLISECONDS));
    } catch (StatusException failed) {
      throw new CallFailure(node.address(), failed, true);
    } catch (TimeoutException silent) {
      var status = Status.DEADLINE_EXCEEDED.withCause(silent).asException();
      throw new CallFailure(node.address(), status, true);
    }
  }

  private WatchRequest request() {
    var request =
        WatchRequest.newBuilder()
            .setSpace(what.space())
            .setPrefix(what.prefix())
            .setForm(Form.FORM_JSON);
    if (!mustResync) {
      switch (from) {
        case From.State() -> {}
        case From.Now() -> request.setChangesOnly(true);
        case From.Token(var token) -> request.setResume(token.bytes());
      }
    }
    return request.build();
  }
}
