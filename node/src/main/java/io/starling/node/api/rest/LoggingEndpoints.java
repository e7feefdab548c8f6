package io.starling.node.api.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.starling.node.logging.LogLevels;
import java.io.IOException;
import java.util.Optional;

/// How much the node logs.
final class LoggingEndpoints {

  private final LogLevels levels;

  LoggingEndpoints(LogLevels levels) {
    this.levels = levels;
  }

  Answer list(Call call) {
    return Answer.json(
        200,
        out -> {
          out.writeStartObject();
          out.writeArrayFieldStart("loggers");
          for (var entry : levels.all()) {
            write(out, entry);
          }
          out.writeEndArray();
          out.writeEndObject();
        });
  }

  Answer show(Call call) throws Problem {
    return answer(() -> levels.find(logger(call)));
  }

  Answer change(Call call) throws Problem {
    var body = JsonObject.of(JsonObject.body(call), "the body");
    var level = body.text("level");
    body.finish();
    return answer(() -> levels.change(call.who().name(), logger(call), level));
  }

  Answer reset(Call call) throws Problem {
    return answer(() -> levels.reset(call.who().name(), logger(call)));
  }

  private static String logger(Call call) {
    return Optional.ofNullable(call.names().get("logger")).orElseThrow();
  }

  /// Does something to a logger.
  @FunctionalInterface
  private interface Deed {
    LogLevels.Entry done() throws Problem;
  }

  private static Answer answer(Deed deed) throws Problem {
    try {
      var entry = deed.done();
      return Answer.json(200, out -> write(out, entry));
    } catch (IllegalArgumentException refused) {
      throw Problem.invalid(refused.getMessage() + ".");
    }
  }

  private static void write(JsonGenerator out, LogLevels.Entry entry) throws IOException {
    out.writeStartObject();
    out.writeStringField("logger", entry.logger());
    out.writeStringField("level", entry.level());
    out.writeBooleanField("changed", entry.isChanged());
    out.writeEndObject();
  }
}
