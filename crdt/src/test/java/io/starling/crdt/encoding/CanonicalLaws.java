package io.starling.crdt.encoding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// What every canonical encoding must obey: one thing, one form, and nothing else is read.
public abstract class CanonicalLaws<T> {

  /// Members of the set that is encoded.
  protected abstract Arbitrary<T> members();

  protected abstract byte[] encode(T thing);

  protected abstract T decode(byte[] bytes) throws MalformedException;

  @Property(tries = 1_000)
  void decodingUndoesEncoding(@ForAll("any") T thing) throws MalformedException {
    var decoded = decode(encode(thing));
    assertThat(decoded).isEqualTo(thing);
    assertThat(encode(decoded)).isEqualTo(encode(thing));
  }

  @Property(tries = 1_000)
  void equalThingsHaveEqualBytesAndOthersOthers(@ForAll("any") T a, @ForAll("any") T b) {
    assertThat(Arrays.equals(encode(a), encode(b))).isEqualTo(a.equals(b));
  }

  @Property(tries = 3_000)
  void whatIsReadAtAllIsCanonical(@ForAll("any") T thing, @ForAll Random random) {
    var bytes = encode(thing);
    int mutations = 1 + random.nextInt(3);
    for (int i = 0; i < mutations; i++) {
      bytes = Mutations.mutate(bytes, random);
    }
    requireCanonicalOrRefused(bytes);
  }

  @Property(tries = 1_000)
  void noiseIsRefusedOrCanonical(@ForAll byte[] noise) {
    requireCanonicalOrRefused(noise);
  }

  @Property(tries = 100)
  void everyBeginningOfAFormIsRefusedOrCanonical(@ForAll("any") T thing) {
    var bytes = encode(thing);
    for (int length = 0; length < bytes.length; length++) {
      requireCanonicalOrRefused(Arrays.copyOf(bytes, length));
    }
  }

  @Provide
  Arbitrary<T> any() {
    // The generators bring their own edge cases; those of jqwik would take all the tries.
    return members().withoutEdgeCases();
  }

  /// Any exception but the one that says so fails the test.
  protected final void requireCanonicalOrRefused(byte[] bytes) {
    T decoded;
    try {
      decoded = decode(bytes);
    } catch (MalformedException refused) {
      return;
    }
    assertThat(encode(decoded)).isEqualTo(bytes);
  }
}
