package io.starling.crdt.value;

import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.TreeMap;

/// The canonical bytes of a [Value]: a tag, then the content.
///
/// Whole numbers and text order by their bytes as they do by value, so that elements of a set page
/// in a sensible order. Frozen: `vectors/` holds examples, and a tag never changes its meaning.
public final class ValueEncoding {

  private static final int NULL = 0;
  private static final int FALSE = 1;
  private static final int TRUE = 2;
  private static final int INT = 3;
  private static final int REAL = 4;
  private static final int DECIMAL = 5;
  private static final int TEXT = 6;
  private static final int ARRAY = 7;
  private static final int STRUCT = 8;

  private ValueEncoding() {}

  /// The canonical bytes of a value, not self-delimiting: text runs to the end.
  public static byte[] encode(Value value) {
    var out = new Encoder();
    if (value instanceof Value.Text(var text)) {
      return out.u8(TEXT).raw(text.getBytes(StandardCharsets.UTF_8)).toBytes();
    }
    write(out, value);
    return out.toBytes();
  }

  /// Reads what [#encode(Value)] gives.
  public static Value decode(byte[] bytes) throws MalformedException {
    var in = new Decoder(bytes);
    int tag = in.u8();
    var value = tag == TEXT ? text(Decoder.utf8(in.rest())) : read(in, tag, 0);
    in.finish();
    return value;
  }

  /// Checks that what is left to read is a value, as [#decode] does, but makes no text of it.
  public static void check(Decoder in) throws MalformedException {
    int tag = in.u8();
    if (tag == TEXT) {
      in.skipUtf8();
    } else {
      var _ = read(in, tag, 0);
    }
    in.finish();
  }

  private static void write(Encoder out, Value value) {
    switch (value) {
      case Value.Null() -> out.u8(NULL);
      case Value.Bool(boolean truth) -> out.u8(truth ? TRUE : FALSE);
      case Value.Int(long whole) -> out.u8(INT).u64(whole ^ Long.MIN_VALUE);
      case Value.Real(double real) -> out.u8(REAL).u64(Double.doubleToRawLongBits(real));
      case Value.Decimal(var decimal) ->
          out.u8(DECIMAL).signed(decimal.scale()).bytes(decimal.unscaledValue().toByteArray());
      case Value.Text(var text) -> out.u8(TEXT).text(text);
      case Value.Array(var items) -> {
        out.u8(ARRAY).varint(items.size());
        items.forEach(item -> write(out, item));
      }
      case Value.Struct(var fields) -> {
        out.u8(STRUCT).varint(fields.size());
        fields.forEach((name, field) -> {
          out.text(name);
          write(out, field);
        });
      }
    }
  }

  private static Value read(Decoder in, int tag, int depth) throws MalformedException {
    // Refused here, before the items are read: a constructor would come after the stack is full.
    if (depth == Value.DEPTH_MAX && (tag == ARRAY || tag == STRUCT)) {
      throw new MalformedException("a value nested deeper than " + Value.DEPTH_MAX);
    }
    return switch (tag) {
      case NULL -> new Value.Null();
      case FALSE -> new Value.Bool(false);
      case TRUE -> new Value.Bool(true);
      case INT -> new Value.Int(in.u64() ^ Long.MIN_VALUE);
      case REAL -> real(in.u64());
      case DECIMAL -> decimal(in);
      case TEXT -> text(in.text());
      case ARRAY -> array(in, depth);
      case STRUCT -> struct(in, depth);
      default -> throw new MalformedException("unknown value tag " + tag);
    };
  }

  private static Value real(long bits) throws MalformedException {
    double real = Double.longBitsToDouble(bits);
    if (!Double.isFinite(real)) {
      throw new MalformedException("a number that is not finite");
    }
    return new Value.Real(real);
  }

  private static Value decimal(Decoder in) throws MalformedException {
    long scale = in.signed();
    byte[] unscaled = in.bytes();
    if (unscaled.length == 0 || unscaled.length > Value.Decimal.DIGITS_MAX) {
      throw new MalformedException("a number of " + unscaled.length + " bytes");
    }
    // Not by Math.abs, of which the least long has none.
    if (scale < -Value.Decimal.DIGITS_MAX || scale > Value.Decimal.DIGITS_MAX) {
      throw new MalformedException("a number of scale " + scale);
    }
    var number = new BigDecimal(new BigInteger(unscaled), (int) scale);
    try {
      var decimal = new Value.Decimal(number);
      boolean canonical =
          decimal.value().scale() == number.scale()
              && decimal.value().unscaledValue().equals(number.unscaledValue())
              && number.unscaledValue().toByteArray().length == unscaled.length;
      if (!canonical) {
        throw new MalformedException("a number not in its shortest form");
      }
      return decimal;
    } catch (IllegalArgumentException refused) {
      throw new MalformedException("a number out of range", refused);
    }
  }

  private static Value text(String text) {
    return new Value.Text(text);
  }

  private static Value array(Decoder in, int depth) throws MalformedException {
    int size = in.count(in.remaining(), "items");
    var items = new ArrayList<Value>();
    for (int i = 0; i < size; i++) {
      items.add(read(in, in.u8(), depth + 1));
    }
    return new Value.Array(items);
  }

  private static Value struct(Decoder in, int depth) throws MalformedException {
    int size = in.count(in.remaining(), "fields");
    var fields = new TreeMap<String, Value>();
    for (int i = 0; i < size; i++) {
      var name = in.text();
      if (!fields.isEmpty() && fields.lastKey().compareTo(name) >= 0) {
        throw new MalformedException("object fields out of order");
      }
      fields.put(name, read(in, in.u8(), depth + 1));
    }
    return new Value.Struct(fields);
  }
}
