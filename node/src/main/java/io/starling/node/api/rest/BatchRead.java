package io.starling.node.api.rest;

import io.starling.crdt.cell.Path;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.node.json.ViewJson;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.read.TooLargeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reading many places of a space at one causally consistent cut.
final class BatchRead {

  /// Places in one read.
  static final int QUERIES_MAX = 1_000;

  private final Gate gate;

  BatchRead(Gate gate) {
    this.gate = gate;
  }

  /// A place to read.
  ///
  /// @param after a page of the set there: the elements after this one
  private record Query(Path path, int elements, Optional<Value> after) {

    // Empty if it has too many parts. That the whole answer grows too large is another matter.
    Optional<View> view(SpaceReader reader) {
      try {
        return Optional.of(
            after.isPresent()
                ? reader.elements(path, after, elements)
                : reader.view(path, elements));
      } catch (TooLargeException _) {
        return Optional.empty();
      }
    }
  }

  Answer read(Call call) throws Problem, InterruptedException {
    var space = gate.readable(call);
    var body = JsonObject.of(JsonObject.body(call), "the body");
    var form = KeyEndpoints.form(body.optionalText("form").orElse("value"));
    var queries = queries(body);
    var token = gate.token(call, Gate.TOKEN, "token", body.optionalText("token"));
    body.finish();
    if (token.isPresent()) {
      gate.await(space, token.get(), call);
    }
    try (var snapshot = space.read()) {
      var reader = snapshot.reader();
      var text = reader.token().toText();
      return Gate.tokened(
          text,
          Answer.json(
              200,
              out -> {
                out.writeStartObject();
                out.writeArrayFieldStart("readings");
                for (var query : queries) {
                  out.writeStartObject();
                  KeyEndpoints.place(out, query.path());
                  var view = query.view(reader);
                  if (view.isPresent()) {
                    ViewJson.fields(out, view.get(), form);
                  } else {
                    out.writeBooleanField("tooLarge", true);
                  }
                  out.writeEndObject();
                }
                out.writeEndArray();
                out.writeStringField("token", text);
                out.writeEndObject();
              }));
    }
  }

  private static List<Query> queries(JsonObject body) throws Problem {
    var items = body.array("queries");
    if (items.isEmpty() || items.get().isEmpty() || items.get().size() > QUERIES_MAX) {
      throw body.wrong("needs 'queries', an array of 1 to " + QUERIES_MAX);
    }
    var queries = new ArrayList<Query>();
    for (var item : items.get()) {
      queries.add(query(JsonObject.of(item, "query " + (queries.size() + 1))));
    }
    return queries;
  }

  private static Query query(JsonObject in) throws Problem {
    var path = MutationJson.path(in.text("key"), in.texts("fields"));
    long elements = in.whole("elements").orElse((long) KeyEndpoints.ELEMENTS_DEFAULT);
    if (elements < 1 || elements > KeyEndpoints.ELEMENTS_MAX) {
      throw in.wrong("has 'elements' outside of 1 to " + KeyEndpoints.ELEMENTS_MAX);
    }
    var after = in.value("after");
    in.finish();
    return new Query(path, (int) elements, after);
  }
}
