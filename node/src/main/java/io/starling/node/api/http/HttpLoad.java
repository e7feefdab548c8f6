package io.starling.node.api.http;

/// What an HTTP port has in hand at one moment.
///
/// @param connections that are open
/// @param connectionsRefused since the start, for there were too many
/// @param requests that are worked on
/// @param streams server-sent events and sockets
/// @param bodyBytes bytes of bodies that are held
public record HttpLoad(
    int connections, long connectionsRefused, int requests, int streams, int bodyBytes) {

  /// Of a port that does not listen.
  public static final HttpLoad NONE = new HttpLoad(0, 0, 0, 0, 0);
}
