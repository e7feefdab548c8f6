package io.starling.node.api.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.value.Value;
import io.starling.node.access.Principal;
import io.starling.node.space.ListedSpace;
import io.starling.node.space.SpaceChange;
import io.starling.node.space.SpaceSettings;
import io.starling.node.space.Spaces;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.request.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;

/// Listing, creating, changing and dropping spaces.
final class SpaceEndpoints {

  private static final String RETENTION = "retention";
  private static final String BYTES = "bytes";
  private static final String AGE = "ageSeconds";
  private static final String STABLE_AGE = "stableAgeSeconds";

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
    var settings = settings(body);
    body.finish();
    boolean exists = find(name).isPresent();
    done(spaces.create(call.who().name(), name, settings));
    return named(exists ? 200 : 201, name).with("Location", "/api/v1/spaces/" + name + "/keys");
  }

  Answer change(Call call) throws Problem, InterruptedException {
    var body = JsonObject.of(JsonObject.body(call), "the body");
    var name = call.name("space");
    var settings = settings(body);
    body.finish();
    done(spaces.change(call.who().name(), name, settings));
    return named(200, name);
  }

  Answer drop(Call call) throws Problem, InterruptedException {
    var name = call.name("space");
    var meant = meant(call).or(() -> find(name).map(ListedSpace::id));
    done(spaces.drop(call.who().name(), name, meant));
    return Answer.json(
        200,
        out -> {
          out.writeStartObject();
          out.writeStringField("name", name);
          out.writeStringField("id", meant.map(SpaceId::toString).orElse(""));
          out.writeEndObject();
        });
  }

  private Optional<ListedSpace> find(String name) {
    return spaces.listed().stream().filter(it -> it.name().equals(name)).findFirst();
  }

  private static Optional<SpaceId> meant(Call call) throws Problem {
    var id = call.parameter("id");
    try {
      return id.map(SpaceId::parse);
    } catch (IllegalArgumentException malformed) {
      throw Problem.malformed(
          "The parameter 'id' is no space's id: 32 hexadecimal digits, as GET /api/v1/spaces shows.");
    }
  }

  private static void done(CompletionStage<Outcome> stage) throws Problem, InterruptedException {
    if (Gate.get(stage) instanceof Outcome.Refused refused) {
      throw Problem.of(refused);
    }
  }

  private static Answer.Whole named(int status, String name) {
    return Answer.json(
        status,
        out -> {
          out.writeStartObject();
          out.writeStringField("name", name);
          out.writeEndObject();
        });
  }

  /// Null takes a setting back, as in a merge patch.
  private static SpaceChange settings(JsonObject body) throws Problem {
    var reset = new TreeSet<String>();
    Optional<List<String>> members = Optional.empty();
    if (isNull(body, "members")) {
      reset.add(SpaceChange.MEMBERS);
    } else if (body.value("members").isPresent()) {
      members = Optional.of(body.texts("members"));
    }
    Optional<Long> bytes = Optional.empty();
    Optional<Duration> age = Optional.empty();
    Optional<Duration> stableAge = Optional.empty();
    if (isNull(body, RETENTION)) {
      reset.addAll(List.of(SpaceChange.LOG_BYTES, SpaceChange.LOG_AGE, SpaceChange.STABLE_AGE));
    } else if (body.value(RETENTION).isPresent()) {
      var retention = JsonObject.of(body.needed(RETENTION), "'" + RETENTION + "'");
      bytes = whole(retention, BYTES, SpaceChange.LOG_BYTES, reset);
      age = whole(retention, AGE, SpaceChange.LOG_AGE, reset).map(SpaceEndpoints::seconds);
      stableAge =
          whole(retention, STABLE_AGE, SpaceChange.STABLE_AGE, reset).map(SpaceEndpoints::seconds);
      retention.finish();
    }
    return new SpaceChange(bytes, age, stableAge, members, reset);
  }

  private static Optional<Long> whole(
      JsonObject object, String field, String setting, TreeSet<String> reset) throws Problem {
    if (isNull(object, field)) {
      reset.add(setting);
      return Optional.empty();
    }
    return object.whole(field);
  }

  private static boolean isNull(JsonObject object, String field) {
    return object.value(field).filter(Value.Null.class::isInstance).isPresent();
  }

  // Out of range stays out of range.
  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(Math.clamp(seconds, -1L, Integer.MAX_VALUE));
  }

  private void list(JsonGenerator out, Principal who) throws IOException {
    out.writeStartObject();
    out.writeArrayFieldStart("spaces");
    for (var space : spaces.listed()) {
      if (who.mayRead(space.name())) {
        entry(out, space, who);
      }
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void entry(JsonGenerator out, ListedSpace space, Principal who)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("name", space.name());
    out.writeStringField("id", space.id().toString());
    out.writeNumberField("generation", space.generation());
    out.writeNumberField("cells", space.cells());
    out.writeNumberField("logBytes", space.logBytes());
    out.writeStringField("hosting", space.hosting().name().toLowerCase(Locale.ROOT));
    out.writeBooleanField("writable", who.mayWrite(space.name()));
    settings(out, space.settings());
    out.writeArrayFieldStart("hosts");
    for (var host : space.hosts()) {
      out.writeStartObject();
      out.writeStringField("id", host.key().toString());
      out.writeStringField("name", host.name());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void settings(JsonGenerator out, SpaceSettings settings) throws IOException {
    out.writeObjectFieldStart(RETENTION);
    if (settings.logBytes().isPresent()) {
      out.writeNumberField(BYTES, settings.logBytes().get());
    }
    if (settings.logAge().isPresent()) {
      out.writeNumberField(AGE, settings.logAge().get().toSeconds());
    }
    if (settings.stableAge().isPresent()) {
      out.writeNumberField(STABLE_AGE, settings.stableAge().get().toSeconds());
    }
    out.writeEndObject();
    out.writeArrayFieldStart("members");
    for (KeyFingerprint member : settings.members()) {
      out.writeString(member.toString());
    }
    out.writeEndArray();
  }
}
