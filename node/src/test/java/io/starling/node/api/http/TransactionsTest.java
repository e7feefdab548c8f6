package io.starling.node.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.message.Token;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a write may ask for beside its change, reading many places at once, and packing.
final class TransactionsTest {

  private static final String MAIN = "/api/v1/spaces/main";
  private static final ObjectMapper JSON = new ObjectMapper();

  private ServedNode node;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    node = new ServedNode();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private HttpRequest.Builder increment() {
    return node.prepare(
        ServedNode.WRITER, "POST", MAIN + "/keys/n", "{\"op\":\"increment\",\"amount\":5}");
  }

  private JsonNode value(String key) throws IOException, InterruptedException {
    var read = node.call(ServedNode.READER, "GET", MAIN + "/keys/" + key, "");
    return JSON.readTree(read.body()).get("value");
  }

  @Test
  void aNamedWriteIsMadeOnce() throws IOException, InterruptedException {
    var first = node.send(increment().header("Idempotency-Key", "\"order-17\""));
    var again = node.send(increment().header("Idempotency-Key", "order-17"));
    assertThat(JSON.readTree(first.body()).has("repeat")).isFalse();
    assertThat(JSON.readTree(again.body()).get("repeat").asBoolean()).isTrue();
    assertThat(value("n").asInt()).isEqualTo(5);
    var other =
        node.send(
            node.prepare(ServedNode.WRITER, "POST", MAIN + "/keys/n", "{\"op\":\"increment\"}")
                .header("Idempotency-Key", "order-17"));
    assertThat(other.statusCode()).isEqualTo(409);
    assertThat(other.body()).contains("used for another transaction");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"\"",
        "with space",
        "x234567890123456789012345678901234567890123456789012345678901234567890"
      })
  void aNameThatIsNoneIsRefused(String name) throws IOException, InterruptedException {
    assertThat(node.send(increment().header("Idempotency-Key", name)).statusCode()).isEqualTo(400);
  }

  @Test
  void aConditionHoldsOrTheWriteIsRefused() throws IOException, InterruptedException {
    var token = JSON.readTree(node.send(increment()).body()).get("token").asText();
    var kept = node.send(increment().header("If-Match", "\"" + token + "\""));
    assertThat(kept.statusCode()).isEqualTo(200);
    var stale = node.send(increment().header("If-Match", "\"" + token + "\""));
    assertThat(stale.statusCode()).isEqualTo(412);
    assertThat(stale.body()).contains("stale-read", "has changed since the token");
    assertThat(value("n").asInt()).isEqualTo(10);
    assertThat(node.send(increment().header("If-Match", "\"x\"")).statusCode()).isEqualTo(400);
  }

  @Test
  void aLevelThatIsNotReachedIsToldAndTheWriteStands() throws IOException, InterruptedException {
    var answer = node.send(increment().header("Starling-Durability", "2"));
    assertThat(answer.statusCode()).isEqualTo(202);
    var durability = JSON.readTree(answer.body()).get("durability");
    assertThat(durability.get("reached").asBoolean()).isFalse();
    assertThat(durability.get("summary").asText()).isEqualTo("durable here and on 0 of 2 asked");
    assertThat(value("n").asInt()).isEqualTo(5);
    var local = node.send(increment().header("Starling-Durability", "local"));
    assertThat(local.statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({"3,409", "most,400", "-1,400"})
  void aLevelThatCannotBeIsRefusedBeforeAnythingIsWritten(String level, int status)
      throws IOException, InterruptedException {
    var answer = node.send(increment().header("Starling-Durability", level));
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(node.call(ServedNode.READER, "GET", MAIN + "/keys/n", "").statusCode())
        .isEqualTo(404);
  }

  @Test
  void membersAreAskedForATokenLater() throws IOException, InterruptedException {
    var token = JSON.readTree(node.send(increment()).body()).get("token").asText();
    var asked = "{\"token\":\"" + token + "\",\"durability\":\"1\"}";
    var answer = node.call(ServedNode.READER, "POST", MAIN + "/receipts", asked);
    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(JSON.readTree(answer.body()).at("/durability/receipt/receipt").asInt()).isEqualTo(1);
    var wrong = node.call(ServedNode.READER, "POST", MAIN + "/receipts", "{\"token\":\"x\"}");
    assertThat(wrong.statusCode()).isEqualTo(422);
  }

  @Test
  void manyPlacesAreReadAtOneCut() throws IOException, InterruptedException {
    node.send(increment());
    node.call(
        ServedNode.WRITER, "PATCH", MAIN + "/keys/d", "{\"name\":\"Bern\",\"geo\":{\"lat\":46.9}}");
    var body =
        "{\"queries\":[{\"key\":\"n\"},{\"key\":\"d\",\"fields\":[\"geo\",\"lat\"]},"
            + "{\"key\":\"none\"}]}";
    var answer = node.call(ServedNode.READER, "POST", MAIN + "/reads", body);
    assertThat(answer.statusCode()).isEqualTo(200);
    var read = JSON.readTree(answer.body());
    assertThat(read.get("readings").toString())
        .isEqualTo(
            "[{\"key\":\"n\",\"type\":\"counter\",\"value\":5},"
                + "{\"key\":\"d\",\"fields\":[\"geo\",\"lat\"],\"type\":\"register\",\"value\":46.9},"
                + "{\"key\":\"none\",\"type\":\"absent\",\"value\":null}]");
    assertThat(answer.headers().firstValue("Starling-Token")).contains(read.get("token").asText());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"queries\":[]}",
        "{\"queries\":[{}]}",
        "{\"queries\":[{\"key\":\"a\",\"elements\":0}]}",
        "{\"queries\":[{\"key\":\"a\",\"elments\":1}]}",
        "{\"queries\":[{\"key\":\"\"}]}"
      })
  void aReadThatIsNoneIsRefused(String body) throws IOException, InterruptedException {
    var answer = node.call(ServedNode.READER, "POST", MAIN + "/reads", body);
    assertThat(answer.statusCode()).isEqualTo(422);
  }

  @Test
  void aReadOfTooMuchIsRefusedWhole() throws IOException, InterruptedException {
    node.call(ServedNode.WRITER, "PUT", MAIN + "/keys/a", "\"" + "x".repeat(50_000) + "\"");
    node.call(
        ServedNode.WRITER, "PATCH", MAIN + "/keys/b", "{\"c\":\"" + "y".repeat(50_000) + "\"}");
    for (var key : new String[] {"a", "b"}) {
      var queries = ("{\"key\":\"" + key + "\"},").repeat(199) + "{\"key\":\"" + key + "\"}";
      var answer =
          node.call(ServedNode.READER, "POST", MAIN + "/reads", "{\"queries\":[" + queries + "]}");
      assertThat(answer.statusCode()).isEqualTo(413);
      assertThat(answer.body()).contains("ask for less");
    }
  }

  /// Too long for a header; the bound of a head stays, for every connection could make use of it.
  @Test
  void theLongestTokenGoesIntoTheBody() throws IOException, InterruptedException {
    var space = node.spaces.space("main").id();
    var heads = new ArrayList<Token.Prefix>();
    for (int i = 0; i < Token.HEADS_MAX; i++) {
      var replica = new ReplicaId(new KeyFingerprint(Long.MAX_VALUE, Long.MAX_VALUE), i);
      heads.add(new Token.Prefix(replica, Integer.MAX_VALUE, Long.MAX_VALUE));
    }
    var longest = new Token(space, heads).toText();
    var reads = "/api/v1/spaces/main/reads";
    var now = node.spaces.space("main").status().token().toText();
    for (var token : List.of(now, longest)) {
      int expected = token.equals(now) ? 200 : 503;
      var read = "{\"queries\":[{\"key\":\"k\"}],\"token\":\"" + token + "\"}";
      assertThat(hurried(reads, read).statusCode()).isEqualTo(expected);
      for (var field : List.of("context", "unchangedSince")) {
        var write =
            "{\"mutations\":[{\"op\":\"increment\",\"key\":\"long/"
                + field
                + "\"}],\""
                + field
                + "\":\""
                + token
                + "\"}";
        assertThat(hurried("/api/v1/spaces/main/transactions", write).statusCode())
            .as(field)
            .isEqualTo(expected);
      }
    }
    var header = node.prepare(ServedNode.WRITER, "POST", reads, "{\"queries\":[{\"key\":\"k\"}]}");
    assertThat(node.send(header.header("Starling-Token", longest)).statusCode()).isEqualTo(431);
  }

  private HttpResponse<String> hurried(String path, String body)
      throws IOException, InterruptedException {
    var request = node.prepare(ServedNode.WRITER, "POST", path, body);
    return node.send(request.header("Starling-Wait", "1ms"));
  }

  @Test
  void moreThanAThousandPlacesAreRefused() throws IOException, InterruptedException {
    var queries = "{\"key\":\"a\"},".repeat(1_000) + "{\"key\":\"a\"}";
    var answer =
        node.call(ServedNode.READER, "POST", MAIN + "/reads", "{\"queries\":[" + queries + "]}");
    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(answer.body()).contains("1 to 1000");
  }

  @ParameterizedTest
  @CsvSource({"gzip,true", "'br, *',true", "'gzip;q=0',false", "identity,false"})
  void longAnswersArePackedForWhoTakesThemSo(String accepted, boolean packed) throws Exception {
    var text = "x".repeat(5_000);
    node.call(ServedNode.WRITER, "PUT", MAIN + "/keys/long", "\"" + text + "\"");
    var request =
        node.prepare(ServedNode.READER, "GET", MAIN + "/keys/long", "")
            .header("Accept-Encoding", accepted);
    HttpResponse<byte[]> answer;
    try (var client = HttpClient.newHttpClient()) {
      answer = client.send(request.build(), BodyHandlers.ofByteArray());
    }
    assertThat(answer.headers().firstValue("Vary")).contains("Accept-Encoding");
    assertThat(answer.headers().firstValue("Content-Encoding").isPresent()).isEqualTo(packed);
    var body = answer.body();
    if (packed) {
      assertThat(body.length).isLessThan(500);
      body = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
    }
    assertThat(new String(body, StandardCharsets.UTF_8)).contains(text);
  }

  @Test
  void shortAnswersAreNotPacked() throws IOException, InterruptedException {
    node.send(increment());
    var answer =
        node.send(
            node.prepare(ServedNode.READER, "GET", MAIN + "/keys/n", "")
                .header("Accept-Encoding", "gzip"));
    assertThat(answer.headers().firstValue("Content-Encoding")).isEmpty();
  }
}
