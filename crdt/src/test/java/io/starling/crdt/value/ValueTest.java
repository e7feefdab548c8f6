package io.starling.crdt.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ValueTest {

  @Property
  void aNumberKeepsItsValueInWhateverKind(
      @ForAll BigDecimal unbounded, @ForAll @IntRange(min = -50, max = 50) int shift) {
    var number = unbounded.scaleByPowerOfTen(shift);
    assertThat(toDecimal(Value.number(number))).isEqualByComparingTo(number);
  }

  @Example
  void wholeNumbersOfSixtyFourBitsAreInts() {
    assertThat(number("0")).isEqualTo(new Value.Int(0));
    assertThat(number("-9223372036854775808")).isEqualTo(new Value.Int(Long.MIN_VALUE));
    assertThat(number("9223372036854775807")).isEqualTo(new Value.Int(Long.MAX_VALUE));
    assertThat(number("1e3")).isEqualTo(new Value.Int(1_000));
    assertThat(number("9223372036854775809")).isInstanceOf(Value.Decimal.class);
  }

  @Example
  void aFractionIsARealIfADoubleIsWrittenLikeIt() {
    assertThat(number("0.1")).isEqualTo(new Value.Real(0.1));
    assertThat(number("1.0")).isEqualTo(new Value.Real(1));
    assertThat(number("1e19")).isEqualTo(new Value.Real(1e19));
    assertThat(number("1e300")).isEqualTo(new Value.Real(1e300));
    assertThat(number("0.1000000000000000055511151231257827")).isInstanceOf(Value.Decimal.class);
    // A double holds it, but is written 9.223372036854776e18.
    assertThat(number("9223372036854775808")).isInstanceOf(Value.Decimal.class);
    // No double is written so, but a long holds it.
    assertThat(number("9007199254740993.0")).isEqualTo(new Value.Int(9_007_199_254_740_993L));
  }

  /// As elements of a set the two would be one to a reader, and two to the set.
  @Example
  void zerosAtTheEndMakeNoOtherDecimal() {
    var one = number("1234567890.12345678901234567890");
    var other = number("1234567890.1234567890123456789");
    assertThat(one).isEqualTo(other);
    assertThat(ValueEncoding.encode(one)).isEqualTo(ValueEncoding.encode(other));
  }

  @Example
  void aDecimalThatANarrowerKindHoldsDoesNotExist() {
    for (var text : List.of("5", "0.5", "0", "5e3", "1e300")) {
      assertThatThrownBy(() -> new Value.Decimal(new BigDecimal(text)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Example
  void aNumberBeyondTheLimitsIsRefusedQuickly() {
    for (var text :
        List.of("1e1001", "1e-1001", "1e2147483647", "100e2147483646", "0e-2147483647")) {
      assertThatThrownBy(() -> number(text)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> number("1".repeat(1_001)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(number("1".repeat(1_000))).isInstanceOf(Value.Decimal.class);
    assertThat(number("1e1000")).isInstanceOf(Value.Decimal.class);
  }

  @Example
  void infinityIsNoNumber() {
    for (double real : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
      assertThatThrownBy(() -> new Value.Real(real)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Example
  void aLoneSurrogateIsNoText() {
    for (var text : List.of("\uD83D", "a\uDC26", "\uDC26\uD83D", "\uD83Da")) {
      assertThatThrownBy(() -> new Value.Text(text)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(new Value.Text("\uD83D\uDC26").value()).hasSize(2);
  }

  /// A sorted map brings its own order along, and `new TreeMap<>(sorted)` takes it over.
  @Example
  void fieldsHaveOneOrderWhateverOrderTheyCameIn() {
    var reversed = new TreeMap<String, Value>(Comparator.reverseOrder());
    var natural = new TreeMap<String, Value>();
    for (var name : List.of("a", "b", "c")) {
      reversed.put(name, new Value.Null());
      natural.put(name, new Value.Null());
    }
    var one = new Value.Struct(reversed);
    var other = new Value.Struct(natural);
    assertThat(one).isEqualTo(other);
    assertThat(ValueEncoding.encode(one)).isEqualTo(ValueEncoding.encode(other));
  }

  @Example
  void aValueDoesNotChangeWithWhatItWasMadeOf() {
    var items = new ArrayList<Value>(List.of(new Value.Int(1)));
    var fields = new TreeMap<String, Value>();
    var array = new Value.Array(items);
    var struct = new Value.Struct(fields);
    items.clear();
    fields.put("late", new Value.Null());
    assertThat(array.items()).hasSize(1);
    assertThat(struct.fields()).isEmpty();
  }

  private static Value number(String text) {
    return Value.number(new BigDecimal(text));
  }

  private static BigDecimal toDecimal(Value number) {
    return switch (number) {
      case Value.Int(long whole) -> BigDecimal.valueOf(whole);
      case Value.Real(double real) -> BigDecimal.valueOf(real);
      case Value.Decimal(var decimal) -> decimal;
      case Value.Null _, Value.Bool _, Value.Text _, Value.Array _, Value.Struct _ ->
          throw new AssertionError(number);
    };
  }
}
