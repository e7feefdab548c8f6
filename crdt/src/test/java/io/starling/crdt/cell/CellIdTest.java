package io.starling.crdt.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.encoding.CanonicalLaws;
import io.starling.crdt.encoding.Generators;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class CellIdTest extends CanonicalLaws<CellId> {

  @Override
  protected Arbitrary<CellId> members() {
    return Generators.cellIds();
  }

  @Override
  protected byte[] encode(CellId id) {
    return id.canonical();
  }

  @Override
  protected CellId decode(byte[] bytes) throws MalformedException {
    return CellId.decode(bytes, ReplicaForm.FULL);
  }

  @Provide
  Arbitrary<List<CellId>> many() {
    return Generators.cellIds().list().ofMinSize(2).ofMaxSize(30).withoutEdgeCases();
  }

  @Provide
  Arbitrary<Path> paths() {
    return Generators.paths().withoutEdgeCases();
  }

  @Property(tries = 200)
  void whatLiesAtAPathAndBelowLiesTogether(@ForAll("many") List<CellId> ids) {
    var sorted = List.copyOf(new TreeSet<>(ids));
    var paths = new TreeSet<Path>();
    ids.forEach(id -> withParents(id.path(), paths));
    for (var path : paths) {
      var inside = sorted.stream().map(id -> path.isAtOrAbove(id.path())).toList();
      int first = inside.indexOf(true);
      int last = inside.lastIndexOf(true);
      assertThat(inside.subList(first, last + 1)).doesNotContain(false);
    }
  }

  @Property
  void thePrefixOfAPathBeginsJustTheCellsAtItAndBelow(
      @ForAll("any") CellId id, @ForAll("paths") Path other) {
    var paths = new TreeSet<>(List.of(other));
    withParents(id.path(), paths);
    withParents(other, paths);
    for (var path : paths) {
      assertThat(startsWith(id.canonical(), path.prefix())).isEqualTo(path.isAtOrAbove(id.path()));
    }
  }

  @Property
  void theCellsOfAPathComeBeforeThoseBelowIt(@ForAll("any") CellId here) {
    var below = new CellId.Single(here.path().field("f"), CellKind.MAP);
    assertThat(here).isLessThan(below);
  }

  @Property
  void namesOrderAsTheirBytes(@ForAll("many") List<CellId> ids) {
    for (var one : ids) {
      for (var other : ids) {
        int byBytes = Arrays.compareUnsigned(one.canonical(), other.canonical());
        assertThat(Integer.signum(one.compareTo(other))).isEqualTo(Integer.signum(byBytes));
      }
    }
  }

  @Example
  void aCounterOrASetIsNoSingleCell() {
    for (var kind : List.of(CellKind.COUNTER, CellKind.SET)) {
      assertThatThrownBy(() -> new CellId.Single(Path.of("k"), kind))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static void withParents(Path path, TreeSet<Path> into) {
    into.add(path);
    if (!path.isRoot()) {
      withParents(path.parent(), into);
    }
  }

  private static boolean startsWith(byte[] bytes, byte[] prefix) {
    return bytes.length >= prefix.length
        && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }
}
