package io.starling.crdt.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.encoding.CanonicalLaws;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.Generators;
import io.starling.crdt.encoding.MalformedException;
import java.util.Collections;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;

/// The encoding of runs of operations: here their count goes before, which in a batch its header
/// tells.
class OperationEncodingTest extends CanonicalLaws<List<Operation>> {

  private static final Path KEY = Path.of("k");

  @Override
  protected Arbitrary<List<Operation>> members() {
    return Generators.operations();
  }

  @Override
  protected byte[] encode(List<Operation> operations) {
    var out = new Encoder().u8(operations.size());
    OperationEncoding.write(out, operations);
    return out.toBytes();
  }

  @Override
  protected List<Operation> decode(byte[] bytes) throws MalformedException {
    var in = new Decoder(bytes);
    var operations = OperationEncoding.read(in, in.u8());
    in.finish();
    return operations;
  }

  @Example
  void aRunOnOneKeyNamesItOnce() {
    var place = Path.of("a key of some length").field("visits");
    var one = encode(List.of(new Operation.Increment(place, 1)));
    var two = encode(List.of(new Operation.Increment(place, 1), new Operation.Increment(place, 1)));
    assertThat(two).hasSize(one.length + 4);
  }

  @Example
  void aNameThatCouldBeSharedMustBe() {
    var out = new Encoder().u8(2);
    out.u8(6).varint(0).varint(1).text("k");
    out.u8(6).varint(0).varint(1).text("k");
    assertThatThrownBy(() -> decode(out.toBytes())).isInstanceOf(MalformedException.class);
  }

  @Example
  void anOperationOfALaterVersionIsRefused() {
    for (int code : new int[] {0, 14, 0x80 | 6}) {
      var out = new Encoder().u8(1).u8(code).varint(0).varint(1).text("k");
      assertThatThrownBy(() -> decode(out.toBytes()))
          .isInstanceOf(MalformedException.class)
          .hasMessageContaining("unknown operation");
    }
  }

  /// They would be read as a reset of what lies below, which no reset does.
  @Example
  void aResetThatNamesAnotherCounterIsRefused() {
    var out = new Encoder().u8(1).u8(4).varint(0).varint(1).text("k");
    out.varint(1).varint(1).text("f").raw(new byte[24]).varint(1).varint(0).signed(5);
    assertThatThrownBy(() -> decode(out.toBytes())).isInstanceOf(MalformedException.class);
  }

  @Example
  void namedTalliesHaveOneOrder() {
    var first = named(KEY, 1);
    var second = named(KEY, 2);
    assertThat(new Operation.Remove(KEY, List.of(first, second)).seen()).hasSize(2);
    assertThatThrownBy(() -> new Operation.Remove(KEY, List.of(second, first)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Operation.Remove(KEY, List.of(first, first)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /// An operation that could be made but not read would end its author's log.
  @Example
  void whatCannotBeReadCannotBeMade() {
    var elsewhere = List.of(named(Path.of("l"), 1));
    var below = List.of(named(KEY.field("f"), 1));
    assertThatThrownBy(() -> new Operation.Remove(KEY, elsewhere))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Operation.MakeMap(KEY.field("f"), List.of(named(KEY, 1))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Operation.Reset(KEY, below))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new NamedTally(share(KEY, 1), Tally.NONE))
        .isInstanceOf(IllegalArgumentException.class);
    var tooMany = Collections.nCopies(OperationEncoding.TALLIES_MAX + 1, named(KEY, 1));
    assertThatThrownBy(() -> new Operation.Reset(KEY, tooMany))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most");
  }

  private static NamedTally named(Path path, long origin) {
    return new NamedTally(share(path, origin), new Tally(1, 0, 5));
  }

  private static CellId.Share share(Path path, long origin) {
    return new CellId.Share(path, new ReplicaId(new KeyFingerprint(0, 0), origin));
  }
}
