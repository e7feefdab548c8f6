package io.starling.node.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PackingTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"gzip", "GZIP", "*", "br, gzip", "gzip;q=0.5", "*;q=0, gzip", "gzip;q=1, *;q=0"})
  void gzipIsTakenByItsNameOrWithAllOthers(String accepted) {
    assertThat(Packing.takes(accepted)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "br", "gzip;q=0", "*;q=0", "*, gzip;q=0", "gzip ; q=0.000, *", "identity"})
  void whatIsRefusedByItsNameIsNotTakenAmongAllOthers(String accepted) {
    assertThat(Packing.takes(accepted)).isFalse();
  }
}
