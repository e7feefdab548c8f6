package io.starling.node.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.space.Watch;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class WatchStreamTest {

  private static final String MAIN = "/api/v1/spaces/main";

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

  /// A stream, read event by event.
  private final class Stream implements AutoCloseable {
    private final BufferedReader in;

    Stream(String query) throws IOException, InterruptedException {
      var request = node.prepare(ServedNode.READER, "GET", MAIN + "/watch" + query, "");
      var answer = client.send(request.build(), BodyHandlers.ofInputStream());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Type")).contains("text/event-stream");
      in = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
    }

    String next() throws IOException {
      var event = new StringBuilder();
      for (var line = in.readLine(); line != null; line = in.readLine()) {
        if (line.isEmpty() && event.length() > 0) {
          return event.toString();
        }
        if (!line.isEmpty() && !line.startsWith(":") && !line.startsWith("retry")) {
          event.append(line).append('\n');
        }
      }
      return "over";
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  @Test
  void theStateIsToldFirstThenChangesUnderAPrefixWithATokenToResumeWith()
      throws IOException, InterruptedException {
    node.call(ServedNode.WRITER, "PUT", MAIN + "/keys/a/x", "1");
    try (var stream = new Stream("?prefix=a/")) {
      assertThat(stream.next()).startsWith("event: snapshot-begin\ndata: {\"token\":\"");
      assertThat(stream.next())
          .isEqualTo("event: row\ndata: {\"key\":\"a/x\",\"type\":\"register\",\"value\":1}\n");
      assertThat(stream.next()).startsWith("event: snapshot-end\nid: ");
      assertThat(stream.next()).startsWith("event: up-to-date\nid: ");
      node.call(ServedNode.WRITER, "PUT", MAIN + "/keys/b", "1");
      node.call(ServedNode.WRITER, "PUT", MAIN + "/keys/a/x", "2");
      assertThat(stream.next())
          .isEqualTo("event: change\ndata: {\"key\":\"a/x\",\"type\":\"register\",\"value\":2}\n");
      assertThat(stream.next()).startsWith("event: up-to-date\nid: ");
      node.call(ServedNode.WRITER, "DELETE", MAIN + "/keys/a/x", "");
      assertThat(stream.next()).contains("{\"key\":\"a/x\",\"type\":\"absent\",\"value\":null}");
    }
    awaitWatches(0);
  }

  @Test
  void aLargeChangeIsOnlyNamed() throws IOException, InterruptedException {
    try (var stream = new Stream("?from=now")) {
      stream.next();
      node.call(ServedNode.WRITER, "PUT", MAIN + "/keys/big", "\"" + "x".repeat(100_000) + "\"");
      assertThat(stream.next())
          .contains("{\"key\":\"big\",\"type\":\"register\",\"tooLarge\":true}");
    }
  }

  @Test
  void theEndIsToldWithWhatToDo() throws IOException, InterruptedException {
    try (var stream = new Stream("?form=none&from=now")) {
      stream.next();
      node.spaces.space("main").end(Watch.End.STOPPING);
      assertThat(stream.next())
          .startsWith("event: end\ndata: {\"reason\":\"stopping\"")
          .contains("Resume on another");
      assertThat(stream.next()).isEqualTo("over");
    }
  }

  @Test
  void aWordThatIsNoBeginningIsRefused() throws IOException, InterruptedException {
    var request = node.prepare(ServedNode.READER, "GET", MAIN + "/watch?from=monday", "");
    assertThat(node.send(request).statusCode()).isEqualTo(400);
    var resume = node.prepare(ServedNode.READER, "GET", MAIN + "/watch?resume=AAAA", "");
    assertThat(node.send(resume).statusCode()).isEqualTo(400);
  }

  @Test
  void aStreamThatCannotResumeIsRefused() throws IOException, InterruptedException {
    var request = node.prepare(ServedNode.READER, "GET", MAIN + "/watch", "");
    assertThat(node.send(request.header("Last-Event-ID", "AAAA")).statusCode()).isEqualTo(400);
  }

  private void awaitWatches(int count) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> node.spaces.space("main").watchCount() == count);
  }
}
