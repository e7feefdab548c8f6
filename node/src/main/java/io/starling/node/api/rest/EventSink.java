package io.starling.node.api.rest;

import java.util.List;

/// Takes server-sent events. Safe to use from any thread; made for virtual ones.
public interface EventSink {

  /// An event.
  ///
  /// @param id what a client resumes with; empty to leave the one before
  /// @param data one line
  record Event(String name, String id, String data) {}

  /// Sends events, in order, and waits until the connection has taken them. Does nothing once it is
  /// closed.
  void send(List<Event> events) throws InterruptedException;

  /// Ends the stream.
  void close();
}
