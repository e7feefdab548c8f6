package io.starling.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.NoSuchElementException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ReadingTest {

  private static Reading of(String json) {
    return new Reading(Place.at("user/7", "x"), json, false, false, Optional.empty());
  }

  @Test
  void scalarsAreReadAsTheirKind() {
    assertThat(of("9223372036854775807").asLong()).isEqualTo(Long.MAX_VALUE);
    assertThat(of("1.5e3").asDouble()).isEqualTo(1500.0);
    assertThat(of("true").asBoolean()).isTrue();
    assertThat(of("\"a\\n\\\"\\u00e9\\ud83d\\ude00\\\\\"").asText()).isEqualTo("a\n\"é😀\\");
  }

  @Test
  void otherKindsAreNamed() {
    assertThatThrownBy(() -> of("\"seven\"").asLong())
        .hasMessage("user/7#x reads \"seven\", not a number");
    assertThatThrownBy(() -> of("7").asText()).hasMessage("user/7#x reads 7, not a text");
    assertThatThrownBy(() -> of("\"").asText()).hasMessageContaining("not a text");
    assertThatThrownBy(() -> of("\"a\\\"").asText()).hasMessageContaining("not a text");
    assertThatThrownBy(() -> of("{}").asBoolean()).hasMessageContaining("not true or false");
  }

  @Test
  void whatIsNotThereIsNoValue() {
    var absent = new Reading(Place.at("k"), "null", true, false, Optional.empty());
    assertThat(absent.present()).isEmpty();
    assertThatThrownBy(absent::asLong).isInstanceOf(NoSuchElementException.class);
    assertThatThrownBy(absent::edit).hasMessageContaining("no token");
    var large = new Reading(Place.at("k"), "", false, true, Optional.empty());
    assertThatThrownBy(large::asText).hasMessageContaining("by its parts");
  }
}
