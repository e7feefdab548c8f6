package io.starling.crdt.cell;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class CellDigestTest {

  private static final BigInteger MODULUS = BigInteger.TWO.pow(128);

  @Property(edgeCases = EdgeCasesMode.NONE)
  void sumsAreModuloTwoToThe128(
      @ForAll long high, @ForAll long low, @ForAll long otherHigh, @ForAll long otherLow) {
    var a = new CellDigest(high, low);
    var b = new CellDigest(otherHigh, otherLow);
    assertThat(number(a.plus(b))).isEqualTo(number(a).add(number(b)).mod(MODULUS));
    assertThat(number(a.minus(b))).isEqualTo(number(a).subtract(number(b)).mod(MODULUS));
    assertThat(a.plus(b).minus(b)).isEqualTo(a);
    assertThat(a.plus(CellDigest.ZERO)).isEqualTo(a);
  }

  @Example
  void carriesAndBorrows() {
    var ones = new CellDigest(0, -1);
    assertThat(ones.plus(new CellDigest(0, 1))).isEqualTo(new CellDigest(1, 0));
    assertThat(new CellDigest(1, 0).minus(new CellDigest(0, 1))).isEqualTo(ones);
  }

  /// Else a name that runs over into the content would be another cell's digest.
  @Example
  void nameAndContentAreToldApart() {
    var one = CellDigest.of(new byte[] {1, 2}, new byte[] {3});
    var other = CellDigest.of(new byte[] {1}, new byte[] {2, 3});
    assertThat(one).isNotEqualTo(other);
    assertThat(one.toString()).hasSize(2 * CellDigest.BYTES);
  }

  private static BigInteger number(CellDigest digest) {
    return new BigInteger(digest.toString(), 16);
  }
}
