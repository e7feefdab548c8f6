package io.starling.node.api.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.starling.crdt.read.View;
import io.starling.node.json.ViewJson;
import io.starling.node.space.Watch;
import io.starling.node.space.WatchEvent;
import io.starling.replica.message.Token;
import io.starling.replica.read.TooLargeException;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/// The events of watches as JSON objects, the same over server-sent events and WebSocket.
final class WatchJson {

  // A row or change that is larger is only named; its reader asks for it.
  private static final int ENTRY_BYTES_MAX = 64 * 1024;

  private WatchJson() {}

  /// The event's name.
  static String name(WatchEvent event) {
    return switch (event) {
      case WatchEvent.SnapshotBegin _ -> "snapshot-begin";
      case WatchEvent.Row _ -> "row";
      case WatchEvent.SnapshotEnd _ -> "snapshot-end";
      case WatchEvent.Change _ -> "change";
      case WatchEvent.UpToDate _ -> "up-to-date";
      case WatchEvent.Resync _ -> "resync";
      case WatchEvent.Ping _ -> "ping";
    };
  }

  /// The token to resume with, where the event has one.
  static Optional<Token> resume(WatchEvent event) {
    return switch (event) {
      case WatchEvent.SnapshotEnd(var token) -> Optional.of(token);
      case WatchEvent.UpToDate(var token) -> Optional.of(token);
      case WatchEvent.SnapshotBegin _, WatchEvent.Row _, WatchEvent.Change _ -> Optional.empty();
      case WatchEvent.Resync _, WatchEvent.Ping _ -> Optional.empty();
    };
  }

  /// Whether a listener has to hand on what it has gathered.
  static boolean isHandedOn(WatchEvent event) {
    return event instanceof WatchEvent.UpToDate || event instanceof WatchEvent.Ping;
  }

  /// Writes the event's fields into the object that is open.
  static void fields(JsonGenerator out, WatchEvent event, Optional<ViewJson.Form> form)
      throws IOException {
    switch (event) {
      case WatchEvent.SnapshotBegin(var token) -> out.writeStringField("token", token.toText());
      case WatchEvent.Row(var key, var view) -> entry(out, key, view, form);
      case WatchEvent.SnapshotEnd(var token) -> out.writeStringField("token", token.toText());
      case WatchEvent.Change(var key, var view) -> entry(out, key, view, form);
      case WatchEvent.UpToDate(var token) -> out.writeStringField("token", token.toText());
      case WatchEvent.Resync(var cause) -> {
        out.writeStringField("reason", cause.label());
        out.writeStringField("detail", detail(cause));
      }
      case WatchEvent.Ping() -> {}
    }
  }

  /// Writes why a watch has ended into the object that is open.
  static void end(JsonGenerator out, Watch.End end) throws IOException {
    out.writeStringField("reason", end.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    out.writeStringField("detail", advice(end));
  }

  private static void entry(
      JsonGenerator out, String key, Optional<View> view, Optional<ViewJson.Form> form)
      throws IOException {
    out.writeStringField("key", key);
    if (view.isPresent() && isFitting(view.get(), form)) {
      ViewJson.fields(out, view.get(), form);
    } else {
      if (view.isPresent()) {
        out.writeStringField("type", view.get().typeLabel());
      }
      out.writeBooleanField("tooLarge", true);
    }
  }

  private static boolean isFitting(View view, Optional<ViewJson.Form> form) {
    try {
      byte[] alone =
          JsonPrint.bytes(out -> {
            out.writeStartObject();
            ViewJson.fields(out, view, form);
            out.writeEndObject();
          });
      return alone.length <= ENTRY_BYTES_MAX;
    } catch (TooLargeException _) {
      return false;
    }
  }

  private static String detail(WatchEvent.Cause cause) {
    return switch (cause) {
      case BEHIND_LOG ->
          "The log no longer reaches back to the token. The state follows; what is not in it was"
              + " removed.";
      case TOO_MANY_CHANGES ->
          "More keys changed than are kept for a watcher that is slow or was away. The state"
              + " follows; what is not in it was removed.";
    };
  }

  private static String advice(Watch.End end) {
    return switch (end) {
      case TOO_MANY -> "Too many watches on this node. Watch on another, or later.";
      case SLOW -> "The events were not taken in time. Resume with the last token.";
      case FOREIGN_TOKEN -> "The token is of another space, cluster or branch. Begin without it.";
      case NOT_YET ->
          "This node has not applied yet what the token covers. Resume later, or on another.";
      case UNAVAILABLE -> "This node's store cannot be read now. Resume later, or on another.";
      case DROPPED -> "The space was dropped, and all that was in it.";
      case MOVED ->
          "This node hosts the space no longer. Resume on one that does; GET /api/v1/spaces says"
              + " which.";
      case STOPPING -> "The node stops. Resume on another.";
    };
  }
}
