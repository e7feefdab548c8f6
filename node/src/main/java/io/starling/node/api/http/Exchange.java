package io.starling.node.api.http;

import io.starling.node.api.rest.Answer;
import io.starling.node.api.rest.Problem;
import io.starling.node.api.rest.Request;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.impl.HttpServerConnection;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// One request and its answer, between the event loop that owns them and the virtual thread that
/// works on them.
final class Exchange {

  private static final long BODY_SECONDS_MAX = 30;
  private static final long HTTP2_CANCEL = 8;

  private final Context context;
  private final HttpServerRequest request;
  private final boolean isSecure;
  private final Request head;
  private volatile boolean isRead;

  /// To be made on the event loop. The request is paused until its body is asked for.
  Exchange(Context context, HttpServerRequest request, boolean isSecure) {
    this.context = context;
    this.request = request;
    this.isSecure = isSecure;
    this.head = head(request);
    request.pause();
  }

  Request head() {
    return head;
  }

  HttpServerResponse response() {
    return request.response();
  }

  Context context() {
    return context;
  }

  boolean isSecure() {
    return isSecure;
  }

  /// Most bytes that the body will have, as far as its head tells.
  ///
  /// @param most bytes that are allowed; refused if it says that it has more
  int bodyBytes(int most) throws Problem {
    boolean isChunked = head.headers().containsKey("transfer-encoding");
    long announced = isChunked ? most : announced().orElse(0L);
    if (announced > most) {
      throw tooLarge(most);
    }
    return (int) announced;
  }

  /// The body. Blocks; for a virtual thread.
  ///
  /// @param most bytes that are allowed
  byte[] body(int most) throws Problem, InterruptedException {
    var body = new CompletableFuture<Optional<byte[]>>();
    context.runOnContext(_ -> collect(body, most));
    try {
      return body.get(BODY_SECONDS_MAX, TimeUnit.SECONDS).orElseThrow(() -> tooLarge(most));
    } catch (TimeoutException | ExecutionException broken) {
      throw Problem.of(
          Problem.Kind.SLOW_BODY,
          "The body did not come whole within " + BODY_SECONDS_MAX + " seconds. Send it again.");
    }
  }

  /// Makes a WebSocket of the request; on the event loop.
  Future<ServerWebSocket> upgrade() {
    return request.toWebSocket();
  }

  /// Ends what the client does not take. May be called on any thread.
  ///
  /// An end in order goes by the way of all bytes, so it would wait for those that are not taken.
  /// On a connection that others share only this stream ends.
  void breakOff() {
    context.runOnContext(_ -> {
      if (request.version() == HttpVersion.HTTP_2) {
        var _ = request.response().reset(HTTP2_CANCEL);
      } else {
        ((HttpServerConnection) request.connection()).channelHandlerContext().close();
      }
    });
  }

  /// Sends an answer. May be called on any thread.
  void send(Answer.Whole answer) {
    context.runOnContext(_ -> write(answer));
  }

  private void collect(CompletableFuture<Optional<byte[]>> body, int most) {
    var bytes = Buffer.buffer();
    request.handler(chunk -> {
      if (bytes.length() + chunk.length() > most) {
        body.complete(Optional.empty());
      } else {
        bytes.appendBuffer(chunk);
      }
    });
    request.exceptionHandler(body::completeExceptionally);
    request.endHandler(_ -> {
      isRead = true;
      body.complete(Optional.of(bytes.getBytes()));
    });
    if (head.headers().containsKey("expect")) {
      request.response().writeContinue();
    }
    request.resume();
  }

  private void write(Answer.Whole answer) {
    var response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    response.setStatusCode(answer.status());
    Headers.secure(response, isSecure);
    response.putHeader("Cache-Control", "no-store");
    answer.headers().forEach(response::putHeader);
    if (!answer.type().isEmpty()) {
      response.putHeader("Content-Type", answer.type());
    }
    boolean isUnread = !isRead && announced().map(length -> length > 0).orElse(false);
    if (isUnread) {
      response.putHeader("Connection", "close");
    }
    var sent = end(response, answer.body());
    if (isUnread) {
      sent.onComplete(_ -> request.connection().close());
    } else if (!isRead) {
      request.resume();
    }
  }

  private Future<Void> end(HttpServerResponse response, byte[] body) {
    if (request.method().equals(HttpMethod.HEAD)) {
      return response.putHeader("Content-Length", Integer.toString(body.length)).end();
    }
    return response.end(Buffer.buffer(body));
  }

  // How long a body the head speaks of: empty if of none, without end if in chunks.
  private Optional<Long> announced() {
    if (head.headers().containsKey("transfer-encoding") && !isRead) {
      return Optional.of(1L);
    }
    var length = head.headers().get("content-length");
    try {
      return length == null ? Optional.empty() : Optional.of(Long.parseLong(length));
    } catch (NumberFormatException _) {
      return Optional.of(Long.MAX_VALUE);
    }
  }

  private static Problem tooLarge(int most) {
    return Problem.of(
        Problem.Kind.BODY_TOO_LARGE,
        "The body has more than " + most + " bytes. Split it into several transactions.");
  }

  private static Request head(HttpServerRequest request) {
    var headers = new TreeMap<String, String>();
    request
        .headers()
        .forEach((name, value) ->
            headers.merge(name.toLowerCase(Locale.ROOT), value, (a, b) -> a + "," + b));
    var authority = request.authority();
    headers.put("host", authority == null ? "" : authority.toString());
    boolean isForwarded =
        headers.containsKey("forwarded") || headers.containsKey("x-forwarded-for");
    return new Request(
        request.method().name(), request.uri(), headers, !isForwarded && isNearby(request));
  }

  private static boolean isNearby(HttpServerRequest request) {
    var remote = request.remoteAddress();
    return remote != null
        && remote.hostAddress() != null
        && InetAddress.ofLiteral(remote.hostAddress()).isLoopbackAddress();
  }
}
