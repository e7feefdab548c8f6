package io.starling.crdt.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.CanonicalLaws;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.Generators;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.store.DotFun;
import io.starling.crdt.store.Unit;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;

/// The encoding of cells of every kind: here a byte for the kind goes before, which in a store the
/// name tells.
class CellEncodingTest extends CanonicalLaws<CellEncodingTest.OfKind> {

  record OfKind(CellKind kind, Cell cell) {}

  private static final Dot EARLY = dot(1, 1);
  private static final Dot LATE = dot(1, 2);

  @Override
  protected Arbitrary<OfKind> members() {
    return Arbitraries.of(CellKind.class)
        .flatMap(kind -> Generators.cells(kind).map(cell -> new OfKind(kind, cell)));
  }

  @Override
  protected byte[] encode(OfKind of) {
    var content = CellEncoding.encode(of.cell, ReplicaForm.FULL);
    return new Encoder().u8(of.kind.code()).raw(content).toBytes();
  }

  @Override
  protected OfKind decode(byte[] bytes) throws MalformedException {
    if (bytes.length == 0) {
      throw new MalformedException("no kind");
    }
    var kind = CellKind.ofCode(bytes[0] & 0xFF);
    var content = Arrays.copyOfRange(bytes, 1, bytes.length);
    return new OfKind(kind, CellEncoding.decode(kind, content, ReplicaForm.FULL));
  }

  /// They would decode to the same cell as the same dots in order.
  @Example
  void dotsOutOfOrderOrTwiceAreRefused() {
    for (var dots : List.of(List.of(LATE, EARLY), List.of(EARLY, EARLY))) {
      var presence = new Encoder();
      var register = new Encoder();
      for (var dot : dots) {
        presence.dot(dot, ReplicaForm.FULL);
        register.dot(dot, ReplicaForm.FULL).u64(7).u8(0).bytes(new byte[] {0});
      }
      requireRefused(CellKind.SET, presence);
      requireRefused(CellKind.REGISTER, register);
    }
  }

  @Example
  void aTallyOfNothingThatCountedIsRefused() {
    requireRefused(CellKind.COUNTER, new Encoder().varint(0).varint(0).signed(1).raw(new byte[3]));
    requireRefused(CellKind.COUNTER, new Encoder().varint(0).varint(1).signed(0).raw(new byte[3]));
    requireRefused(CellKind.COUNTER, new Encoder().varint(-1).varint(1).signed(0).raw(new byte[3]));
  }

  /// A sorted map brings its own order along.
  @Example
  void dotsHaveOneOrderWhateverOrderTheyCameIn() {
    var reversed = new TreeMap<Dot, Unit>(Comparator.reverseOrder());
    reversed.put(EARLY, Unit.UNIT);
    reversed.put(LATE, Unit.UNIT);
    var natural = new TreeMap<Dot, Unit>();
    natural.putAll(reversed);
    var one = new OfKind(CellKind.SET, new Cell.Presence(new DotFun<>(reversed)));
    var other = new OfKind(CellKind.SET, new Cell.Presence(new DotFun<>(natural)));
    assertThat(one).isEqualTo(other);
    assertThat(encode(one)).isEqualTo(encode(other));
  }

  /// A store writes small numbers for replicas; the order of dots stays that of their ids.
  @Example
  void aStoresOwnFormOfReplicasReadsBack() throws MalformedException {
    var numbers =
        new ReplicaForm() {
          @Override
          public void write(Encoder out, ReplicaId replica) {
            out.u8(9 - (int) replica.incarnation());
          }

          @Override
          public ReplicaId read(Decoder in) throws MalformedException {
            return dot(9 - in.u8(), 1).replica();
          }
        };
    var dots = DotFun.of(dot(1, 5), Unit.UNIT).with(dot(2, 3), Unit.UNIT);
    var bytes = CellEncoding.encode(new Cell.Presence(dots), numbers);
    assertThat(bytes).hasSize(6);
    assertThat(CellEncoding.decode(CellKind.SET, bytes, numbers))
        .isEqualTo(new Cell.Presence(dots));
  }

  private static void requireRefused(CellKind kind, Encoder bytes) {
    assertThatThrownBy(() -> CellEncoding.decode(kind, bytes.toBytes(), ReplicaForm.FULL))
        .isInstanceOf(MalformedException.class);
  }

  private static Dot dot(int replica, long seq) {
    return new Dot(new ReplicaId(new KeyFingerprint(0, 0), replica), seq, 0);
  }
}
