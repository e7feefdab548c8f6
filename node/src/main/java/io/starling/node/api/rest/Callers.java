package io.starling.node.api.rest;

import io.starling.node.access.Access;
import io.starling.node.access.Principal;
import io.starling.node.access.Role;
import java.util.Locale;
import java.util.Optional;

/// Tells who asks, by bearer token or by session, and whether they may.
final class Callers {

  private static final String BEARER = "bearer ";

  private final Access access;
  private final Sessions sessions;
  private final Origins origins;
  private final SessionCookie cookie;

  Callers(Access access, Sessions sessions, Origins origins, SessionCookie cookie) {
    this.access = access;
    this.sessions = sessions;
    this.origins = origins;
    this.cookie = cookie;
  }

  /// Who asks, if the route wants to know.
  Optional<Principal> admit(Request request, Route route) throws Problem {
    return switch (route.need()) {
      case NOBODY -> anybody(request, route);
      case NOBODY_NEARBY ->
          request.isNearby() ? Optional.empty() : Optional.of(needed(request, route, Role.READER));
      case READER -> Optional.of(needed(request, route, Role.READER));
      case WRITER -> Optional.of(needed(request, route, Role.WRITER));
      case ADMIN -> Optional.of(needed(request, route, Role.ADMIN));
    };
  }

  // A page of another origin must not sign a browser in either, as whomever it likes.
  private Optional<Principal> anybody(Request request, Route route) throws Problem {
    if (route.verb().changes() && request.header("origin").isPresent()) {
      origins.requireOwnOrigin(request);
    }
    return Optional.empty();
  }

  private Principal needed(Request request, Route route, Role least) throws Problem {
    var who = identify(request, route);
    if (who.role().compareTo(least) < 0) {
      throw Problem.of(
          Problem.Kind.FORBIDDEN,
          "This needs the role %s; yours is %s. Ask an administrator for a token that has it."
              .formatted(least.label(), who.role().label()));
    }
    return who;
  }

  private Principal identify(Request request, Route route) throws Problem {
    var authorization = request.header("authorization");
    if (authorization.isPresent()) {
      return bearer(authorization.get());
    }
    var session = cookie.find(request);
    if (session.isEmpty()) {
      throw unknown("Send 'Authorization: Bearer st_…' with a token of this cluster, or sign in.");
    }
    // Over a WebSocket things are changed, and a page of any origin may open one.
    boolean isSocket = request.header("upgrade").orElse("").equalsIgnoreCase("websocket");
    if (route.verb().changes() || isSocket) {
      origins.requireOwnOrigin(request);
    }
    return sessions
        .find(session.get())
        .orElseThrow(() -> unknown("The session has ended. Sign in again."));
  }

  private Principal bearer(String authorization) throws Problem {
    boolean isBearer = authorization.toLowerCase(Locale.ROOT).startsWith(BEARER);
    var token = isBearer ? authorization.substring(BEARER.length()).strip() : "";
    return access
        .authenticate(token)
        .orElseThrow(() -> unknown("The token is not known here. Check it, or ask for another."));
  }

  private static Problem unknown(String detail) {
    return Problem.of(Problem.Kind.UNAUTHENTICATED, detail);
  }
}
