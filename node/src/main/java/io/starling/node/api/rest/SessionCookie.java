package io.starling.node.api.rest;

import java.util.Optional;

/// The cookie that holds a session's id.
///
/// Cookies of one host are shared by all its ports, so each node has a name of its own: three nodes
/// on one machine do not sign each other's browsers out.
final class SessionCookie {

  private static final int ID_DIGITS = 8;

  private final String name;
  private final boolean isSecure;

  SessionCookie(String nodeId, boolean isSecure) {
    var own = "starling-" + nodeId.substring(0, Math.min(ID_DIGITS, nodeId.length()));
    this.name = isSecure ? "__Host-" + own : own;
    this.isSecure = isSecure;
  }

  /// The session id that a browser sent.
  Optional<String> find(Request request) {
    for (var pair : request.header("cookie").orElse("").split("[;,]")) {
      var trimmed = pair.strip();
      if (trimmed.startsWith(name + "=")) {
        return Optional.of(trimmed.substring(name.length() + 1));
      }
    }
    return Optional.empty();
  }

  /// The header that sets it.
  String set(String id) {
    return attributes(id, Sessions.LENGTH.toSeconds());
  }

  /// The header that takes it away.
  String clear() {
    return attributes("", 0);
  }

  private String attributes(String id, long seconds) {
    return name
        + "="
        + id
        + "; Path=/; HttpOnly; SameSite=Strict; Max-Age="
        + seconds
        + (isSecure ? "; Secure" : "");
  }
}
