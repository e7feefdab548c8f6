package io.starling.node.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class PeerAddressTest {

  @Test
  void readsWhatItWrites() {
    for (var text : List.of("127.0.0.1:7402", "[::1]:1", "node-1.example:65535")) {
      assertThat(PeerAddress.parse(text)).hasToString(text);
    }
  }

  @Test
  void refusesAnythingElse() {
    for (var text :
        List.of("", ":1", "host", "host:", "host:0", "host:65536", "::1:7402", "a b:1")) {
      assertThatThrownBy(() -> PeerAddress.parse(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
