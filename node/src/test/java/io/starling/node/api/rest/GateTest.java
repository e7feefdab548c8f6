package io.starling.node.api.rest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class GateTest {

  /// What could not come back in a header is not handed out in one; the body has it.
  @Test
  void aTokenTooLongForTheHeadOfARequestIsInTheBodyAlone() {
    var longest = "x".repeat(Gate.HEADER_TOKEN_MAX);
    assertThat(Gate.tokened(longest, Answer.empty()).headers())
        .containsEntry("Starling-Token", longest);
    assertThat(Gate.tokened(longest + "x", Answer.empty()).headers()).isEmpty();
  }
}
