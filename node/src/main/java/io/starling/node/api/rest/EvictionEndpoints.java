package io.starling.node.api.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.member.Evictions;
import io.starling.node.space.Space;
import io.starling.node.space.Spaces;
import io.starling.replica.membership.Revocation;
import io.starling.replica.request.Outcome;
import io.starling.replica.status.SpaceStatus.Beyond;
import io.starling.replica.status.SpaceStatus.Revoked;
import java.io.IOException;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/// Members that are evicted: where they are cut off, what of theirs is held, and taking that in.
final class EvictionEndpoints {

  private final String self;
  private final Spaces spaces;
  private final Evictions evictions;

  /// @param self the fingerprint of this node
  EvictionEndpoints(String self, Spaces spaces, Evictions evictions) {
    this.self = self;
    this.spaces = spaces;
    this.evictions = evictions;
  }

  /// The statement that the authority would have to sign.
  Answer cutOff(Call call) throws Problem {
    var member = member(call);
    if (member.toString().equals(self)) {
      throw Problem.invalid(
          "This is the node that is to be evicted. Ask another member, which says how much of it the"
              + " others have.");
    }
    var statement = evictions.cutOff(member);
    return Answer.json(
        200,
        out -> {
          out.writeStartObject();
          out.writeStringField("member", member.toString());
          out.writeStringField(
              "statement", Base64.getEncoder().encodeToString(statement.toBytes()));
          out.writeEndObject();
        });
  }

  Answer list(Call call) {
    var all = evictions.evicted();
    return Answer.json(
        200,
        out -> {
          out.writeStartObject();
          out.writeArrayFieldStart("evicted");
          for (var key : all.keys()) {
            var statements = Optional.ofNullable(all.byKey().get(key)).orElseThrow();
            long at = statements.stream().mapToLong(Revocation::atMillis).min().orElse(0);
            write(out, key, Instant.ofEpochMilli(at));
          }
          out.writeEndArray();
          out.writeEndObject();
        });
  }

  /// Has what is held of a member in a space stand.
  Answer adopt(Call call) throws Problem, InterruptedException {
    var member = member(call);
    var body = JsonObject.of(JsonObject.body(call), "the body");
    var space = body.text("space");
    body.finish();
    return switch (Gate.get(evictions.adopt(space, member))) {
      case Outcome.Committed(_, int batches, _) ->
          Answer.json(
              200,
              out -> {
                out.writeStartObject();
                out.writeNumberField("batches", batches);
                out.writeEndObject();
              });
      case Outcome.Refused refused -> throw Problem.of(refused);
    };
  }

  private static KeyFingerprint member(Call call) throws Problem {
    try {
      return KeyFingerprint.parse(call.name("member"));
    } catch (IllegalArgumentException malformed) {
      throw Problem.invalid(
          "'"
              + call.name("member")
              + "' is no member's id: 32 hexadecimal digits, as member list"
              + " shows them.");
    }
  }

  private void write(JsonGenerator out, KeyFingerprint key, Instant at) throws IOException {
    out.writeStartObject();
    out.writeStringField("id", key.toString());
    out.writeStringField("at", at.toString());
    out.writeArrayFieldStart("spaces");
    for (var space : spaces.all()) {
      for (var revoked : space.status().revocation().revoked()) {
        if (revoked.key().equals(key)) {
          write(out, space, revoked);
        }
      }
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void write(JsonGenerator out, Space space, Revoked revoked) throws IOException {
    out.writeStartObject();
    out.writeStringField("space", space.name());
    out.writeNumberField("held", revoked.held());
    out.writeArrayFieldStart("replicas");
    for (var beyond : revoked.beyond()) {
      write(out, beyond);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void write(JsonGenerator out, Beyond beyond) throws IOException {
    out.writeStartObject();
    out.writeStringField("replica", beyond.replica().toString());
    out.writeNumberField("cutOff", beyond.cut());
    out.writeNumberField("stands", beyond.applied());
    out.writeNumberField("held", beyond.held());
    out.writeArrayFieldStart("keys");
    for (var key : beyond.keys()) {
      out.writeString(key);
    }
    out.writeEndArray();
    out.writeEndObject();
  }
}
