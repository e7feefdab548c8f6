package io.starling.node.api.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.starling.node.json.JsonText;
import io.starling.node.receipt.Receipt;
import io.starling.node.space.Durability;
import io.starling.node.space.Level;
import io.starling.node.space.Space;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.message.Token;
import java.io.IOException;
import java.util.Optional;

/// Levels of acknowledgement in requests, and what came of them in answers.
final class Durabilities {

  /// On how many other members something is to be durable before it is answered.
  static final String HEADER = "Starling-Durability";

  private final ClusterId cluster;

  Durabilities(ClusterId cluster) {
    this.cluster = cluster;
  }

  /// The level that a call asks for, if it asks for one.
  Optional<Level> level(Call call) throws Problem {
    var word = call.header(HEADER);
    return word.isEmpty() ? Optional.empty() : Optional.of(level(word.get()));
  }

  /// A level by its word.
  static Level level(String word) throws Problem {
    try {
      return Level.parse(word);
    } catch (IllegalArgumentException refused) {
      throw Problem.malformed("The durability: " + refused.getMessage() + ".");
    }
  }

  /// Refuses a level that this cluster cannot give, before anything is written.
  static void requireReachable(Space space, Level level) throws Problem {
    var objection = space.objection(level);
    if (objection.isPresent()) {
      throw Problem.of(Problem.Kind.LEVEL_UNREACHABLE, objection.get());
    }
  }

  /// Waits for it.
  Durability await(Call call, Space space, Token token, Level level)
      throws Problem, InterruptedException {
    var wait = Gate.wait(call);
    return Gate.get(space.acknowledge(token, level, wait), wait.plusSeconds(30));
  }

  /// Writes how far it got into the object that is open.
  void write(JsonGenerator out, Space space, Durability durability) throws IOException {
    out.writeObjectFieldStart("durability");
    out.writeBooleanField("reached", durability.isReached());
    out.writeStringField("summary", durability.summary());
    out.writeArrayFieldStart("acknowledged");
    for (var statement : durability.statements()) {
      out.writeString(statement.name());
    }
    out.writeEndArray();
    out.writeArrayFieldStart("missing");
    for (var name : durability.missing()) {
      out.writeString(name);
    }
    out.writeEndArray();
    out.writeFieldName("receipt");
    JsonText.write(out, Receipt.of(cluster, space.name(), space.generation(), durability).toJson());
    out.writeEndObject();
  }
}
