package io.starling.node.api.rest;

import io.starling.node.access.Principal;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Browsers that are signed in, in memory: a restart signs all out. At most [#SESSIONS_MAX]; over
/// it, the one that would end first ends. Safe to use from any thread.
public final class Sessions {

  /// How long a session lasts, used or not.
  public static final Duration LENGTH = Duration.ofHours(12);

  static final int SESSIONS_MAX = 1_024;

  private static final int ID_BYTES = 32;

  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Session> sessions = new HashMap<>();

  public Sessions(InstantSource clock) {
    this.clock = clock;
  }

  /// A session.
  ///
  /// @param bearer asks anew who it is, so that a token that was revoked ends its sessions
  private record Session(Supplier<Optional<Principal>> bearer, Instant end) {}

  /// Begins a session.
  ///
  /// @return its id, a secret of the browser
  public String begin(Supplier<Optional<Principal>> bearer) {
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    var id = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    synchronized (sessions) {
      sweep();
      sessions.put(id, new Session(bearer, clock.instant().plus(LENGTH)));
    }
    return id;
  }

  /// Whose session it is; empty if it has ended.
  public Optional<Principal> find(String id) {
    Session session;
    synchronized (sessions) {
      session = sessions.get(id);
    }
    if (session == null || session.end().isBefore(clock.instant())) {
      return Optional.empty();
    }
    return session.bearer().get();
  }

  /// Ends a session, if it goes on.
  public void end(String id) {
    synchronized (sessions) {
      sessions.remove(id);
    }
  }

  private void sweep() {
    var now = clock.instant();
    sessions.values().removeIf(session -> session.end().isBefore(now));
    if (sessions.size() >= SESSIONS_MAX) {
      sessions.entrySet().stream()
          .min(Comparator.comparing(entry -> entry.getValue().end()))
          .map(Map.Entry::getKey)
          .ifPresent(sessions::remove);
    }
  }
}
