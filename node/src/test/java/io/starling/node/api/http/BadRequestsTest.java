package io.starling.node.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is wrong with a request is said clearly, and nothing changes.
final class BadRequestsTest {

  private static ServedNode node;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    node = new ServedNode();
    node.call(ServedNode.WRITER, "PUT", "/api/v1/spaces/main/keys/r", "1");
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET    | /api/v2                                |                         | 404 | This address leads nowhere
          GET    | /api/v1/spaces/none/keys/k             |                         | 404 | no space 'none'
          GET    | /api/v1/spaces/main/keys/none          |                         | 404 | Nothing is at 'none'
          PUT    | /api/v1/status                         | 1                       | 405 | knows GET, not PUT
          DELETE | /api/v1/spaces/main/transactions       |                         | 405 | knows POST
          PUT    | /api/v1/spaces/main/keys/k             | {                       | 400 | line 1
          PUT    | /api/v1/spaces/main/keys/k             | {"a":1,"a":2}           | 400 | uplicate
          PUT    | /api/v1/spaces/main/keys/k             | "\\ud800"               | 400 | surrogate
          PUT    | /api/v1/spaces/main/keys/k             | 1 2                     | 400 | more text
          PUT    | /api/v1/spaces/main/keys/              | 1                       | 422 | must not be empty
          PUT    | /api/v1/spaces/main/keys/%00           | 1                       | 422 | NUL
          PUT    | /api/v1/spaces/main/keys/%FF           | 1                       | 400 | not UTF-8
          GET    | /api/v1/spaces/main/keys/k?form=odd    |                         | 400 | value, view or none
          GET    | /api/v1/spaces/main/keys?limit=0       |                         | 400 | from 1 to 1000
          GET    | /api/v1/spaces/main/keys?limit=1&limit=2 |                       | 400 | given twice
          DELETE | /api/v1/spaces/main/keys/r?filed=geo   |                         | 400 | 'filed' is not known
          POST   | /api/v1/spaces/main/keys/r?field=geo   | {"op":"remove"}         | 400 | there are none
          GET    | /api/v1/spaces/main/keys?lmit=1        |                         | 400 | known are after, elements
          GET    | /api/v1/spaces/main/keys/r?after=x     |                         | 400 | as JSON
          POST   | /api/v1/spaces/main/keys/k             | 7                       | 422 | must be a JSON object
          POST   | /api/v1/spaces/main/keys/k             | []                      | 422 | at least one mutation
          POST   | /api/v1/spaces/main/keys/k             | {"op":"grow"}           | 422 | known are set
          POST   | /api/v1/spaces/main/keys/k             | {"op":"increment","by":1} | 422 | 'by' that is not known
          POST   | /api/v1/spaces/main/keys/k             | {"op":"increment","amount":1.5} | 422 | not a whole number
          POST   | /api/v1/spaces/main/keys/k             | {"op":"increment","amount":9223372036854775808} | 422 | not a whole number
          POST   | /api/v1/spaces/main/keys/k             | {"op":"set"}            | 422 | needs the field 'value'
          POST   | /api/v1/spaces/main/keys/k             | {"op":"set","value":1,"rule":"odd"} | 422 | latest, all, max or min
          POST   | /api/v1/spaces/main/keys/k             | {"op":"set","value":[1],"rule":"max"} | 422 | numbers and text only
          POST   | /api/v1/spaces/main/keys/k             | {"op":"add","elements":[1],"wins":"me"} | 422 | add or remove
          POST   | /api/v1/spaces/main/keys/k             | {"op":"flag","wins":"remove"} | 422 | enable or disable
          POST   | /api/v1/spaces/main/keys/k             | {"op":"add","elements":[]} | 422 | at least one
          POST   | /api/v1/spaces/main/keys/k             | {"op":"merge","patch":[]} | 422 | Only an object
          POST   | /api/v1/spaces/main/keys/k             | {"op":"reset","seen":[{"replica":"x"}]} | 422 | none that a read showed
          PATCH  | /api/v1/spaces/main/keys/k             | [1]                     | 422 | Only an object
          POST   | /api/v1/spaces/main/keys/r             | {"op":"increment"}      | 409 | holds a register, not a counter
          POST   | /api/v1/spaces/main/transactions       | {"mutation":[]}         | 422 | 'mutation' that is not known
          POST   | /api/v1/spaces/main/transactions       | {"mutations":[{"op":"increment"}]} | 422 | Mutation 1 needs the field 'key'
          POST   | /api/v1/spaces                         | {"name":"_mine"}        | 422 | name
          POST   | /api/v1/session                        | {"token":7}             | 422 | not a string
          """)
  void isRefusedWithAReason(String method, String path, String body, int status, String reason)
      throws IOException, InterruptedException {
    var before = node.spaces.space("main").status().digest();
    var answer = node.call(ServedNode.ADMIN, method, path, body == null ? "" : body);
    assertProblem(answer, status, reason);
    assertThat(node.spaces.space("main").status().digest()).isEqualTo(before);
  }

  private static void assertProblem(HttpResponse<String> answer, int status, String reason) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(answer.body())
        .startsWith("{\"type\":\"urn:starling:problem:")
        .contains("\"status\":" + status, reason)
        .doesNotContain("Exception");
  }

  @ParameterizedTest
  @CsvSource({
    "Starling-Token, ???, is no read token",
    "Starling-Token, AAAA, is no read token",
    "Starling-Wait, 5, must be like 250ms or 5s",
    "Starling-Wait, 90s, at most 60s"
  })
  void headersAreReadStrictly(String header, String value, String reason)
      throws IOException, InterruptedException {
    var token = node.spaces.space("main").status().token().toText();
    var request = node.prepare(ServedNode.READER, "GET", "/api/v1/spaces/main/keys/r", "");
    if (header.equals("Starling-Wait")) {
      request.header("Starling-Token", token);
    }
    assertProblem(node.send(request.header(header, value)), 400, reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"})
  void bodiesOfOtherTypesAreRefused(String type) throws IOException, InterruptedException {
    var request =
        node.request("/api/v1/spaces/main/keys/k")
            .header("Authorization", "Bearer " + ServedNode.WRITER)
            .header("Content-Type", type)
            .PUT(BodyPublishers.ofString("1"));
    assertProblem(node.send(request), 415, "application/json");
  }

  @Test
  void aKeyBeyondTheLimitIsRefused() throws IOException, InterruptedException {
    var path = "/api/v1/spaces/main/keys/" + "k".repeat(1_025);
    assertProblem(node.call(ServedNode.WRITER, "PUT", path, "1"), 422, "at most 1024");
    var longest = "/api/v1/spaces/main/keys/" + "%C3%BC".repeat(512);
    assertThat(node.call(ServedNode.WRITER, "PUT", longest, "1").statusCode()).isEqualTo(200);
    node.call(ServedNode.WRITER, "DELETE", longest, "");
  }

  @Test
  void aValueBeyondTheLimitIsRefused() throws IOException, InterruptedException {
    var body = "\"" + "x".repeat(600_000) + "\"";
    var answer = node.call(ServedNode.WRITER, "PUT", "/api/v1/spaces/main/keys/k", body);
    assertProblem(answer, 422, "at most 524288");
  }

  @Test
  void aBodyBeyondTheLimitIsRefusedAnnouncedOrNot() throws IOException, InterruptedException {
    var large = "\"" + "x".repeat(1024 * 1024) + "\"";
    var path = "/api/v1/spaces/main/keys/k";
    assertProblem(node.call(ServedNode.WRITER, "PUT", path, large), 413, "1048576");
    var chunked =
        node.prepare(ServedNode.WRITER, "PUT", path, "1")
            .PUT(
                BodyPublishers.ofInputStream(() ->
                    new java.io.ByteArrayInputStream(large.getBytes(StandardCharsets.UTF_8))));
    assertProblem(node.send(chunked), 413, "1048576");
  }

  @Test
  void aTransactionBeyondTheLimitIsRefusedForGood() throws IOException, InterruptedException {
    var one = "{\"key\":\"k\",\"op\":\"increment\"}";
    var many = "{\"mutations\":[" + one + ("," + one).repeat(10_000) + "]}";
    var answer = node.call(ServedNode.WRITER, "POST", "/api/v1/spaces/main/transactions", many);
    assertProblem(answer, 413, "split it");
    assertThat(answer.headers().firstValue("Retry-After")).isEmpty();
  }

  @Test
  void strangersMayNotSendMuch() throws IOException, InterruptedException {
    var body = "{\"token\":\"" + "x".repeat(5_000) + "\"}";
    var answer = node.call(ServedNode.NOBODY, "POST", "/api/v1/session", body);
    assertProblem(answer, 413, "4096");
  }

  @Test
  void bodiesWaitForRoomAndDoNotTakeMore() throws IOException, InterruptedException {
    var head =
        ("PUT /api/v1/spaces/main/keys/k HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + ServedNode.WRITER
                + "\r\nContent-Type: application/json\r\nContent-Length: 1048576\r\n\r\n\"")
            .getBytes(StandardCharsets.UTF_8);
    var unfinished = new ArrayList<Socket>();
    try {
      for (int i = 0; i < Requests.BODY_BYTES_MAX >> 20; i++) {
        var socket = new Socket(InetAddress.getLoopbackAddress(), node.api.port());
        unfinished.add(socket);
        socket.getOutputStream().write(head);
      }
      Awaitility.await()
          .untilAsserted(() -> assertThat(node.api.roomForBodies()).as("bytes of room").isZero());
      var late =
          Thread.ofVirtual()
              .start(() -> node.quietly(ServedNode.WRITER, "/api/v1/spaces/main/keys/late", "1"));
      assertThat(late.join(Duration.ofMillis(300))).isFalse();
      unfinished.removeFirst().close();
      assertThat(late.join(Duration.ofSeconds(20))).isTrue();
    } finally {
      for (var socket : unfinished) {
        socket.close();
      }
    }
    var written = node.call(ServedNode.READER, "GET", "/api/v1/spaces/main/keys/late", "");
    assertThat(written.statusCode()).isEqualTo(200);
    node.call(ServedNode.WRITER, "DELETE", "/api/v1/spaces/main/keys/late", "");
  }

  @Test
  void nobodysBodyIsTaken() throws IOException, InterruptedException {
    var path = "/api/v1/spaces/main/keys/k";
    var answer = node.call(ServedNode.NOBODY, "PUT", path, "\"" + "x".repeat(200_000) + "\"");
    assertProblem(answer, 401, "Bearer");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003",
        "HELO example.org\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
      })
  void garbageGetsA400OrIsCutOff(String garbage) throws IOException {
    var said = raw(garbage.getBytes(StandardCharsets.ISO_8859_1));
    assertThat(said).doesNotContain("Exception").matches("(?s)|HTTP/\\S+ (400|501) .*");
  }

  @Test
  void randomBytesDoNoHarm() throws IOException, InterruptedException {
    var random = new Random(7);
    for (int i = 0; i < 50; i++) {
      byte[] bytes = new byte[1 + random.nextInt(2_000)];
      random.nextBytes(bytes);
      bytes[bytes.length - 1] = '\n';
      assertThat(raw(bytes)).doesNotContain("Exception");
    }
    assertThat(node.call(ServedNode.NOBODY, "GET", "/api/health", "").statusCode()).isEqualTo(200);
  }

  @Test
  void longLinesAndHeadsAreRefused() throws IOException {
    assertThat(
            raw(
                ("GET /" + "x".repeat(5_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8)))
        .contains(" 414 ");
    assertThat(
            raw(
                ("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(9_000) + "\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8)))
        .contains(" 431 ");
  }

  @Test
  void whoStillSendsALongHeadGetsTheAnswer() throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), node.api.port())) {
      socket.setSoTimeout(15_000);
      var out = socket.getOutputStream();
      out.write("GET / HTTP/1.1\r\nHost: localhost\r\nX: ".getBytes(StandardCharsets.UTF_8));
      out.write("x".repeat(9_000).getBytes(StandardCharsets.UTF_8));
      var said = new String(socket.getInputStream().readNBytes(12), StandardCharsets.UTF_8);
      assertThat(said).isEqualTo("HTTP/1.1 431");
      for (int i = 0; i < 200; i++) {
        out.write("x".repeat(1_000).getBytes(StandardCharsets.UTF_8));
      }
      var rest = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(rest).containsIgnoringCase("connection: close").contains("may have 8192 bytes");
    }
  }

  @Test
  void clearTextHttp2IsOff() throws IOException {
    var upgrade =
        "GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\n"
            + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n";
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), node.api.port())) {
      socket.setSoTimeout(15_000);
      socket.getOutputStream().write(upgrade.getBytes(StandardCharsets.UTF_8));
      var said = new String(socket.getInputStream().readNBytes(12), StandardCharsets.UTF_8);
      assertThat(said).isEqualTo("HTTP/1.1 200");
    }
  }

  private static String raw(byte[] bytes) throws IOException {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), node.api.port())) {
      socket.setSoTimeout(15_000);
      socket.getOutputStream().write(bytes);
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (java.net.SocketException cutOff) {
      return "";
    }
  }
}
