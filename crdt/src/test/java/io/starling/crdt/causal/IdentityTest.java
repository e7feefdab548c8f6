package io.starling.crdt.causal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.Generators;
import io.starling.crdt.encoding.ReplicaForm;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Keys, replicas and dots: the names that everything else is built on.
class IdentityTest {

  @Provide
  Arbitrary<ReplicaId> replicas() {
    return Generators.replicaIds().withoutEdgeCases();
  }

  @Provide
  Arbitrary<Dot> dots() {
    return Generators.dots().withoutEdgeCases();
  }

  @Property
  void aReplicaIsReadBackFromItsText(@ForAll("replicas") ReplicaId replica) {
    assertThat(ReplicaId.parse(replica.toString())).isEqualTo(replica);
    assertThat(ReplicaId.parse(replica.toString().toUpperCase(Locale.ROOT))).isEqualTo(replica);
    assertThat(KeyFingerprint.parse(replica.key().toString())).isEqualTo(replica.key());
  }

  @Property
  void replicasOrderByTheirBytes(@ForAll("replicas") ReplicaId a, @ForAll("replicas") ReplicaId b) {
    int byBytes =
        Arrays.compareUnsigned(
            new Encoder().replica(a).toBytes(), new Encoder().replica(b).toBytes());
    assertThat(Integer.signum(a.compareTo(b))).isEqualTo(Integer.signum(byBytes));
  }

  @Property
  void dotsOfAReplicaOrderByIssue(@ForAll("dots") Dot a, @ForAll("dots") Dot other) {
    var b = new Dot(a.replica(), other.seq(), other.index());
    assertThat(a.isAfter(b)).isEqualTo(a.compareTo(b) > 0);
    assertThat(a.isAfter(a)).isFalse();
    assertThat(a.compareTo(b) == 0).isEqualTo(a.equals(b));
    assertThat(Integer.signum(a.compareTo(other))).isEqualTo(-Integer.signum(other.compareTo(a)));
    assertThat(new Encoder().dot(a, ReplicaForm.FULL).toBytes()).hasSizeGreaterThan(25);
  }

  @Example
  void whatIsNoReplicaIsRefused() {
    var key = "0".repeat(32);
    for (var text :
        List.of(
            "",
            key,
            key + "-",
            key + "-" + "0".repeat(15),
            key + "-" + "g".repeat(16),
            "x".repeat(32) + "-" + "0".repeat(16),
            "-" + "0".repeat(16),
            key + "--" + "0".repeat(15))) {
      assertThatThrownBy(() -> ReplicaId.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Example
  void aDotBeginsAtSeqOneAndIndexNought() {
    var replica = ReplicaId.parse("0".repeat(32) + "-" + "0".repeat(16));
    assertThat(new Dot(replica, 1, 0)).hasToString(replica + ":1.0");
    assertThatThrownBy(() -> new Dot(replica, 0, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Dot(replica, 1, -1)).isInstanceOf(IllegalArgumentException.class);
  }
}
