package io.starling.node.api.rest;

import io.starling.crdt.encoding.MalformedException;
import io.starling.node.space.Watch;
import io.starling.replica.message.Token;
import java.util.Optional;

/// Watching a prefix by server-sent events.
final class WatchEndpoint {

  private final Gate gate;

  WatchEndpoint(Gate gate) {
    this.gate = gate;
  }

  Answer watch(Call call) throws Problem {
    var space = gate.readable(call);
    var prefix = call.parameter("prefix").orElse("");
    var form = KeyEndpoints.form(call, "value");
    var from = from(resume(call), call.parameter("from"));
    return new Answer.Events(sink -> {
      var watch = space.watch(prefix, from, new WatchEvents(sink, form));
      return watch::close;
    });
  }

  /// Where a watch begins.
  ///
  /// @param word what a client calls it, where it does not resume
  static Watch.From from(Optional<Token> resume, Optional<String> word) throws Problem {
    if (resume.isPresent()) {
      return new Watch.From.Resume(resume.get());
    }
    return switch (word.orElse("state")) {
      case "state" -> new Watch.From.State();
      case "now" -> new Watch.From.Now();
      default -> throw Problem.malformed("'from' must be state or now.");
    };
  }

  // A browser that connects again by itself says how far it came in a header; whoever opens a
  // stream on another node can, in a browser, only say so in the address.
  private Optional<Token> resume(Call call) throws Problem {
    var last = gate.token(call, "Last-Event-ID");
    if (last.isPresent()) {
      return last;
    }
    var header = gate.token(call, Gate.TOKEN);
    if (header.isPresent()) {
      return header;
    }
    var text = call.parameter("resume");
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Token.fromText(text.get()));
    } catch (MalformedException malformed) {
      throw Problem.malformed("'resume' is no token: " + malformed.getMessage() + ".");
    }
  }
}
