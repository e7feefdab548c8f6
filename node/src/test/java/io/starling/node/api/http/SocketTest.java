package io.starling.node.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.starling.node.access.Principal;
import io.starling.node.access.Role;
import io.starling.node.space.Watch;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SocketTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private ServedNode node;
  private HttpClient client;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    node = new ServedNode();
    client = HttpClient.newHttpClient();
  }

  @AfterEach
  void stop() {
    client.shutdownNow();
    node.close();
  }

  /// A connection that keeps what it is sent.
  private final class Client implements WebSocket.Listener, AutoCloseable {
    private final LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final StringBuilder part = new StringBuilder();
    private final WebSocket socket;

    Client(String token) throws InterruptedException, ExecutionException {
      socket = connect(token, this);
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
      part.append(text);
      if (last) {
        messages.add(part.toString());
        part.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      messages.add("closed " + code);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable broken) {
      messages.add("broken " + broken);
    }

    void say(String text) throws InterruptedException, ExecutionException {
      socket.sendText(text, true).get();
    }

    String hear() throws InterruptedException {
      var message = messages.poll(20, TimeUnit.SECONDS);
      return message == null ? "silence" : message;
    }

    JsonNode next() throws Exception {
      return JSON.readTree(hear());
    }

    @Override
    public void close() {
      socket.abort();
    }
  }

  private WebSocket connect(String token, WebSocket.Listener listener)
      throws InterruptedException, ExecutionException {
    var builder = client.newWebSocketBuilder();
    if (!token.isEmpty()) {
      builder.header("Authorization", "Bearer " + token);
    }
    var address = URI.create("ws://127.0.0.1:" + node.api.port() + "/api/v1/socket");
    return builder.buildAsync(address, listener).get();
  }

  @Test
  void transactionsAreAnsweredUnderTheirNumbers() throws Exception {
    try (var it = new Client(ServedNode.WRITER)) {
      it.say("{\"id\":7,\"apply\":{\"mutations\":[{\"op\":\"set\",\"key\":\"a\",\"value\":1}]}}");
      var applied = it.next();
      assertThat(applied.get("id").asInt()).isEqualTo(7);
      assertThat(applied.at("/applied/operations").asInt()).isEqualTo(1);
      assertThat(applied.at("/applied/token").asText()).isNotEmpty();
      it.say("{\"id\":8,\"apply\":{\"mutations\":[{\"op\":\"increment\",\"key\":\"a\"}]}}");
      var refused = it.next();
      assertThat(refused.at("/problem/type").asText())
          .isEqualTo("urn:starling:problem:type-mismatch");
      assertThat(refused.at("/problem/status").asInt()).isEqualTo(409);
    }
  }

  @Test
  void aWatchTellsTheSameEventsAsOthersAndEndsWhenCancelled() throws Exception {
    node.call(ServedNode.WRITER, "PUT", "/api/v1/spaces/main/keys/a/x", "1");
    try (var it = new Client(ServedNode.WRITER)) {
      it.say("{\"id\":1,\"watch\":{\"prefix\":\"a/\"}}");
      assertThat(it.next().get("event").asText()).isEqualTo("snapshot-begin");
      assertThat(it.hear())
          .isEqualTo(
              "{\"id\":1,\"event\":\"row\",\"key\":\"a/x\",\"type\":\"register\",\"value\":1}");
      assertThat(it.next().get("event").asText()).isEqualTo("snapshot-end");
      assertThat(it.next().get("event").asText()).isEqualTo("up-to-date");
      node.call(ServedNode.WRITER, "DELETE", "/api/v1/spaces/main/keys/a/x", "");
      assertThat(it.hear())
          .isEqualTo(
              "{\"id\":1,\"event\":\"change\",\"key\":\"a/x\",\"type\":\"absent\",\"value\":null}");
      assertThat(it.next().get("token").asText()).isNotEmpty();
      it.say("{\"id\":1,\"cancel\":true}");
      awaitWatches(0);
      it.say("{\"id\":1,\"cancel\":true}");
      assertThat(it.next().at("/problem/detail").asText()).contains("No watch runs");
    }
  }

  @Test
  void watchesEndWithTheirConnection() throws Exception {
    try (var it = new Client(ServedNode.READER)) {
      it.say("{\"id\":1,\"watch\":{\"from\":\"now\"}}");
      assertThat(it.next().get("event").asText()).isEqualTo("up-to-date");
      awaitWatches(1);
    }
    awaitWatches(0);
  }

  @Test
  void theEndOfAWatchIsToldAndTheConnectionGoesOn() throws Exception {
    try (var it = new Client(ServedNode.READER)) {
      it.say("{\"id\":1,\"watch\":{\"from\":\"now\"}}");
      it.next();
      node.spaces.space("main").end(Watch.End.SLOW);
      assertThat(it.next().get("reason").asText()).isEqualTo("slow");
      it.say("{\"id\":1,\"watch\":{\"from\":\"now\"}}");
      assertThat(it.next().get("event").asText()).isEqualTo("up-to-date");
    }
  }

  @Test
  void badMessagesAreAnsweredAndTheConnectionGoesOn() throws Exception {
    try (var it = new Client(ServedNode.READER)) {
      for (var bad :
          new String[] {
            "nonsense",
            "[]",
            "{}",
            "{\"id\":-1,\"cancel\":true}",
            "{\"id\":1}",
            "{\"id\":1,\"watch\":{},\"cancel\":true}",
            "{\"id\":1,\"watch\":{\"from\":\"monday\"}}",
            "{\"id\":1,\"watch\":{\"resume\":\"x\"}}",
            "{\"id\":1,\"watch\":{\"space\":\"none\"}}",
            "{\"id\":1,\"apply\":{\"mutations\":[]}}",
            "{\"id\":1,\"apply\":{\"mutations\":[{\"op\":\"set\",\"key\":\"a\",\"value\":1}]}}",
            "{\"id\":1,\"surprise\":{}}"
          }) {
        it.say(bad);
        assertThat(it.next().at("/problem/status").asInt()).as(bad).isBetween(400, 499);
      }
    }
  }

  @Test
  void tooManyWatchesOnOneConnectionAreRefused() throws Exception {
    try (var it = new Client(ServedNode.READER)) {
      for (int i = 0; i < 32; i++) {
        it.say("{\"id\":" + i + ",\"watch\":{\"from\":\"now\"}}");
        assertThat(it.next().get("event").asText()).isEqualTo("up-to-date");
      }
      it.say("{\"id\":99,\"watch\":{\"from\":\"now\"}}");
      assertThat(it.next().at("/problem/status").asInt()).isEqualTo(429);
    }
  }

  @Test
  void aMessageInSeveralFramesIsOneMessage() throws Exception {
    try (var it = new Client(ServedNode.WRITER)) {
      it.socket.sendText("{\"id\":1,", false).get();
      it.socket.sendText("\"cancel\":", false).get();
      it.say("true}");
      assertThat(it.next().at("/problem/detail").asText()).contains("No watch runs");
    }
  }

  @Test
  void aMessageMayBeginWithAnEmptyFrame() throws Exception {
    try (var it = new Client(ServedNode.WRITER)) {
      it.socket.sendText("", false).get();
      it.say("{\"id\":1,\"cancel\":true}");
      assertThat(it.next().at("/problem/detail").asText()).contains("No watch runs");
    }
  }

  @Test
  void whoeverAsksWhetherTheNodeIsThereIsAnsweredAndStays() throws Exception {
    try (var it = new Client(ServedNode.WRITER)) {
      it.socket.sendPing(ByteBuffer.wrap(new byte[] {1})).get();
      it.socket.sendText("{\"id\":1,", false).get();
      it.socket.sendPing(ByteBuffer.wrap(new byte[] {2})).get();
      it.socket.sendPong(ByteBuffer.wrap(new byte[] {3})).get();
      it.say("\"cancel\":true}");
      assertThat(it.next().at("/problem/detail").asText()).contains("No watch runs");
    }
  }

  @Test
  void aCharacterMayBeSplitBetweenFrames() throws Exception {
    var message =
        "{\"id\":1,\"apply\":{\"mutations\":[{\"op\":\"set\",\"key\":\"a\",\"value\":\"zürich\"}]}}"
            .getBytes(StandardCharsets.UTF_8);
    int middle = new String(message, StandardCharsets.ISO_8859_1).indexOf('\u00c3') + 1;
    try (var raw = new RawSocket(node.api.port(), ServedNode.WRITER)) {
      raw.frame(RawSocket.TEXT, false, Arrays.copyOf(message, middle));
      raw.frame(RawSocket.CONTINUATION, true, Arrays.copyOfRange(message, middle, message.length));
      assertThat(raw.hear()).contains("\"applied\"");
    }
    var read = node.call(ServedNode.READER, "GET", "/api/v1/spaces/main/keys/a", "");
    assertThat(JSON.readTree(read.body()).get("value").asText()).isEqualTo("zürich");
  }

  @Test
  void aMessageThatIsNoTextEndsTheConnection() throws Exception {
    try (var raw = new RawSocket(node.api.port(), ServedNode.WRITER)) {
      raw.frame(RawSocket.TEXT, true, new byte[] {'"', (byte) 0xff, '"'});
      assertThat(raw.closed()).isEqualTo(1007);
    }
  }

  @Test
  void whoeverAsksEndlesslyAndHearsNoAnswerIsLetGo() throws Exception {
    try (var raw = new RawSocket(node.api.port(), ServedNode.READER)) {
      var payload = new byte[125];
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 400_000; i++) {
                  raw.frame(RawSocket.PING, true, payload);
                }
              })
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aMessageThatIsTooLargeEndsTheConnection() throws Exception {
    try (var it = new Client(ServedNode.WRITER)) {
      it.say("{\"id\":1,\"apply\":\"" + "x".repeat(70_000) + "\"}");
      assertThat(it.hear()).isEqualTo("closed 1009");
    }
  }

  @Test
  void bytesAreNotTaken() throws Exception {
    try (var it = new Client(ServedNode.WRITER)) {
      it.socket.sendBinary(ByteBuffer.wrap(new byte[] {1, 2}), true).get();
      assertThat(it.hear()).isEqualTo("closed 1003");
    }
  }

  @Test
  void whoeverHasNoTokenIsNotLetIn() {
    assertThatThrownBy(() -> new Client(ServedNode.NOBODY))
        .hasCauseInstanceOf(WebSocketHandshakeException.class);
  }

  @Test
  void whoeverMayNoLongerWriteDoesNotGoOnWriting() throws Exception {
    try (var it = new Client(ServedNode.WRITER)) {
      var write = "{\"id\":1,\"apply\":{\"mutations\":[{\"op\":\"increment\",\"key\":\"n\"}]}}";
      it.say(write);
      assertThat(it.next().has("applied")).isTrue();
      node.tokens.put(ServedNode.WRITER, new Principal("token:writer", Role.READER));
      it.say(write);
      assertThat(it.hear()).isEqualTo("closed 1008");
    }
    var read = node.call(ServedNode.READER, "GET", "/api/v1/spaces/main/keys/n", "");
    assertThat(JSON.readTree(read.body()).get("value").asInt()).isEqualTo(1);
  }

  @Test
  void aBrowsersCookieIsGoodFromTheNodesOwnPagesAlone() throws Exception {
    var session =
        node.call(
            ServedNode.NOBODY,
            "POST",
            "/api/v1/session",
            "{\"token\":\"" + ServedNode.WRITER + "\"}");
    var header = session.headers().firstValue("Set-Cookie").orElseThrow();
    var cookie = header.substring(0, header.indexOf(';'));
    assertThat(upgrade(cookie, node.origin())).startsWith("HTTP/1.1 101");
    assertThat(upgrade(cookie, "http://evil.example")).startsWith("HTTP/1.1 403");
    assertThat(upgrade(cookie, "")).startsWith("HTTP/1.1 403");
  }

  /// What the node answers to a browser that asks for a WebSocket.
  private String upgrade(String cookie, String origin) throws IOException {
    try (var socket = new Socket("127.0.0.1", node.api.port())) {
      var request =
          "GET /api/v1/socket HTTP/1.1\r\nHost: 127.0.0.1:"
              + node.api.port()
              + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
              + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nCookie: "
              + cookie
              + "\r\n"
              + (origin.isEmpty() ? "" : "Origin: " + origin + "\r\n")
              + "\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      var in = new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII);
      return new BufferedReader(in).readLine();
    }
  }

  @Test
  void aPlainRequestIsToldWhatIsSpokenHere() throws Exception {
    var answer = node.call(ServedNode.READER, "GET", "/api/v1/socket", "");
    assertThat(answer.statusCode()).isEqualTo(426);
  }

  private void awaitWatches(int count) {
    Awaitility.await().until(() -> node.spaces.space("main").watchCount() == count);
  }
}
