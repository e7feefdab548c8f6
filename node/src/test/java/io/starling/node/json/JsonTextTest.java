package io.starling.node.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTextTest {

  @Property(tries = 2_000)
  void whatIsWrittenReadsBackAsAnEqualValue(@ForAll("values") Value value)
      throws MalformedException {
    var json = JsonText.write(value);

    assertThat(JsonText.parse(json)).isEqualTo(value);
    assertThat(JsonText.parse(json.getBytes(StandardCharsets.UTF_8))).isEqualTo(value);
  }

  @Provide
  Arbitrary<Value> values() {
    return Values.any();
  }

  @ParameterizedTest
  @CsvSource({
    "1, Int",
    "9223372036854775807, Int",
    "1.0, Real",
    "1e300, Real",
    "9223372036854775809, Decimal",
    "0.10000000000000000000001, Decimal"
  })
  void numbersTakeTheNarrowestKind(String json, String kind) throws MalformedException {
    assertThat(JsonText.parse(json).getClass().getSimpleName()).isEqualTo(kind);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[1,",
        "nul",
        "{\"a\":1,\"a\":2}",
        "1 2",
        "{} x",
        "NaN",
        "01",
        "\"\\ud800\"",
        "{\"\\udfff\":1}",
        "1e999999999",
        "1e99999999999",
        "'a'",
        "[1,]",
        "\"\u0001\""
      })
  void malformedTextIsRefusedOnOneLine(String json) {
    assertThatThrownBy(() -> JsonText.parse(json))
        .isInstanceOf(MalformedException.class)
        .message()
        .isNotBlank()
        .doesNotContain("\n", "`");
  }

  @Test
  void nestingBeyondTheLimitIsRefused() throws MalformedException {
    var deepest = "[".repeat(Value.DEPTH_MAX) + "]".repeat(Value.DEPTH_MAX);

    assertThat(JsonText.parse(deepest).depth()).isEqualTo(Value.DEPTH_MAX);
    assertThatThrownBy(() -> JsonText.parse("[" + deepest + "]"))
        .hasMessageNotContaining("`")
        .isInstanceOf(MalformedException.class);
  }
}
