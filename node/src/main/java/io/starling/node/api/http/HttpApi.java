package io.starling.node.api.http;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.starling.node.api.rest.Origins;
import io.starling.node.api.rest.Problem;
import io.starling.node.api.rest.RestApi;
import io.starling.node.tracing.Tracing;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.KeyCertOptions;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A node's HTTP port.
public final class HttpApi implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(HttpApi.class);

  // Limits of FAULTS 2.5: lines and heads as Vert.x has them, stated here because they are part of
  // the contract: a key of 1 KiB, each byte percent-encoded, fits the line.
  private static final int LINE_BYTES_MAX = 4_096;
  private static final int HEAD_BYTES_MAX = 8_192;
  private static final int SOCKET_BYTES_MAX = 65_536;
  private static final int EVENT_LOOPS = 2;
  private static final int IDLE_SECONDS_MAX = 120;
  private static final Duration STOP_MAX = Duration.ofSeconds(5);

  private final Vertx vertx;
  private final HttpServer server;
  private final ExecutorService threads;
  private final Requests requests;
  private final Connections connections;

  private HttpApi(
      Vertx vertx,
      HttpServer server,
      ExecutorService threads,
      Requests requests,
      Connections connections) {
    this.vertx = vertx;
    this.server = server;
    this.threads = threads;
    this.requests = requests;
    this.connections = connections;
  }

  /// Starts to serve. Blocks until the port is open.
  ///
  /// @throws IOException if it cannot be opened; the message says why
  public static HttpApi start(
      HttpSettings settings, RestApi.Node node, HttpMeter meter, InstantSource clock)
      throws IOException, InterruptedException {
    return start(settings, node, meter, Tracing.off(), clock);
  }

  /// Starts to serve, with traces.
  ///
  /// @throws IOException if it cannot be opened; the message says why
  public static HttpApi start(
      HttpSettings settings,
      RestApi.Node node,
      HttpMeter meter,
      Tracing tracing,
      InstantSource clock)
      throws IOException, InterruptedException {
    return start(settings, node, meter, tracing, clock, HttpLimits.DEFAULT);
  }

  static HttpApi start(
      HttpSettings settings,
      RestApi.Node node,
      HttpMeter meter,
      Tracing tracing,
      InstantSource clock,
      HttpLimits limits)
      throws IOException, InterruptedException {
    boolean isSecure = settings.tls().isPresent();
    var vertx = Vertx.vertx(vertxOptions());
    var threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("http-", 0).factory());
    var rest = new RestApi(node, new Origins(settings.names(), isSecure), isSecure, clock);
    var requests = new Requests(rest, new Dashboard(), meter, tracing, limits, threads);
    var connections = new Connections(vertx, limits.connections());
    var server = vertx.createHttpServer(serverOptions(settings));
    server.connectionHandler(connections::opened);
    server.invalidRequestHandler(request -> {
      connections.drained(request.connection());
      refuse(request);
    });
    server.exceptionHandler(broken -> LOG.debug("a connection broke", broken));
    server.requestHandler(request -> {
      var connection = request.connection();
      connections.begun(connection);
      request.response().endHandler(_ -> connections.ended(connection));
      requests.take(new Exchange(vertx.getOrCreateContext(), request, isSecure));
    });
    var api = new HttpApi(vertx, server, threads, requests, connections);
    api.listen(settings);
    return api;
  }

  /// The port that is served.
  public int port() {
    return server.actualPort();
  }

  /// What it has in hand.
  public HttpLoad load() {
    return new HttpLoad(
        connections.count(),
        connections.refused(),
        requests.underWay(),
        requests.streaming(),
        Requests.BODY_BYTES_MAX - requests.roomForBodies());
  }

  /// Bytes of bodies that may still be taken now.
  int roomForBodies() {
    return requests.roomForBodies();
  }

  /// Stops. Requests under way are broken off after a few seconds.
  @Override
  public void close() {
    threads.shutdownNow();
    try {
      vertx
          .close()
          .toCompletionStage()
          .toCompletableFuture()
          .get(STOP_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException late) {
      LOG.warn("the HTTP port did not close in time", late);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Answers what is no request. The answer is not ended, for that would close the connection, and
  /// who is still sending would lose the answer with it.
  private static void refuse(HttpServerRequest malformed) {
    var problem =
        switch (malformed.decoderResult().cause()) {
          case TooLongHttpLineException _ ->
              Problem.of(
                  Problem.Kind.LINE_TOO_LONG,
                  "A request line may have %d bytes.".formatted(LINE_BYTES_MAX));
          case TooLongHttpHeaderException _ ->
              Problem.of(
                  Problem.Kind.HEAD_TOO_LONG,
                  "A head may have %d bytes; a longer token goes into the body."
                      .formatted(HEAD_BYTES_MAX));
          default -> Problem.malformed("This is not HTTP/1.1.");
        };
    var answer = problem.answer();
    malformed
        .response()
        .setStatusCode(answer.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, answer.type())
        .putHeader(HttpHeaders.CONTENT_LENGTH, String.valueOf(answer.body().length))
        .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
        .write(Buffer.buffer(answer.body()));
  }

  private void listen(HttpSettings settings) throws IOException, InterruptedException {
    try {
      server
          .listen(settings.port(), settings.host())
          .toCompletionStage()
          .toCompletableFuture()
          .get();
    } catch (ExecutionException refused) {
      close();
      throw new IOException(
          "HTTP cannot be served on %s:%d: %s. Free the port or configure another."
              .formatted(settings.host(), settings.port(), reason(refused)),
          refused);
    }
  }

  private static String reason(ExecutionException refused) {
    var cause = refused.getCause();
    return cause == null ? refused.toString() : String.valueOf(cause.getMessage());
  }

  private static VertxOptions vertxOptions() {
    return new VertxOptions()
        .setEventLoopPoolSize(EVENT_LOOPS)
        .setWorkerPoolSize(1)
        .setInternalBlockingPoolSize(2)
        .setBlockedThreadCheckInterval(500)
        .setMaxEventLoopExecuteTime(250)
        .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS)
        .setFileSystemOptions(
            new FileSystemOptions()
                .setClassPathResolvingEnabled(false)
                .setFileCachingEnabled(false));
  }

  private static HttpServerOptions serverOptions(HttpSettings settings) {
    var options =
        new HttpServerOptions()
            .setHttp2ClearTextEnabled(false)
            .setMaxInitialLineLength(LINE_BYTES_MAX)
            .setMaxHeaderSize(HEAD_BYTES_MAX)
            .setMaxFormBufferedBytes(0)
            .setDecompressionSupported(false)
            .setMaxWebSocketFrameSize(SOCKET_BYTES_MAX)
            .setMaxWebSocketMessageSize(SOCKET_BYTES_MAX)
            .setPerFrameWebSocketCompressionSupported(false)
            .setPerMessageWebSocketCompressionSupported(false)
            .setIdleTimeout(IDLE_SECONDS_MAX);
    settings
        .tls()
        .ifPresent(keys ->
            options
                .setSsl(true)
                .setUseAlpn(true)
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.3"))
                .setKeyCertOptions(KeyCertOptions.wrap(keys)));
    return options;
  }
}
