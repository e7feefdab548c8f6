package io.starling.node.api.http;

import java.time.Duration;

/// What the HTTP port takes on at a time, and how long it waits for clients.
///
/// @param connections a further one is closed at once
/// @param requests worked on; a further one is answered with 503
/// @param streams event streams and WebSockets; a further one is answered with 503
/// @param taken within which a client has to take what is sent on a stream; else it is let go, and
///   can resume
/// @param upgrade within which a connection has to become a WebSocket
record HttpLimits(int connections, int requests, int streams, Duration taken, Duration upgrade) {

  static final HttpLimits DEFAULT =
      new HttpLimits(1_024, 1_024, 256, Duration.ofSeconds(30), Duration.ofSeconds(10));
}
