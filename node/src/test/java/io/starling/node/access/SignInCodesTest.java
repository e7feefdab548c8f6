package io.starling.node.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class SignInCodesTest {

  private static final Principal SOMEONE = new Principal("someone", Role.WRITER);

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
  private final SignInCodes links = new SignInCodes(now::get);

  @Test
  void aCodeIsGoodOnce() {
    var code = links.issue(SOMEONE);
    assertThat(links.redeem(code)).contains(SOMEONE);
    assertThat(links.redeem(code)).isEmpty();
  }

  @Test
  void aCodeIsGoodForTenMinutes() {
    var first = links.issue(SOMEONE);
    var second = links.issue(SOMEONE);
    now.set(Instant.EPOCH.plus(Duration.ofMinutes(10)).minusMillis(1));
    assertThat(links.redeem(first)).isPresent();
    now.set(Instant.EPOCH.plus(Duration.ofMinutes(10)));
    assertThat(links.redeem(second)).isEmpty();
  }

  @Test
  void theOldestCodeGivesWay() {
    var codes = new ArrayList<String>();
    for (int i = 0; i <= SignInCodes.OPEN_MAX; i++) {
      codes.add(links.issue(SOMEONE));
    }
    assertThat(links.redeem(codes.getFirst())).isEmpty();
    assertThat(links.redeem(codes.get(1))).isPresent();
    assertThat(links.redeem(codes.getLast())).isPresent();
  }

  @Test
  void whatIsNoCodeSignsNobodyIn() {
    links.issue(SOMEONE);
    assertThat(links.redeem("")).isEmpty();
    assertThat(links.redeem("x".repeat(10_000))).isEmpty();
  }
}
