package io.starling.node.api.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/// The open connections: not too many, and none that only holds its place. One that sends its
/// request byte by byte is closed as one that sends nothing is.
final class Connections {

  private static final long HEAD_MILLIS = 10_000;
  private static final long REST_MILLIS = 60_000;
  private static final long DRAIN_MILLIS = 2_000;

  private final LongAdder refused = new LongAdder();
  private final Vertx vertx;
  private final int most;
  private final Map<HttpConnection, Waiting> open = new ConcurrentHashMap<>();

  /// @param most that may be open
  Connections(Vertx vertx, int most) {
    this.vertx = vertx;
    this.most = most;
  }

  /// A connection, used by its own event loop alone.
  private final class Waiting {
    private final HttpConnection connection;
    private long timer = -1;
    private int requests;

    Waiting(HttpConnection connection) {
      this.connection = connection;
    }

    void arm(long millis) {
      disarm();
      timer = vertx.setTimer(millis, _ -> connection.close());
    }

    void disarm() {
      if (timer >= 0) {
        vertx.cancelTimer(timer);
        timer = -1;
      }
    }
  }

  /// A client has connected.
  void opened(HttpConnection connection) {
    if (open.size() >= most) {
      refused.increment();
      connection.close();
      return;
    }
    var waiting = new Waiting(connection);
    open.put(connection, waiting);
    waiting.arm(HEAD_MILLIS);
    connection.closeHandler(_ -> {
      waiting.disarm();
      open.remove(connection);
    });
  }

  /// The head of a request has come.
  void begun(HttpConnection connection) {
    var waiting = open.get(connection);
    if (waiting != null) {
      waiting.requests++;
      waiting.disarm();
    }
  }

  /// A request was answered.
  void ended(HttpConnection connection) {
    var waiting = open.get(connection);
    if (waiting != null && --waiting.requests == 0) {
      waiting.arm(REST_MILLIS);
    }
  }

  /// What has come is no request. All that follows is passed over, and it is closed in a little
  /// while.
  void drained(HttpConnection connection) {
    var waiting = open.get(connection);
    if (waiting != null) {
      waiting.arm(DRAIN_MILLIS);
    }
  }

  /// How many were closed for there being too many.
  long refused() {
    return refused.sum();
  }

  /// How many there are.
  int count() {
    return open.size();
  }
}
