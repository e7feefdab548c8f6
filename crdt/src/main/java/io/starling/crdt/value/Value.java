package io.starling.crdt.value;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// An immutable value without any CRDT structure: what a register holds, a set contains, JSON says.
///
/// Numbers keep their kind: a whole number that fits 64 bits is an [Int], another that a double
/// holds exactly a [Real], any other a [Decimal]. Values are equal when their canonical bytes are
/// ([ValueEncoding]).
public sealed interface Value {

  /// Deepest nesting of arrays and objects accepted anywhere.
  int DEPTH_MAX = 32;

  /// JSON's null.
  record Null() implements Value {}

  record Bool(boolean value) implements Value {}

  record Int(long value) implements Value {}

  /// A finite double.
  record Real(double value) implements Value {
    public Real {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("a number must be finite");
      }
    }
  }

  /// A number that neither a long nor a double holds exactly; of at most 1 000 digits.
  record Decimal(BigDecimal value) implements Value {
    /// Most digits, and the largest scale either way.
    public static final int DIGITS_MAX = 1_000;

    public Decimal {
      if (value.precision() > DIGITS_MAX || Math.abs((long) value.scale()) > DIGITS_MAX) {
        throw new IllegalArgumentException("a number of more than " + DIGITS_MAX + " digits");
      }
    }
  }

  /// Unicode text without lone surrogates.
  record Text(String value) implements Value {
    public Text {
      Texts.requireUnicode(value);
    }
  }

  /// An array as one value: it is replaced whole.
  record Array(List<Value> items) implements Value {
    public Array {
      items = List.copyOf(items);
    }
  }

  /// An object as one value. At the top of a document it stands for a map, merged by field.
  record Struct(SortedMap<String, Value> fields) implements Value {
    public Struct {
      fields.keySet().forEach(Texts::requireUnicode);
      fields = Collections.unmodifiableSortedMap(new TreeMap<>(fields));
    }
  }

  /// The number in its narrowest kind.
  static Value number(BigDecimal number) {
    // Guard against a huge exponent before any conversion that would expand it.
    var decimal = new Decimal(number);
    if (number.scale() <= 0) {
      var whole = number.toBigInteger();
      if (whole.bitLength() < Long.SIZE) {
        return new Int(whole.longValue());
      }
    }
    double nearest = number.doubleValue();
    boolean exact =
        Double.isFinite(nearest) && BigDecimal.valueOf(nearest).compareTo(number) == 0;
    return exact ? new Real(nearest) : decimal;
  }

  /// How deep arrays and objects nest in this value: 0 for a scalar.
  default int depth() {
    return switch (this) {
      case Array(var items) -> 1 + items.stream().mapToInt(Value::depth).max().orElse(0);
      case Struct(var fields) ->
          1 + fields.values().stream().mapToInt(Value::depth).max().orElse(0);
      case Null _, Bool _, Int _, Real _, Decimal _, Text _ -> 0;
    };
  }
}
