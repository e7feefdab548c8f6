package io.starling.node.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Sessions, and what other sites' pages cannot do with them.
final class BrowsersTest {

  private static final String KEY = "/api/v1/spaces/main/keys/k";

  private ServedNode node;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    node = new ServedNode();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private String signIn() throws IOException, InterruptedException {
    var answer =
        node.call("", "POST", "/api/v1/session", "{\"token\":\"" + ServedNode.WRITER + "\"}");
    assertThat(answer.body()).isEqualTo("{\"name\":\"token:writer\",\"role\":\"writer\"}");
    return cookie(answer);
  }

  private static String cookie(HttpResponse<String> answer) {
    var header = answer.headers().firstValue("Set-Cookie").orElseThrow();
    assertThat(header).contains("; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200");
    return header.substring(0, header.indexOf(';'));
  }

  private int put(String cookie, String origin) throws IOException, InterruptedException {
    var request = node.prepare("", "PUT", KEY, "1").header("Cookie", cookie);
    if (!origin.isEmpty()) {
      request.header("Origin", origin);
    }
    return node.send(request).statusCode();
  }

  @Test
  void aTokenIsTradedForACookie() throws IOException, InterruptedException {
    var cookie = signIn();
    assertThat(put(cookie, node.origin())).isEqualTo(200);
    var session = node.request("/api/v1/session").header("Cookie", "other=1; " + cookie);
    assertThat(node.send(session).body()).contains("\"role\":\"writer\"");
  }

  @Test
  void aPageOfAnotherOriginChangesNothing() throws IOException, InterruptedException {
    var cookie = signIn();
    assertThat(put(cookie, "https://evil.example")).isEqualTo(403);
    assertThat(put(cookie, "null")).isEqualTo(403);
    assertThat(put(cookie, "")).isEqualTo(403);
    assertThat(put(cookie, "http://127.0.0.1:1")).isEqualTo(403);
    var signIn =
        node.prepare("", "POST", "/api/v1/session", "{\"token\":\"" + ServedNode.WRITER + "\"}")
            .header("Origin", "https://evil.example");
    assertThat(node.send(signIn).statusCode()).isEqualTo(403);
  }

  @Test
  void aSessionEndsByRequestAndWithItsToken() throws IOException, InterruptedException {
    var first = signIn();
    var out = node.prepare("", "DELETE", "/api/v1/session", "").header("Cookie", first);
    assertThat(node.send(out.header("Origin", node.origin())).statusCode()).isEqualTo(204);
    assertThat(put(first, node.origin())).isEqualTo(401);

    var second = signIn();
    node.tokens.remove(ServedNode.WRITER);
    assertThat(put(second, node.origin())).isEqualTo(401);
  }

  @Test
  void aSignInLinkWorksOnce() throws IOException, InterruptedException {
    var first = node.send(node.request("/sign-in?code=" + ServedNode.LINK));
    assertThat(first.statusCode()).isEqualTo(303);
    assertThat(first.headers().firstValue("Location")).contains("/");
    assertThat(put(cookie(first), node.origin())).isEqualTo(200);
    var second = node.send(node.request("/sign-in?code=" + ServedNode.LINK));
    assertThat(second.headers().firstValue("Location")).contains("/#/signed-out/link");
    assertThat(second.headers().firstValue("Set-Cookie")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:PORT, 200",
    "localhost:PORT, 200",
    "[::1]:PORT, 200",
    "node.localhost, 200",
    "evil.example, 421",
    "evil.example:PORT, 421",
    "127.0.0.1.evil.example, 421",
    "'', 400",
  })
  void aNodeAnswersToItsOwnNamesOnly(String host, int status) throws IOException {
    var request = "GET /api/health HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n";
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), node.api.port())) {
      var named = host.replace("PORT", Integer.toString(node.api.port()));
      socket
          .getOutputStream()
          .write(request.replace("HOST", named).getBytes(StandardCharsets.UTF_8));
      var said = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (status == 400) {
        assertThat(said).matches("(?s)HTTP/1.1 4.*");
      } else {
        assertThat(said).startsWith("HTTP/1.1 " + status);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"/, no-cache", "/api/health, no-store", "/api/v1/status, no-store", "/x, no-store"})
  void everyAnswerIsLockedDown(String path, String caching)
      throws IOException, InterruptedException {
    var headers = node.send(node.request(path)).headers();
    assertThat(headers.firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(headers.firstValue("X-Content-Type-Options")).contains("nosniff");
    assertThat(headers.firstValue("Referrer-Policy")).contains("no-referrer");
    assertThat(headers.firstValue("Cross-Origin-Opener-Policy")).contains("same-origin");
    assertThat(headers.firstValue("Cross-Origin-Resource-Policy")).contains("same-origin");
    assertThat(headers.firstValue("Cache-Control")).contains(caching);
    assertThat(headers.firstValue("Access-Control-Allow-Origin")).isEmpty();
  }
}
