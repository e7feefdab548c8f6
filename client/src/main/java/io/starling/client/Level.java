package io.starling.client;

import io.starling.proto.v1.DurabilityLevel;
import java.time.Duration;

/// On which other members a write is to be durable before it is answered.
public final class Level {

  /// Waits, at most.
  public static final Duration WAIT_MAX = Duration.ofSeconds(60);

  private final DurabilityLevel message;
  private final Duration wait;

  private Level(DurabilityLevel.Builder message, Duration wait) {
    var seconds =
        com.google.protobuf.Duration.newBuilder()
            .setSeconds(wait.toSeconds())
            .setNanos(wait.toNanosPart());
    this.message = message.setWait(seconds).build();
    this.wait = wait;
  }

  private static Level of(DurabilityLevel.Builder message) {
    return new Level(message, Duration.ofSeconds(5));
  }

  /// So many other members, whichever.
  public static Level members(int count) {
    return of(DurabilityLevel.newBuilder().setMembers(count));
  }

  /// Every other member.
  public static Level all() {
    return of(DurabilityLevel.newBuilder().setAll(true));
  }

  /// At least one member at every other site.
  public static Level sites() {
    return of(DurabilityLevel.newBuilder().setSites(true));
  }

  /// Waits so long for it, instead of five seconds; then the answer says how far it got.
  public Level within(Duration patience) {
    if (patience.isNegative() || patience.compareTo(WAIT_MAX) > 0) {
      throw new IllegalArgumentException("a level is waited for 0 to 60 seconds: " + patience);
    }
    return new Level(message.toBuilder(), patience);
  }

  DurabilityLevel message() {
    return message;
  }

  Duration patience() {
    return wait;
  }
}
