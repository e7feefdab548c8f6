package io.starling.node.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeysTest {

  private static final String KEYS = "/api/v1/spaces/main/keys";

  private ServedNode node;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    node = new ServedNode();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private HttpResponse<String> write(String method, String path, String body)
      throws IOException, InterruptedException {
    return node.call(ServedNode.WRITER, method, path, body);
  }

  private String read(String path) throws IOException, InterruptedException {
    return node.call(ServedNode.READER, "GET", path, "").body();
  }

  @Test
  void everyTypeIsWrittenAndRead() throws IOException, InterruptedException {
    assertThat(write("PUT", KEYS + "/r", "{\"a\":[1,2.5,\"x\"]}").body())
        .startsWith("{\"operations\":1,\"token\":\"");
    write("POST", KEYS + "/c", "{\"op\":\"increment\",\"amount\":-3}");
    write("POST", KEYS + "/s", "{\"op\":\"add\",\"elements\":[\"b\",\"a\",1]}");
    write("POST", KEYS + "/f", "{\"op\":\"flag\",\"enabled\":true}");
    write("PATCH", KEYS + "/d", "{\"name\":\"Bern\",\"geo\":{\"lat\":46.9,\"lon\":7.4}}");

    assertThat(read(KEYS + "/r"))
        .startsWith("{\"key\":\"r\",\"type\":\"register\",\"value\":{\"a\":[1,2.5,\"x\"]},");
    assertThat(read(KEYS + "/c")).contains("\"type\":\"counter\",\"value\":-3");
    assertThat(read(KEYS + "/s")).contains("\"type\":\"set\",\"value\":[1,\"a\",\"b\"]");
    assertThat(read(KEYS + "/f")).contains("\"type\":\"flag\",\"value\":true");
    assertThat(read(KEYS + "/d"))
        .contains(
            "\"type\":\"map\",\"value\":{\"geo\":{\"lat\":46.9,\"lon\":7.4},\"name\":\"Bern\"}");
    assertThat(read(KEYS + "/d?field=geo&field=lat"))
        .startsWith(
            "{\"key\":\"d\",\"fields\":[\"geo\",\"lat\"],\"type\":\"register\",\"value\":46.9,");
  }

  @Test
  void everyOperationTakesBackWhatAnotherDid() throws IOException, InterruptedException {
    write("POST", KEYS + "/c", "{\"op\":\"increment\",\"amount\":5}");
    write("POST", KEYS + "/c", "{\"op\":\"reset\"}");
    assertThat(read(KEYS + "/c")).contains("\"value\":0");

    write(
        "POST",
        KEYS + "/s",
        "[{\"op\":\"add\",\"elements\":[1,2]},{\"op\":\"removeElements\",\"elements\":[1]}]");
    assertThat(read(KEYS + "/s")).contains("\"value\":[2]");

    write("PATCH", KEYS + "/d", "{\"a\":1,\"b\":{\"c\":2}}");
    write("PATCH", KEYS + "/d", "{\"a\":null}");
    write("POST", KEYS + "/d", "{\"op\":\"set\",\"fields\":[\"b\",\"c\"],\"value\":3}");
    assertThat(read(KEYS + "/d")).contains("\"value\":{\"b\":{\"c\":3}}");

    assertThat(write("DELETE", KEYS + "/d", "").statusCode()).isEqualTo(200);
    assertThat(node.call(ServedNode.READER, "GET", KEYS + "/d", "").statusCode()).isEqualTo(404);
    assertThat(write("DELETE", KEYS + "/d", "").body()).startsWith("{\"operations\":0");
  }

  @Test
  void whatWinsIsSaidWithEachChange() throws IOException, InterruptedException {
    write("POST", KEYS + "/s", "{\"op\":\"add\",\"elements\":[1,2],\"wins\":\"remove\"}");
    write(
        "POST", KEYS + "/s", "{\"op\":\"removeElements\",\"elements\":[1,3],\"wins\":\"remove\"}");
    assertThat(read(KEYS + "/s")).contains("\"type\":\"remove-wins-set\",\"value\":[2]");
    assertThat(read(KEYS + "/s?form=view"))
        .contains(
            "\"view\":{\"type\":\"set\",\"wins\":\"remove\",\"elements\":[2],\"more\":false}");
    var refused = write("POST", KEYS + "/s", "{\"op\":\"add\",\"elements\":[1]}");
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body()).contains("holds a remove-wins-set, not a set");

    write("POST", KEYS + "/f", "{\"op\":\"flag\",\"wins\":\"disable\"}");
    assertThat(read(KEYS + "/f?form=view"))
        .contains("\"view\":{\"type\":\"flag\",\"wins\":\"disable\",\"value\":true}");
  }

  @Test
  void keysOfATypeAreListed() throws IOException, InterruptedException {
    for (var key : List.of("t/1", "t/2", "t/3")) {
      write("POST", KEYS + "/" + key, "{\"op\":\"increment\"}");
      write("PUT", KEYS + "/" + key + "r", "1");
    }
    assertThat(read(KEYS + "?prefix=t/&type=counter&limit=2"))
        .startsWith(
            "{\"keys\":[{\"key\":\"t/1\"},{\"key\":\"t/2\"}],\"more\":true,\"after\":\"t/2\"");
    assertThat(read(KEYS + "?prefix=t/&type=counter&limit=2&after=t/2&form=value"))
        .startsWith(
            "{\"keys\":[{\"key\":\"t/3\",\"type\":\"counter\",\"value\":1}],\"more\":false,\"token");
    var refused = node.call(ServedNode.READER, "GET", KEYS + "?type=tree", "");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("'type' must be one of map, register, flag, counter, set");
  }

  @Test
  void aRegisterGoesNoStepBack() throws IOException, InterruptedException {
    write("PUT", KEYS + "/m?rule=max", "70");
    assertThat(write("PUT", KEYS + "/m?rule=max", "50").body()).startsWith("{\"operations\":0");
    assertThat(read(KEYS + "/m?form=view")).contains("\"rule\":\"max\",\"value\":70");
  }

  @Test
  void aResetNamesExactlyWhatWasRead() throws IOException, InterruptedException {
    write("POST", KEYS + "/c", "{\"op\":\"increment\",\"amount\":5}");
    var view = read(KEYS + "/c?form=view");
    var shares = view.substring(view.indexOf("\"shares\":") + 9, view.indexOf(']') + 1);
    write("POST", KEYS + "/c", "{\"op\":\"increment\",\"amount\":2}");
    var reset = write("POST", KEYS + "/c", "{\"op\":\"reset\",\"seen\":" + shares + "}");
    assertThat(reset.statusCode()).isEqualTo(200);
    assertThat(read(KEYS + "/c")).contains("\"value\":2");
  }

  @Test
  void aViewShowsTypesAndWhoWrote() throws IOException, InterruptedException {
    write("PUT", KEYS + "/r", "\"x\"");
    assertThat(read(KEYS + "/r?form=view"))
        .contains(
            "\"view\":{\"type\":\"register\",\"rule\":\"latest\",\"value\":\"x\",\"values\":[{")
        .contains("\"replica\":\"", "\"millis\":", "\"latest\":true");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "places/CH/Bern",
        "/",
        "//",
        "a/../b",
        "..a",
        "ü/🐦",
        "100%",
        "a?b#c&d=e+f",
        " ",
        "<img src=x onerror=alert(1)>",
        "\u202Eevil",
        "a\tb\nc",
        "%2F"
      })
  void aKeyIsJustBytes(String key) throws IOException, InterruptedException {
    var encoded = URLEncoder.encode(key, StandardCharsets.UTF_8).replace("+", "%20");
    assertThat(write("PUT", KEYS + "/" + encoded, "1").statusCode()).isEqualTo(200);
    assertThat(node.call(ServedNode.READER, "GET", KEYS + "/" + encoded, "").statusCode())
        .isEqualTo(200);
    assertThat(read(KEYS + "?prefix=" + encoded)).contains("\"keys\":[{\"key\":");
    assertThat(read(KEYS))
        .contains(io.starling.node.json.JsonText.write(new io.starling.crdt.value.Value.Text(key)));
  }

  @Test
  void slashesMayStandPlain() throws IOException, InterruptedException {
    write("PUT", KEYS + "/a/b/c", "1");
    assertThat(read(KEYS + "/a%2Fb%2Fc")).contains("\"key\":\"a/b/c\"");
  }

  @Test
  void keysArePagedBySeek() throws IOException, InterruptedException {
    var mutations = new StringBuilder();
    for (int i = 0; i < 250; i++) {
      mutations
          .append(i == 0 ? "" : ",")
          .append("{\"key\":\"p/%03d\",\"op\":\"increment\"}".formatted(i));
    }
    var done =
        write("POST", "/api/v1/spaces/main/transactions", "{\"mutations\":[" + mutations + "]}");
    assertThat(done.body()).startsWith("{\"operations\":250");
    assertThat(read(KEYS + "?prefix=p/")).contains("{\"key\":\"p/099\"}],\"more\":true");
    assertThat(read(KEYS + "?prefix=p/&after=p/099&limit=151"))
        .startsWith("{\"keys\":[{\"key\":\"p/100\"}")
        .contains("{\"key\":\"p/249\"}],\"more\":false");
    assertThat(read(KEYS + "?prefix=p/24&limit=2&form=value"))
        .startsWith("{\"keys\":[{\"key\":\"p/240\",\"type\":\"counter\",\"value\":1},");
  }

  @Test
  void elementsArePagedBySeek() throws IOException, InterruptedException {
    write("POST", KEYS + "/s", "{\"op\":\"add\",\"elements\":[1,2,3,4,5]}");
    assertThat(read(KEYS + "/s?elements=2")).contains("\"value\":[1,2],\"more\":true");
    assertThat(read(KEYS + "/s?elements=2&after=2")).contains("\"value\":[3,4],\"more\":true");
    assertThat(read(KEYS + "/s?elements=2&after=4")).contains("\"value\":[5],\"token\"");
  }

  @Test
  void aTransactionIsAllOrNothing() throws IOException, InterruptedException {
    write("PUT", KEYS + "/r", "1");
    var refused =
        write(
            "POST",
            "/api/v1/spaces/main/transactions",
            "{\"mutations\":[{\"key\":\"n\",\"op\":\"increment\"},{\"key\":\"r\",\"op\":\"increment\"}]}");
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body()).contains("holds a register");
    assertThat(node.call(ServedNode.READER, "GET", KEYS + "/n", "").statusCode()).isEqualTo(404);
  }

  @Test
  void aReadTokenIsCarriedInAndOut() throws IOException, InterruptedException {
    var token = write("PUT", KEYS + "/r", "1").headers().firstValue("Starling-Token").orElseThrow();
    var reading =
        node.prepare(ServedNode.READER, "GET", KEYS + "/r", "").header("Starling-Token", token);
    assertThat(node.send(reading).headers().firstValue("Starling-Token")).contains(token);
  }

  @Test
  void anEditReplacesOnlyWhatItsReadShowed() throws IOException, InterruptedException {
    var first = write("PUT", KEYS + "/r", "1").headers().firstValue("Starling-Token").orElseThrow();
    write("PUT", KEYS + "/r", "2");
    var edit =
        node.prepare(ServedNode.WRITER, "PUT", KEYS + "/r", "3").header("Starling-Token", first);
    assertThat(node.send(edit).statusCode()).isEqualTo(200);
    assertThat(read(KEYS + "/r?form=view")).contains("{\"value\":2,", "{\"value\":3,");
  }

  @Test
  void aTokenOfAnotherSpaceIsRefused() throws IOException, InterruptedException {
    node.call(ServedNode.ADMIN, "POST", "/api/v1/spaces", "{\"name\":\"other\"}");
    var token =
        write("PUT", "/api/v1/spaces/other/keys/r", "1")
            .headers()
            .firstValue("Starling-Token")
            .orElseThrow();
    var reading =
        node.prepare(ServedNode.READER, "GET", KEYS + "/r", "").header("Starling-Token", token);
    assertThat(node.send(reading).statusCode()).isEqualTo(412);
    assertThat(node.send(reading).body()).contains("urn:starling:problem:foreign-token");
  }

  @Test
  void aTokenAheadOfTheNodeIsWaitedForAndThenRefused() throws IOException, InterruptedException {
    try (var other = new ServedNode()) {
      var token =
          other
              .call(ServedNode.WRITER, "PUT", KEYS + "/r", "1")
              .headers()
              .firstValue("Starling-Token")
              .orElseThrow();
      var reading =
          node.prepare(ServedNode.READER, "GET", KEYS + "/r", "")
              .header("Starling-Token", token)
              .header("Starling-Wait", "10ms");
      var answer = node.send(reading);
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("Retry-After")).contains("1");
    }
  }
}
