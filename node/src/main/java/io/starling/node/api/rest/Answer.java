package io.starling.node.api.rest;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What is sent back for a [Call].
public sealed interface Answer {

  /// An answer that is known as a whole.
  ///
  /// @param type the media type of the body; empty if there is none
  /// @param headers beyond those that every answer has
  record Whole(int status, String type, byte[] body, SortedMap<String, String> headers)
      implements Answer {

    public Whole {
      headers = Collections.unmodifiableSortedMap(new TreeMap<>(headers));
    }

    /// Without further headers.
    public Whole(int status, String type, byte[] body) {
      this(status, type, body, new TreeMap<>());
    }

    /// With a header more.
    public Whole with(String name, String value) {
      return with(Map.of(name, value));
    }

    /// With some headers more.
    public Whole with(Map<String, String> more) {
      var all = new TreeMap<>(headers);
      all.putAll(more);
      return new Whole(status, type, body, all);
    }

    /// The body as text.
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /// Events, sent as they happen.
  record Events(Source source) implements Answer {}

  /// Where events come from.
  @FunctionalInterface
  interface Source {
    /// Begins to send. Returns at once; closing what is returned ends it.
    Running open(EventSink sink) throws InterruptedException;
  }

  /// Events being sent.
  @FunctionalInterface
  interface Running extends AutoCloseable {
    @Override
    void close();
  }

  /// A WebSocket, in place of an answer.
  record Socket(Opening opening) implements Answer {}

  /// Who talks over a WebSocket.
  @FunctionalInterface
  interface Opening {
    /// Begins to talk; closing what is returned ends it.
    Talk open(SocketSink sink);
  }

  /// A talk over a WebSocket.
  interface Talk extends AutoCloseable {
    /// Takes a message. The next one is not read before this returns.
    void take(String message) throws InterruptedException;

    @Override
    void close();
  }

  /// A JSON body.
  static Whole json(int status, JsonPrint.Printer printer) {
    return new Whole(status, "application/json", JsonPrint.bytes(printer));
  }

  /// No body.
  static Whole empty() {
    return new Whole(204, "", new byte[0]);
  }

  /// Plain text.
  static Whole text(String type, String text) {
    return new Whole(200, type, text.getBytes(StandardCharsets.UTF_8));
  }
}
