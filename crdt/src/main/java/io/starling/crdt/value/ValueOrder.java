package io.starling.crdt.value;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/// The total order of values by which registers read their greatest or least: null, false, true,
/// then numbers by what they are worth, text by code points, arrays, objects.
///
/// Consistent with `equals`: numbers that are worth the same and are of several kinds (1 and 1.0),
/// arrays and objects are ordered by their canonical bytes, so that all nodes agree.
public final class ValueOrder implements Comparator<Value> {

  public static final ValueOrder ORDER = new ValueOrder();

  private static final int NUMBER = 2;

  private ValueOrder() {}

  /// Whether a value has an order that means something to people: a number or text.
  public static boolean isRanked(Value value) {
    return switch (value) {
      case Value.Int _, Value.Real _, Value.Decimal _, Value.Text _ -> true;
      case Value.Null _, Value.Bool _, Value.Array _, Value.Struct _ -> false;
    };
  }

  @Override
  public int compare(Value one, Value other) {
    int order = Integer.compare(rank(one), rank(other));
    if (order == 0 && rank(one) == NUMBER) {
      order = number(one).compareTo(number(other));
    }
    if (order == 0 && one instanceof Value.Text(var left)) {
      order = Arrays.compareUnsigned(utf8(left), utf8(((Value.Text) other).value()));
    }
    return order != 0
        ? order
        : Arrays.compareUnsigned(ValueEncoding.encode(one), ValueEncoding.encode(other));
  }

  private static int rank(Value value) {
    return switch (value) {
      case Value.Null _ -> 0;
      case Value.Bool _ -> 1;
      case Value.Int _, Value.Real _, Value.Decimal _ -> NUMBER;
      case Value.Text _ -> 3;
      case Value.Array _ -> 4;
      case Value.Struct _ -> 5;
    };
  }

  private static BigDecimal number(Value value) {
    return switch (value) {
      case Value.Int(long whole) -> BigDecimal.valueOf(whole);
      case Value.Real(double real) -> BigDecimal.valueOf(real);
      case Value.Decimal(var decimal) -> decimal;
      case Value.Null _, Value.Bool _, Value.Text _, Value.Array _, Value.Struct _ ->
          throw new IllegalArgumentException("no number: " + value);
    };
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
