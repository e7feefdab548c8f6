package io.starling.node.access;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Codes for links that sign a browser in once. Safe to use from any thread; gone with the process.
public final class SignInCodes implements SignInLinks {

  /// How long a code is good.
  public static final Duration GOOD_FOR = Duration.ofMinutes(10);

  /// Codes that may be open; a further one takes the place of the oldest.
  public static final int OPEN_MAX = 64;

  private static final int CODE_BYTES = 16;

  private final InstantSource clock;
  private final Map<String, Open> open = new LinkedHashMap<>();

  public SignInCodes(InstantSource clock) {
    this.clock = clock;
  }

  private record Open(Principal principal, Instant until) {}

  /// A new code, 22 letters of base64url. A secret.
  public synchronized String issue(Principal principal) {
    dropOver();
    if (open.size() >= OPEN_MAX) {
      open.remove(open.keySet().iterator().next());
    }
    var code = BearerToken.random(CODE_BYTES);
    open.put(hash(code), new Open(principal, clock.instant().plus(GOOD_FOR)));
    return code;
  }

  @Override
  public synchronized Optional<Principal> redeem(String code) {
    dropOver();
    return Optional.ofNullable(open.remove(hash(code))).map(Open::principal);
  }

  private void dropOver() {
    var now = clock.instant();
    open.values().removeIf(it -> !now.isBefore(it.until()));
  }

  private static String hash(String code) {
    return HexFormat.of()
        .formatHex(BearerToken.sha256().digest(code.getBytes(StandardCharsets.UTF_8)));
  }
}
