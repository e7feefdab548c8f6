package io.starling.node.api.http;

import io.starling.node.api.rest.Answer;
import io.starling.node.api.rest.Problem;
import io.starling.node.api.rest.RestApi;
import io.starling.node.api.rest.Verb;
import io.starling.node.tracing.Tracing;
import io.starling.replica.port.StorageFailure;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Works on requests, each on a virtual thread, a bounded number at a time.
final class Requests {

  /// Bytes of bodies that are held at a time. What is made of a body can take twenty times as much.
  static final int BODY_BYTES_MAX = 16 << 20;

  private static final long ROOM_SECONDS_MAX = 10;
  private static final byte[] NO_BODY = {};

  private static final Logger LOG = LoggerFactory.getLogger(Requests.class);
  private static final int OK = 200;
  private static final int FAULTS_FROM = 500;
  private static final int SWITCHED = 101;

  private final RestApi rest;
  private final Dashboard dashboard;
  private final HttpMeter meter;
  private final Tracing tracing;
  private final ExecutorService threads;
  private final Semaphore bodies = new Semaphore(BODY_BYTES_MAX);
  private final HttpLimits limits;
  private final Semaphore requests;
  private final Semaphore streams;

  Requests(
      RestApi rest,
      Dashboard dashboard,
      HttpMeter meter,
      Tracing tracing,
      HttpLimits limits,
      ExecutorService threads) {
    this.rest = rest;
    this.dashboard = dashboard;
    this.meter = meter;
    this.tracing = tracing;
    this.threads = threads;
    this.limits = limits;
    this.requests = new Semaphore(limits.requests());
    this.streams = new Semaphore(limits.streams());
  }

  /// What came of a request: on which route, and the stream it asks for, if any.
  private record Result(String route, Answer answer, RestApi.Check check) {}

  /// Bytes of bodies that may still be taken now.
  int roomForBodies() {
    return bodies.availablePermits();
  }

  /// Requests that are worked on now.
  int underWay() {
    return limits.requests() - requests.availablePermits();
  }

  /// Streams and sockets that are open now.
  int streaming() {
    return limits.streams() - streams.availablePermits();
  }

  /// Takes a request, on the event loop, and returns at once.
  void take(Exchange exchange) {
    if (!requests.tryAcquire()) {
      exchange.send(busy("requests"));
      return;
    }
    try {
      threads.execute(() -> work(exchange));
    } catch (RejectedExecutionException _) {
      requests.release();
      exchange.send(stopping());
    }
  }

  private void work(Exchange exchange) {
    long begun = System.nanoTime();
    Result result;
    var parent = exchange.head().headers().getOrDefault("traceparent", "");
    var span = tracing.call(method(exchange), parent);
    try {
      result = span.within(() -> answer(exchange));
    } finally {
      requests.release();
    }
    var took = Duration.ofNanos(System.nanoTime() - begun);
    int status =
        switch (result.answer()) {
          case Answer.Whole whole -> whole.status();
          case Answer.Events _ -> OK;
          case Answer.Socket _ -> SWITCHED;
        };
    span.end(
        method(exchange) + " " + result.route(), Integer.toString(status), status >= FAULTS_FROM);
    switch (result.answer()) {
      case Answer.Whole whole -> {
        exchange.send(Packing.packed(exchange.head(), whole));
        meter.answered(result.route(), method(exchange), whole.status(), took);
      }
      case Answer.Events(var source) -> {
        meter.answered(result.route(), method(exchange), OK, took);
        stream(exchange, () -> EventStream.serve(exchange, limits, result.check(), source));
      }
      case Answer.Socket(var opening) -> {
        meter.answered(result.route(), method(exchange), SWITCHED, took);
        stream(exchange, () -> SocketStream.serve(exchange, limits, result.check(), opening));
      }
    }
  }

  // Clients can make up methods; meters must stay few.
  private static String method(Exchange exchange) {
    var method = exchange.head().method();
    return Verb.of(method).isPresent() ? method : "other";
  }

  private Result answer(Exchange exchange) {
    var route = "none";
    try {
      var file = file(exchange);
      if (file.isPresent()) {
        return new Result("dashboard", file.get(), () -> {});
      }
      var admitted = rest.admit(exchange.head());
      route = admitted.route().template();
      var answer = admitted.hasBody() ? withBody(exchange, admitted) : admitted.answer(NO_BODY);
      return new Result(route, answer, admitted.check());
    } catch (Problem problem) {
      return new Result(route, problem.answer(), () -> {});
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return new Result(route, stopping(), () -> {});
    } catch (StorageFailure failure) {
      LOG.warn("a request to {} cannot be answered: {}", route, failure.getMessage());
      return new Result(route, unreadable(failure).answer(), () -> {});
    } catch (RuntimeException | AssertionError bug) {
      LOG.error("a request to {} met a bug", route, bug);
      var detail = "This is the node's fault, not yours. Its log says more.";
      return new Result(route, Problem.of(Problem.Kind.BUG, detail).answer(), () -> {});
    }
  }

  // A body is asked for when there is room to hold it, and to work on it.
  private Answer withBody(Exchange exchange, RestApi.Admitted admitted)
      throws Problem, InterruptedException {
    int most = admitted.route().bodyBytesMax();
    int bytes = exchange.bodyBytes(most);
    if (!bodies.tryAcquire(bytes, ROOM_SECONDS_MAX, TimeUnit.SECONDS)) {
      throw Problem.of(
          Problem.Kind.UNAVAILABLE, "Too many bodies are under way. Try again, or ask another.");
    }
    try {
      return admitted.answer(exchange.body(most));
    } finally {
      bodies.release(bytes);
    }
  }

  private Optional<Answer.Whole> file(Exchange exchange) {
    var method = exchange.head().method();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      return Optional.empty();
    }
    var uri = exchange.head().uri();
    int query = uri.indexOf('?');
    var packing = exchange.head().headers().getOrDefault("accept-encoding", "");
    return dashboard.find(query < 0 ? uri : uri.substring(0, query), Packing.takes(packing));
  }

  @FunctionalInterface
  private interface Lasting {
    void serve() throws InterruptedException;
  }

  // Stays on this thread for as long as the stream lasts.
  private void stream(Exchange exchange, Lasting stream) {
    if (!streams.tryAcquire()) {
      exchange.send(busy("streams"));
      return;
    }
    try {
      stream.serve();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | AssertionError bug) {
      LOG.error("a stream met a bug", bug);
    } finally {
      streams.release();
    }
  }

  private static Answer.Whole busy(String what) {
    var detail = "Too many " + what + " are under way. Try again, or ask another node.";
    return Problem.of(Problem.Kind.UNAVAILABLE, detail).answer();
  }

  private static Problem unreadable(StorageFailure failure) {
    return Problem.of(
        Problem.Kind.UNAVAILABLE, "Nothing can be read here: " + failure.getMessage() + ".");
  }

  private static Answer.Whole stopping() {
    return Problem.of(Problem.Kind.UNAVAILABLE, "This node stops. Ask another.").answer();
  }
}
