package io.starling.node.api.rest;

import io.starling.node.json.ViewJson;
import io.starling.node.space.Watch;
import io.starling.node.space.WatchEvent;
import io.starling.replica.message.Token;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A watch as server-sent events. An event with a token carries it as its id, so that a browser
/// which connects again resumes by itself.
final class WatchEvents implements Watch.Listener {

  // What has been gathered is sent when it has grown to this.
  private static final int GATHERED_BYTES = 64 * 1024;

  private final EventSink sink;
  private final Optional<ViewJson.Form> form;
  private final List<EventSink.Event> gathered = new ArrayList<>();
  private int gatheredBytes;

  WatchEvents(EventSink sink, Optional<ViewJson.Form> form) {
    this.sink = sink;
    this.form = form;
  }

  @Override
  public void tell(WatchEvent event) throws InterruptedException {
    var data = text(out -> WatchJson.fields(out, event, form));
    var id = WatchJson.resume(event).map(Token::toText).orElse("");
    gathered.add(new EventSink.Event(WatchJson.name(event), id, data));
    gatheredBytes += data.length();
    if (WatchJson.isHandedOn(event) || gatheredBytes >= GATHERED_BYTES) {
      sink.send(List.copyOf(gathered));
      gathered.clear();
      gatheredBytes = 0;
    }
  }

  @Override
  public void ended(Watch.End end) {
    try {
      var data = text(out -> WatchJson.end(out, end));
      sink.send(List.of(new EventSink.Event("end", "", data)));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      sink.close();
    }
  }

  private static String text(JsonPrint.Printer fields) {
    byte[] json =
        JsonPrint.bytes(out -> {
          out.writeStartObject();
          fields.print(out);
          out.writeEndObject();
        });
    return new String(json, StandardCharsets.UTF_8);
  }
}
