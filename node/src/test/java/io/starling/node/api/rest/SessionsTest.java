package io.starling.node.api.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.node.access.Principal;
import io.starling.node.access.Role;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SessionsTest {

  private static final Principal SOMEONE = new Principal("token:x", Role.READER);

  private Instant now = Instant.EPOCH;
  private final Sessions sessions = new Sessions(() -> now);

  private String begin() {
    now = now.plusMillis(1);
    return sessions.begin(() -> Optional.of(SOMEONE));
  }

  @Test
  void ofTooManyTheOldestEnds() {
    var ids = new ArrayList<String>();
    for (int i = 0; i < Sessions.SESSIONS_MAX; i++) {
      ids.add(begin());
    }
    assertThat(sessions.find(ids.getFirst())).contains(SOMEONE);
    var last = begin();
    assertThat(sessions.find(ids.getFirst())).isEmpty();
    assertThat(sessions.find(ids.get(1))).contains(SOMEONE);
    assertThat(sessions.find(last)).contains(SOMEONE);
  }

  @Test
  void aSessionEndsAfterItsTime() {
    var id = begin();
    now = now.plus(Sessions.LENGTH);
    assertThat(sessions.find(id)).contains(SOMEONE);
    now = now.plusMillis(1);
    assertThat(sessions.find(id)).isEmpty();
  }
}
