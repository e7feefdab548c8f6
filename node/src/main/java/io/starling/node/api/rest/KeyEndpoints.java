package io.starling.node.api.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.node.json.JsonText;
import io.starling.node.json.ViewJson;
import io.starling.node.space.Snapshot;
import io.starling.replica.read.KeyPage;
import io.starling.replica.read.SpaceReader;
import io.starling.replica.read.TooLargeException;
import io.starling.replica.read.TypedPage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Reading keys.
final class KeyEndpoints {

  static final int ELEMENTS_DEFAULT = 1_000;
  static final int ELEMENTS_MAX = 10_000;
  private static final int PAGE_DEFAULT = 100;
  private static final int PAGE_MAX = 1_000;

  // A page ends early rather than grow beyond this.
  private static final int PAGE_BYTES = 1024 * 1024;

  private final Gate gate;

  KeyEndpoints(Gate gate) {
    this.gate = gate;
  }

  /// How views come back, if at all.
  static Optional<ViewJson.Form> form(Call call, String otherwise) throws Problem {
    return form(call.parameter("form").orElse(otherwise));
  }

  /// A form by its name.
  static Optional<ViewJson.Form> form(String name) throws Problem {
    return switch (name) {
      case "value" -> Optional.of(ViewJson.Form.VALUE);
      case "view" -> Optional.of(ViewJson.Form.VIEW);
      case "none" -> Optional.empty();
      default -> throw Problem.malformed("'form' must be value, view or none.");
    };
  }

  Answer read(Call call) throws Problem, InterruptedException {
    var path = MutationJson.path(call.name("key"), call.parameters("field"));
    var form = form(call, "value");
    int limit = call.number("elements", ELEMENTS_DEFAULT, ELEMENTS_MAX);
    var after = after(call);
    try (var snapshot = snapshot(call)) {
      var reader = snapshot.reader();
      var view = after.isPresent() ? reader.elements(path, after, limit) : reader.view(path, limit);
      var token = reader.token().toText();
      if (view instanceof View.Absent) {
        throw Problem.of(
            Problem.Kind.UNKNOWN_KEY, "Nothing is at '" + path + "' in this space, as of now.");
      }
      return tokened(token, Answer.json(200, out -> entry(out, path, view, form, token)));
    } catch (TooLargeException tooLarge) {
      throw tooLarge(tooLarge);
    }
  }

  Answer list(Call call) throws Problem, InterruptedException {
    var prefix = call.parameter("prefix").orElse("");
    var after = call.parameter("after").orElse("");
    var type = type(call);
    int limit = call.number("limit", PAGE_DEFAULT, PAGE_MAX);
    var form = form(call, "none");
    int elements = call.number("elements", ELEMENTS_DEFAULT, ELEMENTS_MAX);
    try (var snapshot = snapshot(call)) {
      var reader = snapshot.reader();
      var page =
          type.map(kind -> Page.of(reader.keysOf(kind, prefix, after, limit)))
              .orElseGet(() -> Page.of(reader.keys(prefix, after, limit)));
      var token = reader.token().toText();
      return tokened(
          token,
          Answer.json(
              200,
              out -> {
                out.writeStartObject();
                out.writeArrayFieldStart("keys");
                int written = 0;
                for (var key : page.keys()) {
                  if (out.getOutputBuffered() + size(out) > PAGE_BYTES) {
                    break;
                  }
                  listed(out, reader, key, form, elements);
                  written++;
                }
                out.writeEndArray();
                boolean isCut = written < page.keys().size();
                out.writeBooleanField("more", page.more() || isCut);
                if (type.isPresent() && (page.more() || isCut)) {
                  out.writeStringField(
                      "after", isCut ? page.keys().get(written - 1) : page.after());
                }
                out.writeStringField("token", token);
                out.writeEndObject();
              }));
    }
  }

  /// Keys, and where to go on with them.
  private record Page(List<String> keys, boolean more, String after) {
    static Page of(KeyPage page) {
      return new Page(page.keys(), page.more(), "");
    }

    static Page of(TypedPage page) {
      return new Page(page.keys(), page.after().isPresent(), page.after().orElse(""));
    }
  }

  private static Optional<CellKind> type(Call call) throws Problem {
    var name = call.parameter("type");
    var found =
        name.flatMap(label ->
            Stream.of(CellKind.values()).filter(kind -> kind.label().equals(label)).findFirst());
    if (name.isPresent() && found.isEmpty()) {
      var all = Stream.of(CellKind.values()).map(CellKind::label).toList();
      throw Problem.malformed("'type' must be one of " + String.join(", ", all) + ".");
    }
    return found;
  }

  static Problem tooLarge(TooLargeException tooLarge) {
    return Problem.of(Problem.Kind.VALUE_TOO_LARGE, String.valueOf(tooLarge.getMessage()));
  }

  private Snapshot snapshot(Call call) throws Problem, InterruptedException {
    var space = gate.readable(call);
    var token = gate.token(call, Gate.TOKEN);
    if (token.isPresent()) {
      gate.await(space, token.get(), call);
    }
    return space.read();
  }

  private static Optional<Value> after(Call call) throws Problem {
    var text = call.parameter("after");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(JsonText.parse(text.get()));
    } catch (MalformedException malformed) {
      throw Problem.malformed(
          "The parameter 'after' must be an element of the set, as JSON: "
              + malformed.getMessage()
              + ".");
    }
  }

  private static void entry(
      JsonGenerator out, Path path, View view, Optional<ViewJson.Form> form, String token)
      throws IOException {
    out.writeStartObject();
    place(out, path);
    ViewJson.fields(out, view, form);
    out.writeStringField("token", token);
    out.writeEndObject();
  }

  /// Writes where something is into the object that is open.
  static void place(JsonGenerator out, Path path) throws IOException {
    out.writeStringField("key", path.key());
    if (!path.isRoot()) {
      out.writeArrayFieldStart("fields");
      for (var field : path.fields()) {
        out.writeString(field);
      }
      out.writeEndArray();
    }
  }

  private static void listed(
      JsonGenerator out, SpaceReader reader, String key, Optional<ViewJson.Form> form, int elements)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("key", key);
    if (form.isPresent()) {
      try {
        ViewJson.fields(out, reader.view(Path.of(key), elements), form);
      } catch (TooLargeException _) {
        out.writeBooleanField("tooLarge", true);
      }
    }
    out.writeEndObject();
  }

  private static int size(JsonGenerator out) {
    return out.getOutputTarget() instanceof java.io.ByteArrayOutputStream bytes ? bytes.size() : 0;
  }

  private static Answer tokened(String token, Answer.Whole answer) {
    return Gate.tokened(token, answer);
  }
}
