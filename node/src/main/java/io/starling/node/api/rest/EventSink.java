package io.starling.node.api.rest;

/// Takes server-sent events. Safe to use from any thread; made for virtual ones.
public interface EventSink {

  /// Sends an event and waits until the connection has taken it. Does nothing once it is closed.
  ///
  /// @param id what a client resumes with; empty to leave the one before
  /// @param data one line
  void send(String event, String id, String data) throws InterruptedException;

  /// Ends the stream.
  void close();
}
