package io.starling.node.json;

import io.starling.crdt.value.Value;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/// Arbitrary values for properties.
public final class Values {

  private Values() {}

  /// Values of any kind, a few levels deep.
  public static Arbitrary<Value> any() {
    return nested(3);
  }

  /// Values of every kind but arrays and objects.
  public static Arbitrary<Value> scalars() {
    return Arbitraries.oneOf(
        Arbitraries.just(new Value.Null()),
        Arbitraries.of(true, false).map(Value.Bool::new),
        Arbitraries.longs().map(Value.Int::new),
        Arbitraries.doubles().map(Value.Real::new),
        Arbitraries.of(-0.0, 1.0, 1e10, -1e18, 9.3e18, 1e300, Double.MIN_VALUE)
            .map(Value.Real::new),
        decimals(),
        texts().map(Value.Text::new));
  }

  /// Text with control characters and characters beyond the basic plane.
  public static Arbitrary<String> texts() {
    var lone = "[\\ud800-\\udfff]";
    return Arbitraries.strings()
        .ofMaxLength(12)
        .map(text -> text.replaceAll(lone, "?") + (text.length() % 3 == 0 ? "🐦" : ""));
  }

  /// Objects.
  public static Arbitrary<Value.Struct> structs() {
    return struct(nested(2));
  }

  private static Arbitrary<Value> decimals() {
    var digits = Arbitraries.bigIntegers().between(BigInteger.TWO.pow(64), BigInteger.TWO.pow(200));
    return digits.flatMap(whole ->
        Arbitraries.integers()
            .between(-300, 300)
            .map(scale -> Value.number(new BigDecimal(whole, scale))));
  }

  private static Arbitrary<Value> nested(int depth) {
    if (depth == 0) {
      return scalars();
    }
    var below = nested(depth - 1);
    return Arbitraries.oneOf(
        scalars(),
        below.list().ofMaxSize(3).map(Value.Array::new),
        struct(below).map(struct -> (Value) struct));
  }

  private static Arbitrary<Value.Struct> struct(Arbitrary<Value> below) {
    return Arbitraries.maps(texts(), below)
        .ofMaxSize(3)
        .map(fields -> new Value.Struct(new TreeMap<>(fields)));
  }
}
