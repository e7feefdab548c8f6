package io.starling.node.api.rest;

import io.starling.node.space.Watch;
import io.starling.replica.message.Token;
import io.starling.replica.read.TooLargeException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// Changes as server-sent events. The last event of a group carries the token to resume with; what
/// comes before it repeats after a break, and is whole again then.
final class WatchEvents implements Watch.Listener {

  // A change that is larger is only named; its reader asks for it.
  private static final int CHANGE_BYTES_MAX = 64 * 1024;
  private static final int EVENT_BYTES = 256 * 1024;

  private final EventSink sink;
  private final Optional<ViewJson.Form> form;
  private final CompletableFuture<Watch> watch = new CompletableFuture<>();

  WatchEvents(EventSink sink, Optional<ViewJson.Form> form) {
    this.sink = sink;
    this.form = form;
  }

  void begun(Watch begun) {
    watch.complete(begun);
  }

  @Override
  public void changed(List<Watch.Change> changes, Token token, boolean last) {
    try {
      var event = new ArrayList<String>();
      int bytes = 0;
      for (var change : changes) {
        var json = json(change);
        if (bytes + json.length() > EVENT_BYTES) {
          sink.send("changes", "", data(event, false));
          event.clear();
          bytes = 0;
        }
        event.add(json);
        bytes += json.length();
      }
      sink.send("changes", last ? token.toText() : "", data(event, last));
      if (last) {
        watch.join().ready();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      sink.close();
    }
  }

  @Override
  public void ended(Watch.End end) {
    try {
      var word = end.name().toLowerCase(Locale.ROOT).replace('_', '-');
      sink.send("end", "", "{\"reason\":\"" + word + "\",\"detail\":\"" + advice(end) + "\"}");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      sink.close();
    }
  }

  private String json(Watch.Change change) {
    try {
      byte[] json = JsonPrint.bytes(out -> WatchEndpoint.change(out, change, form));
      if (json.length <= CHANGE_BYTES_MAX) {
        return new String(json, StandardCharsets.UTF_8);
      }
    } catch (TooLargeException _) {
      // Named below, like any other that is too large.
    }
    return Answer.json(
            200,
            out -> {
              out.writeStartObject();
              out.writeStringField("key", change.key());
              out.writeStringField("type", change.view().typeLabel());
              out.writeBooleanField("tooLarge", true);
              out.writeEndObject();
            })
        .text();
  }

  private static String data(List<String> changes, boolean last) {
    return "{\"changes\":[" + String.join(",", changes) + "],\"last\":" + last + "}";
  }

  private static String advice(Watch.End end) {
    return switch (end) {
      case OVERRUN -> "More changed than is kept for a slow watcher. Resume with the last id.";
      case BEHIND_LOG ->
          "The log no longer reaches back to the token. Read everything, then watch from its"
              + " token.";
      case FOREIGN_TOKEN -> "The token is of another space, cluster or branch. Read everything.";
      case NOT_YET ->
          "This node has not applied yet what the token covers. Resume later, or on another.";
      case TOO_LARGE -> "A value under the prefix is too large to be watched. Narrow the prefix.";
      case STOPPING -> "The node stops. Resume on another.";
    };
  }
}
