package io.starling.node.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.value.Value;
import io.starling.replica.request.Mutation;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// A port with bounds so small that a test reaches them.
final class HttpLimitsTest {

  private static final String HEALTH = "GET /api/health/live HTTP/1.1\r\nHost: localhost\r\n";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static HttpLimits limits(int connections, int requests, int streams) {
    return new HttpLimits(
        connections, requests, streams, Duration.ofSeconds(30), Duration.ofSeconds(10));
  }

  private static Socket connect(ServedNode node) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), node.api.port());
    socket.setSoTimeout((int) PATIENCE.toMillis());
    return socket;
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /// The first line of what is answered; empty if the node hangs up.
  private static String answer(Socket socket) throws IOException {
    try {
      var in = new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII);
      return Optional.ofNullable(new BufferedReader(in).readLine()).orElse("");
    } catch (SocketException cutOff) {
      return "";
    }
  }

  private static String bearing(String request) {
    return request
        + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
        + ServedNode.WRITER
        + "\r\n";
  }

  @Test
  void aConnectionTooManyIsClosedAtOnceAndThereIsRoomAgainWhenOneGoes() throws Exception {
    try (var node = new ServedNode(limits(2, 8, 8))) {
      try (var first = connect(node);
          var _ = connect(node)) {
        Awaitility.await().until(() -> node.api.load().connections() == 2);
        try (var third = connect(node)) {
          assertThat(third.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(node.api.load().connectionsRefused()).isEqualTo(1);
        say(first, HEALTH + "\r\n");
        assertThat(answer(first)).startsWith("HTTP/1.1 200");
      }
      Awaitility.await().until(() -> node.api.load().connections() == 0);
      try (var later = connect(node)) {
        say(later, HEALTH + "\r\n");
        assertThat(answer(later)).startsWith("HTTP/1.1 200");
      }
    }
  }

  @Test
  void aRequestTooManyIsAnsweredWith503AndThereIsRoomAgainWhenOneIsDone() throws Exception {
    var unfinished =
        bearing("PUT /api/v1/spaces/main/keys/k")
            + "Content-Type: application/json\r\nContent-Length: 1\r\n\r\n";
    try (var node = new ServedNode(limits(8, 2, 8));
        var first = connect(node);
        var second = connect(node);
        var third = connect(node)) {
      say(first, unfinished);
      say(second, unfinished);
      Awaitility.await().until(() -> node.api.load().requests() == 2);
      say(third, HEALTH + "\r\n");
      assertThat(answer(third)).startsWith("HTTP/1.1 503");
      say(first, "1");
      assertThat(answer(first)).startsWith("HTTP/1.1 200");
      say(third, HEALTH + "\r\n");
      assertThat(answer(third)).isNotEmpty();
      say(second, "1");
      assertThat(answer(second)).startsWith("HTTP/1.1 200");
      Awaitility.await().until(() -> node.api.load().requests() == 0);
    }
  }

  @Test
  void aStreamTooManyIsAnsweredWith503AndThereIsRoomAgainWhenOneEnds() throws Exception {
    var watch = bearing("GET /api/v1/spaces/main/watch") + "\r\n";
    try (var node = new ServedNode(limits(8, 8, 2));
        var first = connect(node);
        var _ = new RawSocket(node.api.port(), ServedNode.WRITER)) {
      say(first, watch);
      assertThat(answer(first)).startsWith("HTTP/1.1 200");
      Awaitility.await().until(() -> node.api.load().streams() == 2);
      try (var third = connect(node)) {
        say(third, watch);
        assertThat(answer(third)).startsWith("HTTP/1.1 503");
      }
      first.close();
      Awaitility.await().until(() -> node.api.load().streams() == 1);
      try (var later = connect(node)) {
        say(later, watch);
        assertThat(answer(later)).startsWith("HTTP/1.1 200");
      }
    }
  }

  /// The connection goes too: an end in order would wait for what the client does not take.
  @Test
  void anEventStreamWhoseClientTakesNothingIsLetGo() throws Exception {
    var impatient = new HttpLimits(8, 8, 8, Duration.ofMillis(300), HttpLimits.DEFAULT.upgrade());
    try (var node = new ServedNode(impatient);
        var deaf = new Socket()) {
      fill(node);
      deaf.setReceiveBufferSize(4_096);
      deaf.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), node.api.port()));
      say(deaf, bearing("GET /api/v1/spaces/main/watch") + "\r\n");
      Awaitility.await().until(() -> node.api.load().streams() == 1);
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(() -> {
            assertThat(node.api.load().streams()).as("streams").isZero();
            assertThat(node.api.load().connections()).as("connections").isZero();
            assertThat(node.spaces.space("main").watchCount()).as("watches").isZero();
          });
    }
  }

  // More than the buffers of two sockets hold.
  private static void fill(ServedNode node) throws Exception {
    var value = new Value.Text("x".repeat(60_000));
    for (int i = 0; i < 32; i++) {
      var mutations = new ArrayList<Mutation>();
      for (int j = 0; j < 10; j++) {
        mutations.add(new Mutation.Set(Path.of("k" + i + "/" + j), value, ReadRule.LATEST));
      }
      node.spaces
          .space("main")
          .submit("someone", Optional.empty(), List.copyOf(mutations))
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS);
    }
  }

  /// What nobody waits for any more must not stay open: nothing would end it but the client.
  @Test
  void aWebSocketThatComesTooLateIsClosed() throws Exception {
    var impatient = new HttpLimits(8, 8, 8, HttpLimits.DEFAULT.taken(), Duration.ofMillis(50));
    var isHeld = new CountDownLatch(1);
    var givenUp = new CountDownLatch(1);
    var talks = new ArrayList<String>();
    var vertx = Vertx.vertx();
    try {
      var server =
          vertx
              .createHttpServer()
              .requestHandler(request -> {
                var exchange = new Exchange(vertx.getOrCreateContext(), request, false);
                Thread.startVirtualThread(() -> {
                  try {
                    SocketStream.serve(
                        exchange,
                        impatient,
                        () -> {},
                        sink -> {
                          talks.add("opened " + sink);
                          throw new AssertionError("nobody waits for it");
                        });
                  } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                  }
                  givenUp.countDown();
                });
                // The event loop is busy with this while the other thread's patience ends.
                hold(isHeld);
              })
              .listen(0, "127.0.0.1")
              .toCompletionStage()
              .toCompletableFuture()
              .get(20, TimeUnit.SECONDS);
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.actualPort())) {
        socket.setSoTimeout((int) PATIENCE.toMillis());
        say(
            socket,
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + "\r\n");
        assertThat(givenUp.await(20, TimeUnit.SECONDS)).isTrue();
        isHeld.countDown();
        var all = socket.getInputStream().readAllBytes();
        assertThat(new String(all, StandardCharsets.ISO_8859_1)).startsWith("HTTP/1.1 101");
        assertThat(talks).isEmpty();
      }
    } finally {
      isHeld.countDown();
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }

  private static void hold(CountDownLatch until) {
    try {
      assertThat(until.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
