package io.starling.node.api.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.starling.node.space.Space;
import io.starling.replica.message.Token;
import java.io.IOException;
import java.util.Optional;

/// Watching a prefix by server-sent events.
final class WatchEndpoint {

  private final Gate gate;

  WatchEndpoint(Gate gate) {
    this.gate = gate;
  }

  Answer watch(Call call) throws Problem, InterruptedException {
    var space = gate.readable(call);
    var prefix = call.parameter("prefix").orElse("");
    var form = KeyEndpoints.form(call, "value");
    var begin = begin(call, space);
    return new Answer.Events(sink -> {
      sink.send("start", begin.toText(), "{}");
      var listener = new WatchEvents(sink, form);
      var watch = space.watch(prefix, Optional.of(begin), listener);
      listener.begun(watch);
      return watch::close;
    });
  }

  // Where an earlier stream had come to, on this node or another; else here and now.
  private Token begin(Call call, Space space) throws Problem, InterruptedException {
    var last = gate.token(call, "Last-Event-ID");
    var token = last.isPresent() ? last : gate.token(call, Gate.TOKEN);
    if (token.isPresent()) {
      gate.await(space, token.get(), call);
      return token.get();
    }
    try (var snapshot = space.read()) {
      return snapshot.reader().token();
    }
  }

  /// Writes one change into the array that is open.
  static void change(
      JsonGenerator out, io.starling.node.space.Watch.Change change, Optional<ViewJson.Form> form)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("key", change.key());
    ViewJson.fields(out, change.view(), form);
    out.writeEndObject();
  }
}
