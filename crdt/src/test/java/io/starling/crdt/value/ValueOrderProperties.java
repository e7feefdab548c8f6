package io.starling.crdt.value;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.encoding.Generators;
import java.math.BigDecimal;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class ValueOrderProperties {

  @Provide
  Arbitrary<Value> values() {
    return Generators.values();
  }

  @Property
  void anyTwoAreOrderedAndEqualOnesAlone(
      @ForAll("values") Value one, @ForAll("values") Value other) {
    int order = ValueOrder.ORDER.compare(one, other);

    assertThat(Integer.signum(ValueOrder.ORDER.compare(other, one)))
        .isEqualTo(-Integer.signum(order));
    assertThat(order == 0).isEqualTo(one.equals(other));
  }

  @Property
  void theOrderIsTransitive(
      @ForAll("values") Value a, @ForAll("values") Value b, @ForAll("values") Value c) {
    var sorted = List.of(a, b, c).stream().sorted(ValueOrder.ORDER).toList();

    assertThat(ValueOrder.ORDER.compare(sorted.get(0), sorted.get(2))).isNotPositive();
  }

  @Example
  void numbersGoByWhatTheyAreWorthAndTextByCodePoints() {
    var ascending =
        List.<Value>of(
            new Value.Null(),
            new Value.Bool(false),
            new Value.Bool(true),
            Value.number(new BigDecimal("-1e400")),
            new Value.Int(-5),
            new Value.Real(-4.5),
            new Value.Int(1),
            new Value.Real(1.0),
            new Value.Real(1.5),
            new Value.Int(Long.MAX_VALUE),
            Value.number(new BigDecimal("9223372036854775808")),
            new Value.Text(""),
            new Value.Text("Z"),
            new Value.Text("a"),
            new Value.Text("\uffee"),
            // Behind the one before by code points, before it by UTF-16.
            new Value.Text("\ud83d\ude00"),
            new Value.Array(List.of()));

    assertThat(ascending).isSortedAccordingTo(ValueOrder.ORDER);
    assertThat(ValueOrder.isRanked(new Value.Text(""))).isTrue();
    assertThat(ValueOrder.isRanked(new Value.Bool(true))).isFalse();
  }
}
