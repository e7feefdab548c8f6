package io.starling.crdt.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.encoding.CanonicalLaws;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.Generators;
import io.starling.crdt.encoding.MalformedException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ValueEncodingTest extends CanonicalLaws<Value> {

  @Override
  protected Arbitrary<Value> members() {
    return Generators.values();
  }

  @Override
  protected byte[] encode(Value value) {
    return ValueEncoding.encode(value);
  }

  @Override
  protected Value decode(byte[] bytes) throws MalformedException {
    return ValueEncoding.decode(bytes);
  }

  @Provide
  Arbitrary<String> texts() {
    return Generators.texts().withoutEdgeCases();
  }

  @Property
  void wholeNumbersOrderByTheirBytes(@ForAll long a, @ForAll long b) {
    assertThat(Integer.signum(compare(new Value.Int(a), new Value.Int(b))))
        .isEqualTo(Long.compare(a, b));
  }

  @Property
  void textsOrderByTheirCodePoints(@ForAll("texts") String a, @ForAll("texts") String b) {
    int byPoints = Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());
    assertThat(Integer.signum(compare(new Value.Text(a), new Value.Text(b))))
        .isEqualTo(Integer.signum(byPoints));
  }

  @Example
  void aValueAtTheDepthLimitPasses() throws MalformedException {
    var deepest = nested(Value.DEPTH_MAX);
    assertThat(deepest.depth()).isEqualTo(Value.DEPTH_MAX);
    assertThat(decode(encode(deepest))).isEqualTo(deepest);
  }

  /// An author who could write one would have all its batches refused from then on.
  @Example
  void aDeeperValueDoesNotExistAndIsNotRead() {
    assertThatThrownBy(() -> nested(Value.DEPTH_MAX + 1))
        .isInstanceOf(IllegalArgumentException.class);
    var bytes = new Encoder();
    for (int i = 0; i < Value.DEPTH_MAX; i++) {
      bytes.u8(7).varint(1);
    }
    var deeper = bytes.u8(7).varint(0).toBytes();
    assertThatThrownBy(() -> decode(deeper))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("nested deeper");
  }

  @Example
  void aTowerOfArraysIsRefusedBeforeTheStackIsFull() {
    var tower = new byte[1 << 20];
    for (int i = 0; i < tower.length; i += 2) {
      tower[i] = 7;
      tower[i + 1] = 1;
    }
    assertThatThrownBy(() -> decode(tower)).isInstanceOf(MalformedException.class);
  }

  /// Math.abs of the least long is negative, and so no more than any limit.
  @Example
  void aScaleBeyondAllLimitsIsRefused() {
    var digits = new BigInteger("12345678901234567891").toByteArray();
    assertThatCode(() -> decode(new Encoder().u8(5).signed(0).bytes(digits).toBytes()))
        .doesNotThrowAnyException();
    for (long scale : new long[] {Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, 1_001, -1_001}) {
      requireRefused("scale " + scale, new Encoder().u8(5).signed(scale).bytes(digits));
    }
  }

  @Example
  void aDecimalInALongerFormIsRefused() {
    var one = new byte[] {1};
    requireRefused("of a whole number", new Encoder().u8(5).signed(0).bytes(one));
    requireRefused("of a double", new Encoder().u8(5).signed(1).bytes(one));
    var digits = new BigInteger("12345678901234567890123450").toByteArray();
    requireRefused("with a zero at its end", new Encoder().u8(5).signed(3).bytes(digits));
    var padded = new byte[20];
    padded[19] = 7;
    requireRefused("with a byte too many", new Encoder().u8(5).signed(400).bytes(padded));
    requireRefused("without digits", new Encoder().u8(5).signed(3).bytes(new byte[0]));
  }

  @Example
  void aNumberThatIsNotFiniteIsRefused() {
    for (double real : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      requireRefused("real", new Encoder().u8(4).u64(Double.doubleToRawLongBits(real)));
    }
  }

  @Example
  void fieldsOutOfOrderOrTwiceAreRefused() {
    for (var names : List.of(List.of("b", "a"), List.of("a", "a"))) {
      var bytes = new Encoder().u8(8).varint(2);
      names.forEach(name -> bytes.text(name).u8(0));
      requireRefused("struct " + names, bytes);
    }
  }

  private void requireRefused(String what, Encoder bytes) {
    assertThatThrownBy(() -> decode(bytes.toBytes()))
        .as(what)
        .isInstanceOf(MalformedException.class);
  }

  private static Value nested(int depth) {
    Value value = new Value.Array(List.of());
    for (int i = 1; i < depth; i++) {
      value = new Value.Array(List.of(value));
    }
    return value;
  }

  private static int compare(Value a, Value b) {
    return Arrays.compareUnsigned(ValueEncoding.encode(a), ValueEncoding.encode(b));
  }
}
