package io.starling.replica.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.Head;
import io.starling.replica.batch.SpaceId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/// The statements of an authority, in bytes and as they are read.
class RevocationProperties {

  private static final KeyFingerprint KEY = new KeyFingerprint(1, 2);
  private static final SpaceId SPACE = new SpaceId(3, 4);

  @Property
  void whatIsWrittenIsReadAsItWas(
      @ForAll @Size(max = 20) Map<Long, @IntRange(min = 1) Integer> seqs, @ForAll boolean hasTwo)
      throws MalformedException {
    var heads = new TreeMap<SpaceId, List<Head>>();
    heads.put(SPACE, heads(seqs));
    if (hasTwo) {
      heads.put(new SpaceId(5, 6), List.of());
    }
    var revocation = Revocation.of(KEY, 1_700_000_000_000L, heads);
    assertThat(Revocation.fromBytes(revocation.toBytes())).isEqualTo(revocation);
    seqs.forEach((incarnation, seq) ->
        assertThat(revocation.cut(SPACE, incarnation).orElseThrow().seq())
            .isEqualTo(seq.longValue()));
  }

  @Property
  void anyBytesAreReadOrRefused(@ForAll byte[] bytes, @ForAll @IntRange(max = 60) int length)
      throws MalformedException {
    var whole = Revocation.of(KEY, 5, new TreeMap<>(Map.of(SPACE, heads(Map.of(7L, 8))))).toBytes();
    var cut = new Encoder().raw(whole, 0, Math.min(length, whole.length)).raw(bytes).toBytes();
    try {
      assertThat(Revocation.fromBytes(cut).toBytes()).isEqualTo(cut);
    } catch (MalformedException refused) {
      assertThat(refused.getMessage()).isNotBlank();
    }
  }

  @Example
  void ofTooManyIncarnationsTheFirstAreNamedAndNoMoreAreRead() {
    var heads =
        LongStream.rangeClosed(1, Revocation.CUTS_MAX + 1L)
            .mapToObj(i -> new Head(new ReplicaId(KEY, i), 1, ChainHash.ROOT))
            .toList();
    var revocation = Revocation.of(KEY, 5, new TreeMap<>(Map.of(SPACE, heads)));
    assertThat(revocation.cut(SPACE, Revocation.CUTS_MAX)).isPresent();
    assertThat(revocation.cut(SPACE, Revocation.CUTS_MAX + 1L)).isEmpty();
    var out = new Encoder().u8(1).fingerprint(KEY).varint(5).varint(1).u64(3).u64(4);
    out.varint(Revocation.CUTS_MAX + 1L);
    LongStream.rangeClosed(1, Revocation.CUTS_MAX + 1L).forEach(i -> out.u64(i).varint(1).u64(0));
    assertThatThrownBy(() -> Revocation.fromBytes(out.toBytes()))
        .isInstanceOf(MalformedException.class);
  }

  @Example
  void ofSeveralStatementsAllMustLetABatchStand() {
    var early = statement(Map.of(7L, 3, 8L, 5));
    var late = statement(Map.of(7L, 9));
    var both = Revocations.of(List.of(late, early));
    assertThat(both.cut(SPACE, new ReplicaId(KEY, 7))).isEqualTo(3);
    assertThat(both.cut(SPACE, new ReplicaId(KEY, 8))).isZero();
    assertThat(both.cut(SPACE, new ReplicaId(new KeyFingerprint(9, 9), 7)))
        .isEqualTo(Long.MAX_VALUE);
    var other = new ChainHash(1, 1, 1, 1);
    assertThat(both.stands(SPACE, new ReplicaId(KEY, 7), 2, other)).isTrue();
    assertThat(both.stands(SPACE, new ReplicaId(KEY, 7), 3, ChainHash.ROOT)).isTrue();
    assertThat(both.stands(SPACE, new ReplicaId(KEY, 7), 3, other)).isFalse();
    assertThat(both.stands(new SpaceId(5, 6), new ReplicaId(KEY, 7), 1, other)).isFalse();
  }

  private static Revocation statement(Map<Long, Integer> seqs) {
    return Revocation.of(KEY, 5, new TreeMap<>(Map.of(SPACE, heads(seqs))));
  }

  private static List<Head> heads(Map<Long, Integer> seqs) {
    return new TreeMap<>(seqs)
        .entrySet().stream()
            .map(it -> new Head(new ReplicaId(KEY, it.getKey()), it.getValue(), ChainHash.ROOT))
            .toList();
  }
}
