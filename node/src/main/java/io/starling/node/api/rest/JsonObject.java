package io.starling.node.api.rest;

import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.node.json.JsonText;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// An object that a client sent, being read field by field. A field that nobody asked for is
/// refused rather than passed over: it is a misspelt one.
final class JsonObject {

  private final Value.Struct object;
  private final String where;
  private final TreeSet<String> asked = new TreeSet<>();

  private JsonObject(Value.Struct object, String where) {
    this.object = object;
    this.where = where;
  }

  /// @param where for messages: `the body`, `mutation 3`
  static JsonObject of(Value value, String where) throws Problem {
    if (value instanceof Value.Struct object) {
      return new JsonObject(object, where);
    }
    throw Problem.invalid("%s must be a JSON object.".formatted(capital(where)));
  }

  /// The value that a body is.
  static Value body(Call call) throws Problem {
    try {
      return JsonText.parse(call.body());
    } catch (MalformedException malformed) {
      throw Problem.malformed("The body cannot be read: " + malformed.getMessage() + ".");
    }
  }

  Optional<Value> value(String field) {
    asked.add(field);
    return Optional.ofNullable(object.fields().get(field));
  }

  Value needed(String field) throws Problem {
    return value(field).orElseThrow(() -> wrong("needs the field '" + field + "'"));
  }

  String text(String field) throws Problem {
    return optionalText(field).orElseThrow(() -> wrong("needs the field '" + field + "'"));
  }

  Optional<String> optionalText(String field) throws Problem {
    var value = value(field);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (value.get() instanceof Value.Text(var text)) {
      return Optional.of(text);
    }
    throw wrong("has a field '" + field + "' that is not a string");
  }

  /// A whole number of 64 bits; a string of digits too, for clients whose numbers are doubles.
  Optional<Long> whole(String field) throws Problem {
    var value = value(field);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    return switch (value.get()) {
      case Value.Int(long whole) -> Optional.of(whole);
      case Value.Text(var digits) when digits.matches("-?[0-9]{1,19}") ->
          Optional.of(fit(field, new BigDecimal(digits)));
      case Value.Real(double real) when real == Math.rint(real) && Math.abs(real) < 0x1p53 ->
          Optional.of((long) real);
      default -> throw wrong("has a field '" + field + "' that is not a whole number of 64 bits");
    };
  }

  Optional<Boolean> truth(String field) throws Problem {
    var value = value(field);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (value.get() instanceof Value.Bool(boolean truth)) {
      return Optional.of(truth);
    }
    throw wrong("has a field '" + field + "' that is not true or false");
  }

  Optional<List<Value>> array(String field) throws Problem {
    var value = value(field);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    if (value.get() instanceof Value.Array(var items)) {
      return Optional.of(items);
    }
    throw wrong("has a field '" + field + "' that is not an array");
  }

  /// An array of strings; empty if it is not there.
  List<String> texts(String field) throws Problem {
    var texts = new ArrayList<String>();
    for (var item : array(field).orElse(List.of())) {
      if (!(item instanceof Value.Text(var text))) {
        throw wrong("has a field '" + field + "' with something other than strings");
      }
      texts.add(text);
    }
    return texts;
  }

  /// Refuses fields that were not asked for.
  void finish() throws Problem {
    for (var field : object.fields().keySet()) {
      if (!asked.contains(field)) {
        throw wrong(
            "has a field '"
                + field
                + "' that is not known here; known are "
                + String.join(", ", asked));
      }
    }
  }

  Problem wrong(String what) {
    return Problem.invalid(capital(where) + " " + what + ".");
  }

  private long fit(String field, BigDecimal number) throws Problem {
    try {
      return number.longValueExact();
    } catch (ArithmeticException tooLarge) {
      throw wrong("has a field '" + field + "' that does not fit 64 bits");
    }
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}
