package io.starling.crdt.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.encoding.CanonicalLaws;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.Generators;
import io.starling.crdt.encoding.MalformedException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class PathTest extends CanonicalLaws<Path> {

  @Override
  protected Arbitrary<Path> members() {
    return Generators.paths();
  }

  @Override
  protected byte[] encode(Path path) {
    var out = new Encoder();
    path.write(out);
    return out.toBytes();
  }

  @Override
  protected Path decode(byte[] bytes) throws MalformedException {
    var in = new Decoder(bytes);
    var path = Path.read(in);
    in.finish();
    return path;
  }

  @Property
  void aFieldLiesBelowAndItsParentIsThePath(@ForAll("any") Path path) {
    var field = path.field("f");
    assertThat(field.parent()).isEqualTo(path);
    assertThat(path.isAtOrAbove(field)).isTrue();
    assertThat(field.isAtOrAbove(path)).isFalse();
    assertThat(path.isAtOrAbove(path)).isTrue();
    assertThat(path).isLessThan(field);
  }

  @Property
  void ordersAsItsBytes(@ForAll("any") Path a, @ForAll("any") Path b) {
    int byBytes = Arrays.compareUnsigned(a.prefix(), b.prefix());
    assertThat(Integer.signum(a.compareTo(b))).isEqualTo(Integer.signum(byBytes));
    assertThat(a.compareTo(b) == 0).isEqualTo(a.equals(b));
  }

  @Example
  void namesHaveLimits() {
    assertThat(Path.of("é".repeat(512)).key()).hasSize(512);
    assertThat(Path.of("k").field("").isRoot()).isFalse();
    for (var key : List.of("", "a\0b", "é".repeat(513), "k".repeat(1_025), "\uD83D")) {
      assertThatThrownBy(() -> Path.of(key)).isInstanceOf(IllegalArgumentException.class);
    }
    for (var field : List.of("a\0b", "é".repeat(513), "\uDC26")) {
      assertThatThrownBy(() -> Path.of("k").field(field))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Example
  void fieldsNestAsDeepAsTheLimit() {
    var deepest = new Path("k", Collections.nCopies(Path.DEPTH_MAX, "f"));
    assertThatThrownBy(() -> deepest.field("f")).isInstanceOf(IllegalArgumentException.class);
  }

  @Example
  void aPathIsShortAsAWhole() {
    var name = "f".repeat(Path.NAME_BYTES_MAX);
    var longest = Path.of("k".repeat(Path.NAME_BYTES_MAX)).field(name).field(name).field(name);
    assertThatThrownBy(() -> longest.field("f"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a path of 4097 bytes; at most 4096 are allowed");
  }

  @Example
  void theRootHasNoParent() {
    assertThatThrownBy(() -> Path.of("k").parent()).isInstanceOf(IllegalStateException.class);
  }

  @Example
  void aPathIsPrintedForPeople() {
    assertThat(Path.of("a/b").field("c").field("d")).hasToString("a/b#c.d");
    assertThat(Path.of("a/b")).hasToString("a/b");
  }
}
