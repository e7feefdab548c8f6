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

  private final Session session;
  private final Nodes nodes;
  private final What what;
  private final Flow.Subscriber<? super WatchEvent> subscriber;
  private final Demand demand = new Demand();
  private volatile Optional<BlockingClientCall<?, WatchResponse>> call = Optional.empty();

  // All below belongs to the thread that reads.
  private final HoldBack holdBack = new HoldBack();
  private From from;
  private Optional<ReadToken> told = Optional.empty();
  private boolean mustResync;
  private long heardNanos = System.nanoTime();
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
    if (more <= 0) {
      cancel();
      subscriber.onError(new IllegalArgumentException("request at least one event: " + more));
    } else {
      demand.add(more);
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
      subscriber.onError(new IllegalStateException(full));
      return;
    }
    try {
      var failure = watch();
      if (!demand.isCancelled()) {
        failure.ifPresentOrElse(
            it -> subscriber.onError(new StarlingException(it)), subscriber::onComplete);
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } finally {
      cancel();
      nodes.leaveWatch();
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
        boolean isOutOfPatience = System.nanoTime() - heardNanos > what.patience().toNanos();
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
    try {
      while (demand.await() && take(node, open)) {
        failures = 0;
        heardNanos = System.nanoTime();
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
