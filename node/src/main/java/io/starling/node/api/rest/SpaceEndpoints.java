package io.starling.node.api.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.starling.node.access.Principal;
import io.starling.node.space.Space;
import io.starling.node.space.Spaces;
import io.starling.replica.request.Outcome;
import java.io.IOException;

/// Listing and creating spaces.
final class SpaceEndpoints {

  private final Spaces spaces;

  SpaceEndpoints(Spaces spaces) {
    this.spaces = spaces;
  }

  Answer list(Call call) throws Problem {
    var who = call.who();
    return Answer.json(200, out -> list(out, who));
  }

  Answer create(Call call) throws Problem, InterruptedException {
    var body = JsonObject.of(JsonObject.body(call), "the body");
    var name = body.text("name");
    body.finish();
    boolean exists = spaces.find(name).isPresent();
    return switch (Gate.get(spaces.create(call.who().name(), name))) {
      case Outcome.Committed _ ->
          Answer.json(
                  exists ? 200 : 201,
                  out -> {
                    out.writeStartObject();
                    out.writeStringField("name", name);
                    out.writeEndObject();
                  })
              .with("Location", "/api/v1/spaces/" + name + "/keys");
      case Outcome.Refused refused -> throw Problem.of(refused);
    };
  }

  private void list(JsonGenerator out, Principal who) throws IOException {
    out.writeStartObject();
    out.writeArrayFieldStart("spaces");
    for (var space : spaces.all()) {
      if (who.mayRead(space.name())) {
        entry(out, space, who);
      }
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void entry(JsonGenerator out, Space space, Principal who) throws IOException {
    out.writeStartObject();
    out.writeStringField("name", space.name());
    out.writeStringField("id", space.id().toString());
    out.writeNumberField("cells", space.status().cells());
    out.writeBooleanField("writable", who.mayWrite(space.name()));
    out.writeEndObject();
  }
}
