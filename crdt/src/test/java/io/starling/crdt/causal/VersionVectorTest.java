package io.starling.crdt.causal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.encoding.Generators;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;

class VersionVectorTest {

  @Provide
  Arbitrary<VersionVector> vectors() {
    return Generators.vectors().withoutEdgeCases();
  }

  @Provide
  Arbitrary<ReplicaId> replicas() {
    return Generators.replicas().withoutEdgeCases();
  }

  @Provide
  Arbitrary<Dot> dots() {
    return Generators.dots().withoutEdgeCases();
  }

  @Property
  void joinIsTheLeastVectorThatCoversBoth(
      @ForAll("vectors") VersionVector a,
      @ForAll("vectors") VersionVector b,
      @ForAll("vectors") VersionVector c) {
    var join = a.join(b);
    assertThat(join.covers(a) && join.covers(b)).isTrue();
    assertThat(c.covers(join)).isEqualTo(c.covers(a) && c.covers(b));
    assertThat(b.join(a)).isEqualTo(join);
    assertThat(join.join(c)).isEqualTo(a.join(b.join(c)));
    assertThat(a.join(a)).isEqualTo(a);
    assertThat(a.join(VersionVector.EMPTY)).isEqualTo(a);
  }

  @Property
  void meetIsTheGreatestVectorThatBothCover(
      @ForAll("vectors") VersionVector a,
      @ForAll("vectors") VersionVector b,
      @ForAll("vectors") VersionVector c) {
    var meet = a.meet(b);
    assertThat(a.covers(meet) && b.covers(meet)).isTrue();
    assertThat(meet.covers(c)).isEqualTo(a.covers(c) && b.covers(c));
    assertThat(b.meet(a)).isEqualTo(meet);
    assertThat(meet.meet(c)).isEqualTo(a.meet(b.meet(c)));
    assertThat(a.join(meet)).as("absorption").isEqualTo(a);
    assertThat(a.meet(a.join(b))).as("absorption").isEqualTo(a);
  }

  @Property
  void coversIsAPartialOrder(
      @ForAll("vectors") VersionVector a,
      @ForAll("vectors") VersionVector b,
      @ForAll("vectors") VersionVector c) {
    assertThat(a.covers(a)).isTrue();
    assertThat(a.covers(b) && b.covers(a)).isEqualTo(a.equals(b));
    assertThat(a.covers(b) && b.covers(c) && !a.covers(c)).isFalse();
    assertThat(a.covers(b)).isEqualTo(a.join(b).equals(a)).isEqualTo(a.meet(b).equals(b));
  }

  @Property
  void coversTheDotsThatEitherSideCovers(
      @ForAll("vectors") VersionVector a,
      @ForAll("vectors") VersionVector b,
      @ForAll("dots") Dot dot) {
    assertThat(a.join(b).covers(dot)).isEqualTo(a.covers(dot) || b.covers(dot));
    assertThat(a.or(b).covers(dot)).isEqualTo(a.covers(dot) || b.covers(dot));
    assertThat(a.meet(b).covers(dot)).isEqualTo(a.covers(dot) && b.covers(dot));
    CausalContext one = CausalContext.of(dot);
    assertThat(a.or(one).covers(dot)).isTrue();
    assertThat(one.or(a).covers(dot)).isTrue();
    assertThat(CausalContext.NOTHING.covers(dot)).isFalse();
  }

  @Property
  void changingOneEntryLeavesTheOthers(
      @ForAll("vectors") VersionVector vector,
      @ForAll("replicas") ReplicaId replica,
      @ForAll @LongRange(min = 0, max = 5) long seq) {
    var expected = vector.toMap();
    if (seq == 0) {
      expected.remove(replica);
    } else {
      expected.put(replica, seq);
    }
    var changed = vector.with(replica, seq);
    assertThat(changed.toMap()).isEqualTo(expected);
    assertThat(changed).isEqualTo(VersionVector.of(expected));
    assertThat(changed.hashCode()).isEqualTo(VersionVector.of(expected).hashCode());
    assertThat(changed.contains(replica)).isEqualTo(seq > 0);
    assertThat(changed.seq(replica)).isEqualTo(seq);
    assertThat(vector.without(replica).toMap().keySet()).doesNotContain(replica);
    assertThat(changed.size()).isEqualTo(expected.size());
    assertThat(changed.isEmpty()).isEqualTo(expected.isEmpty());
  }

  @Property
  void entriesAreOrderedByReplica(@ForAll("vectors") VersionVector vector) {
    var replicas = vector.entries().stream().map(VersionVector.Entry::replica).toList();
    assertThat(replicas).isEqualTo(List.copyOf(new TreeSet<>(replicas)));
    assertThat(vector.entries()).allMatch(entry -> entry.seq() > 0);
  }

  /// A vector whose entries lay in another order would be searched in vain.
  @Example
  void aMapInAnotherOrderMakesTheSameVector() {
    var reversed = new TreeMap<ReplicaId, Long>(Comparator.reverseOrder());
    for (int number = 1; number <= 4; number++) {
      reversed.put(new ReplicaId(new KeyFingerprint(0, 0), number), (long) number);
    }
    var natural = new TreeMap<ReplicaId, Long>();
    natural.putAll(reversed);
    var vector = VersionVector.of(reversed);
    assertThat(vector).isEqualTo(VersionVector.of(natural));
    reversed.forEach((replica, seq) -> assertThat(vector.seq(replica)).isEqualTo(seq));
  }

  @Example
  void aSeqIsNeverNegative() {
    var replica = new ReplicaId(new KeyFingerprint(0, 0), 1);
    assertThatThrownBy(() -> VersionVector.EMPTY.with(replica, -1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> VersionVector.EMPTY.with(replica, 1).with(replica, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /// The states of a node that joins others all day long would otherwise carry a chain of contexts.
  @Example
  void joinedContextsOfVectorsAreAVector() {
    var a = VersionVector.EMPTY.with(new ReplicaId(new KeyFingerprint(0, 0), 1), 3);
    var b = VersionVector.EMPTY.with(new ReplicaId(new KeyFingerprint(0, 0), 2), 4);
    assertThat(a.or(b)).isEqualTo(a.join(b));
  }
}
