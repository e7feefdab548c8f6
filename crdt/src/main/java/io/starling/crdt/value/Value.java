package io.starling.crdt.value;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// An immutable value without any CRDT structure: what a register holds, a set contains, JSON says.
///
/// Numbers keep their kind: a whole number that fits 64 bits is an [Int], another that is written
/// like some double a [Real], any other a [Decimal]. Values are equal when their canonical bytes
/// are ([ValueEncoding]).
public sealed interface Value {

  /// Deepest nesting of arrays and objects: no deeper value exists.
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

  /// A number that neither fits a long nor is written like a double; of at most 1 000 digits, not
  /// counting zeros at its end, which it drops: one number, one form.
  record Decimal(BigDecimal value) implements Value {
    /// Most digits, and the largest scale either way.
    public static final int DIGITS_MAX = 1_000;

    public Decimal {
      // Once before a huge scale could do harm, once for the scale that dropping zeros gives.
      requireLimits(value);
      value = value.stripTrailingZeros();
      requireLimits(value);
      if (fitsLong(value) || fitsDouble(value)) {
        throw new IllegalArgumentException("a number of a narrower kind: " + value);
      }
    }

    private static void requireLimits(BigDecimal number) {
      if (number.precision() > DIGITS_MAX || Math.abs((long) number.scale()) > DIGITS_MAX) {
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
      requireDepth(items);
    }
  }

  /// An object as one value. At the top of a document it stands for a map, merged by field.
  record Struct(SortedMap<String, Value> fields) implements Value {
    public Struct {
      fields.keySet().forEach(Texts::requireUnicode);
      // Not `new TreeMap<>(fields)`, which would take over an order that is not that of names.
      var ordered = new TreeMap<String, Value>();
      ordered.putAll(fields);
      fields = Collections.unmodifiableSortedMap(ordered);
      requireDepth(fields.values());
    }
  }

  /// The number in its narrowest kind. One that is written with a fraction stays a [Real] if it
  /// can, even if the fraction is zero.
  ///
  /// @throws IllegalArgumentException if it has more than [Decimal#DIGITS_MAX] digits
  static Value number(BigDecimal number) {
    // Before any conversion that would expand a huge exponent.
    Decimal.requireLimits(number);
    if (number.scale() <= 0 && fitsLong(number)) {
      return new Int(number.longValueExact());
    }
    if (fitsDouble(number)) {
      return new Real(number.doubleValue());
    }
    return fitsLong(number) ? new Int(number.longValueExact()) : new Decimal(number);
  }

  private static boolean fitsLong(BigDecimal number) {
    var shortest = number.stripTrailingZeros();
    return shortest.scale() <= 0 && shortest.toBigInteger().bitLength() < Long.SIZE;
  }

  /// Whether the double nearest to a number is written like it.
  private static boolean fitsDouble(BigDecimal number) {
    double nearest = number.doubleValue();
    return Double.isFinite(nearest) && BigDecimal.valueOf(nearest).compareTo(number) == 0;
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

  private static void requireDepth(Collection<Value> within) {
    if (within.stream().anyMatch(value -> value.depth() >= DEPTH_MAX)) {
      throw new IllegalArgumentException("a value nested deeper than " + DEPTH_MAX);
    }
  }
}
