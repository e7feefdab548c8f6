package io.starling.node.api.rest;

import java.util.List;

/// Takes the messages of a WebSocket. Safe to use from any thread; made for virtual ones.
public interface SocketSink {

  /// Sends messages, in order, and waits until the connection has taken them. Does nothing once it
  /// is closed.
  void send(List<String> messages) throws InterruptedException;

  /// Ends the connection.
  ///
  /// @param code of RFC 6455
  /// @param reason for people, at most 123 bytes
  void close(int code, String reason);
}
