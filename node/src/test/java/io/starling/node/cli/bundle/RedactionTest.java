package io.starling.node.cli.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.json.JsonText;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RedactionTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "token: HUSH",
        "  adminToken : 'HUSH'",
        "token: \"a HUSH b\"",
        "token: one HUSH # remark",
        "token: |\n  line\n  HUSH\nname: n",
        "tokens:\n  - HUSH\n  - HUSH",
        "db.password=HUSH",
        "PASSWORD = HUSH",
        "{\"a\":1,\"client_secret\":\"HUSH\",\"b\":2}",
        "{\"token\": \"x\\\"HUSH\"}",
        "Authorization: Bearer HUSHHUSH",
        "got 'bearer HUSHHUSH' from",
        "authorization: Basic HUSHHUSH==",
        "Cookie: a=b; session=HUSH",
        "Set-Cookie: session=HUSH; HttpOnly",
        "a token st_abcdefghijkl_HUSH-HUSH was refused",
        "st_HUSHHUSH",
        "http://127.0.0.1:7410/sign-in?code=HUSH",
        "jdbc://user:HUSH@host/db",
        "https://HUSH@host/",
        "-----BEGIN PRIVATE KEY-----\nHUSH\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nHUSH",
        "HUSHa0+/\nabc=\n-----END PRIVATE KEY-----",
        "key:\n  -----BEGIN EC PRIVATE KEY-----\n  HUSH\n  -----END EC PRIVATE KEY-----",
        "x-api-key: HUSH",
        "apiKey=HUSH",
        "private_key: HUSH"
      })
  void secretsAreTakenOut(String text) {
    assertThat(Redaction.of(text)).doesNotContain("HUSH").contains(Redaction.MARK);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name: node-1\nlisten:\n  http: 7410",
        "starling_transactions_total{space=\"main\",outcome=\"committed\"} 12.0",
        "2026-11-21 WARN  Dialler: no stream to 127.0.0.1:29022: Connection refused",
        "{\"digest\":\"cd5576ac1a40cd5576ac1a40cd5576ac1a40cd5576ac1a40cd5576ac1a40cd55\"}",
        "keys/one two"
      })
  void whatIsNoSecretStays(String text) {
    assertThat(Redaction.of(text)).isEqualTo(text);
  }

  @Test
  void jsonStaysJson() throws Exception {
    var text = "{\"a\":\"b\",\"token\":\"HUSH\",\"deep\":{\"password\":\"x, y\"},\"n\":1}";
    assertThat(JsonText.parse(Redaction.of(text)))
        .isEqualTo(
            JsonText.parse(
                "{\"a\":\"b\",\"token\":\"[redacted]\",\"deep\":{\"password\":\"[redacted]\"},\"n\":1}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x=",
        "x",
        "token",
        "\\\"",
        " ",
        "\n",
        "token:\n  x",
        "a\n-",
        "://",
        "-----BEGIN "
      })
  void whatWouldTakeForeverOrTooDeepDoesNot(String piece) {
    for (var text : List.of("token: \"", "password=", "")) {
      var large = text + piece.repeat((1 << 17) / piece.length());
      assertThat(Redaction.of(large + "\ntoken=HUSH")).doesNotContain("HUSH");
    }
  }
}
