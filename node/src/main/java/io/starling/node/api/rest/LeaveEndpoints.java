package io.starling.node.api.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.starling.node.leave.LeaveDesk;
import io.starling.node.space.Level;
import io.starling.node.status.LeavingStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// Leaving of this node, for good.
final class LeaveEndpoints {

  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  private final Optional<LeaveDesk> desk;

  LeaveEndpoints(Optional<LeaveDesk> desk) {
    this.desk = desk;
  }

  Answer show(Call call) throws Problem {
    var desk = desk();
    return Answer.json(200, out -> write(out, desk));
  }

  Answer begin(Call call) throws Problem {
    var body = JsonObject.of(JsonObject.body(call), "the body");
    long copies = body.whole("copies").orElse(1L);
    long millis = body.whole("timeoutMillis").orElse(TIMEOUT.toMillis());
    body.finish();
    if (copies < 1 || copies > Level.COUNT_MAX) {
      throw Problem.invalid("'copies' is 1 to " + Level.COUNT_MAX + ".");
    }
    if (millis < 1 || millis > LeaveDesk.TIMEOUT_MAX.toMillis()) {
      throw Problem.invalid("'timeoutMillis' is 1 to " + LeaveDesk.TIMEOUT_MAX.toMillis() + ".");
    }
    refuse(desk().begin((int) copies, Duration.ofMillis(millis)));
    var desk = desk();
    return Answer.json(202, out -> write(out, desk));
  }

  Answer cancel(Call call) throws Problem {
    refuse(desk().cancel());
    var desk = desk();
    return Answer.json(200, out -> write(out, desk));
  }

  private static void refuse(Optional<String> objection) throws Problem {
    if (objection.isPresent()) {
      throw Problem.of(Problem.Kind.TYPE_MISMATCH, objection.get() + ".");
    }
  }

  private LeaveDesk desk() throws Problem {
    return desk.orElseThrow(() -> Problem.invalid("This node is no member of a cluster."));
  }

  private static void write(JsonGenerator out, LeaveDesk desk) throws IOException {
    out.writeStartObject();
    var status = desk.status();
    if (status.isPresent()) {
      out.writeFieldName("leaving");
      write(out, status.get());
    }
    var stayed = desk.stayed();
    if (stayed.isPresent()) {
      out.writeObjectFieldStart("stayed");
      out.writeNumberField("run", stayed.get().run());
      out.writeStringField("at", stayed.get().at().toString());
      out.writeStringField("why", stayed.get().why());
      out.writeEndObject();
    }
    out.writeEndObject();
  }

  static void write(JsonGenerator out, LeavingStatus status) throws IOException {
    out.writeStartObject();
    out.writeStringField("phase", status.phase().name().toLowerCase(Locale.ROOT));
    out.writeNumberField("run", status.run());
    out.writeStringField("since", status.since().toString());
    out.writeStringField("until", status.until().toString());
    out.writeNumberField("copies", status.copies());
    out.writeStringField("lacking", status.lacking());
    out.writeArrayFieldStart("spaces");
    for (var space : status.spaces()) {
      space(out, space);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void space(JsonGenerator out, LeavingStatus.SpaceProgress space)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("name", space.name());
    out.writeBooleanField("done", space.isDone());
    out.writeArrayFieldStart("confirmed");
    for (var name : space.confirmed()) {
      out.writeString(name);
    }
    out.writeEndArray();
    out.writeArrayFieldStart("missing");
    for (var missing : space.missing()) {
      out.writeStartObject();
      out.writeStringField("id", missing.member().toString());
      out.writeStringField("name", missing.name());
      out.writeBooleanField("up", missing.isUp());
      if (missing.lag().isPresent()) {
        out.writeNumberField("lag", missing.lag().get());
      }
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }
}
