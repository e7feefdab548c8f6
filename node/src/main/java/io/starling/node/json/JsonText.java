package io.starling.node.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.TreeMap;

/// The JSON form of a [Value]: what is written reads back as an equal value.
///
/// Numbers keep their kind: one with a fraction is a real, one without is whole if 64 bits hold it.
/// Refused are a field that is named twice, which parsers disagree on; nesting beyond
/// [Value#DEPTH_MAX]; numbers of more than [Value.Decimal#DIGITS_MAX] digits; anything after the
/// value.
public final class JsonText {

  private static final JsonFactory FACTORY = factory(Value.DEPTH_MAX);

  private static final BigDecimal LONG_LIMIT = BigDecimal.TWO.pow(Long.SIZE - 1);

  private JsonText() {}

  /// What reads and writes JSON strictly.
  ///
  /// @param depthMax deepest nesting that is read
  static JsonFactory factory(int depthMax) {
    return JsonFactory.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
        .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(depthMax)
                .maxNumberLength(Value.Decimal.DIGITS_MAX + 16)
                .build())
        .build();
  }

  /// Reads one JSON value and nothing else.
  public static Value parse(String json) throws MalformedException {
    try (var parser = FACTORY.createParser(json)) {
      return whole(parser);
    } catch (IOException refused) {
      throw malformed(refused);
    }
  }

  /// Reads one JSON value and nothing else, from UTF-8.
  public static Value parse(byte[] utf8) throws MalformedException {
    try (var parser = FACTORY.createParser(utf8)) {
      return whole(parser);
    } catch (IOException refused) {
      throw malformed(refused);
    }
  }

  /// Writes a value on one line.
  public static String write(Value value) {
    var text = new StringWriter();
    try (var generator = FACTORY.createGenerator(text)) {
      write(generator, value);
    } catch (IOException impossible) {
      throw new UncheckedIOException("a string that cannot be written to", impossible);
    }
    return text.toString();
  }

  /// Writes a value as part of a larger text.
  public static void write(JsonGenerator out, Value value) throws IOException {
    switch (value) {
      case Value.Null() -> out.writeNull();
      case Value.Bool(boolean truth) -> out.writeBoolean(truth);
      case Value.Int(long whole) -> out.writeNumber(whole);
      case Value.Real(double real) -> out.writeNumber(realText(real));
      case Value.Decimal(var decimal) -> out.writeNumber(decimal.toString());
      case Value.Text(var text) -> out.writeString(text);
      case Value.Array(var items) -> {
        out.writeStartArray();
        for (var item : items) {
          write(out, item);
        }
        out.writeEndArray();
      }
      case Value.Struct(var fields) -> {
        out.writeStartObject();
        for (var field : fields.entrySet()) {
          out.writeFieldName(field.getKey());
          write(out, field.getValue());
        }
        out.writeEndObject();
      }
    }
  }

  // A real that happens to be whole keeps a fraction, by which it is known to be a real.
  private static String realText(double real) {
    var text = Double.toString(real);
    var decimal = new BigDecimal(text);
    boolean readsAsWhole = decimal.scale() <= 0 && decimal.abs().compareTo(LONG_LIMIT) <= 0;
    return readsAsWhole ? decimal.toPlainString() + ".0" : text;
  }

  private static Value whole(JsonParser parser) throws IOException, MalformedException {
    if (parser.nextToken() == null) {
      throw new MalformedException("malformed JSON: the text is empty");
    }
    var value = value(parser);
    if (parser.nextToken() != null) {
      throw new MalformedException("malformed JSON: more text after the value");
    }
    return value;
  }

  /// The value at which a parser is.
  static Value value(JsonParser parser) throws IOException, MalformedException {
    return switch (parser.currentToken()) {
      case VALUE_NULL -> new Value.Null();
      case VALUE_TRUE -> new Value.Bool(true);
      case VALUE_FALSE -> new Value.Bool(false);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser);
      case VALUE_STRING -> text(parser);
      case START_ARRAY -> array(parser);
      case START_OBJECT -> struct(parser);
      case END_ARRAY, END_OBJECT, FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
          throw new MalformedException("malformed JSON: a value expected");
    };
  }

  private static Value number(JsonParser parser) throws IOException, MalformedException {
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      return new Value.Int(parser.getLongValue());
    }
    try {
      var decimal = parser.getDecimalValue();
      boolean isNegativeZero = decimal.signum() == 0 && parser.getText().startsWith("-");
      return isNegativeZero ? new Value.Real(-0.0) : Value.number(decimal);
    } catch (NumberFormatException refused) {
      throw new MalformedException(
          "malformed JSON: a number with an exponent too far out", refused);
    } catch (IllegalArgumentException refused) {
      throw new MalformedException(String.valueOf(refused.getMessage()), refused);
    }
  }

  private static Value text(JsonParser parser) throws IOException, MalformedException {
    try {
      return new Value.Text(parser.getText());
    } catch (IllegalArgumentException refused) {
      throw new MalformedException(String.valueOf(refused.getMessage()), refused);
    }
  }

  private static Value array(JsonParser parser) throws IOException, MalformedException {
    var items = new ArrayList<Value>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(value(parser));
    }
    try {
      return new Value.Array(items);
    } catch (IllegalArgumentException refused) {
      throw new MalformedException(String.valueOf(refused.getMessage()), refused);
    }
  }

  private static Value struct(JsonParser parser) throws IOException, MalformedException {
    var fields = new TreeMap<String, Value>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      var name = parser.currentName();
      parser.nextToken();
      fields.put(name, value(parser));
    }
    try {
      return new Value.Struct(fields);
    } catch (IllegalArgumentException refused) {
      throw new MalformedException(String.valueOf(refused.getMessage()), refused);
    }
  }

  // The parser's messages advise whoever configures it.
  private static String forUsers(String message) {
    return message
        .replaceAll(", from `[^`]*`", "")
        .replaceAll(": enable `[^`]*` to allow", "")
        .replaceAll(" \\(start marker at \\[.*]\\)", "");
  }

  /// What a parser refuses, in words for users.
  static MalformedException malformed(IOException refused) {
    if (refused instanceof JsonProcessingException syntax) {
      var at = syntax.getLocation();
      var where = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
      var first = String.valueOf(syntax.getOriginalMessage()).lines().findFirst().orElse("");
      return new MalformedException("malformed JSON" + where + ": " + forUsers(first), refused);
    }
    return new MalformedException("malformed JSON: " + refused.getMessage(), refused);
  }
}
