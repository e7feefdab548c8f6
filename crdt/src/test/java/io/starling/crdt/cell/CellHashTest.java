package io.starling.crdt.cell;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.store.DotFun;
import io.starling.crdt.value.Value;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class CellHashTest {

  private static final ReplicaId ONE = new ReplicaId(new KeyFingerprint(1, 2), 3);

  // As a store writes them.
  private static final ReplicaForm SHORT =
      new ReplicaForm() {
        @Override
        public void write(Encoder out, ReplicaId replica) {
          out.u8(1);
        }

        @Override
        public ReplicaId read(Decoder in) throws MalformedException {
          var _ = in.u8();
          return ONE;
        }
      };

  private final CellHash hash = new CellHash(4, 5);

  /// The longest leave the room for hashes, and come back to it.
  @Property(tries = 50)
  void digestsAreThoseOfOneCell(
      @ForAll @Size(max = 90) byte[] name, @ForAll @IntRange(max = 200_000) int length) {
    byte[] content = new byte[length];
    hash.look(name, content);
    assertThat(hash.plain()).isEqualTo(CellDigest.of(name, content));
    var sha256 = CellDigest.sha256();
    sha256.update(new Encoder().u64(4).u64(5).toBytes());
    var keyed = CellDigest.of(sha256, name, content);
    assertThat(hash.keyed()).isEqualTo(keyed);
    assertThat(hash.slot(name)).isEqualTo(CellDigest.slot(CellDigest.sha256(), name));
    assertThat(hash.plain()).isEqualTo(CellDigest.of(name, content));
  }

  @Example
  void theFormOfAStoreMakesNoDifference() throws MalformedException {
    byte[] name = new CellId.Single(Path.of("k"), CellKind.REGISTER).canonical();
    var assigned = new Assignment(new Value.Text("v"), new HybridTime(7), ReadRule.ALL);
    var values = Map.of(new Dot(ONE, 1, 0), assigned, new Dot(ONE, 300, 2), assigned);
    var cell = new Cell.Register(new DotFun<>(new TreeMap<>(values)));
    hash.look(name, CellKind.REGISTER, CellEncoding.encode(cell, SHORT), SHORT);
    var canonical = CellEncoding.encode(cell, ReplicaForm.FULL);
    assertThat(hash.plain()).isEqualTo(CellDigest.of(name, canonical));
    var share = CellEncoding.encode(new Cell.Share(new Tally(5, 0, 9), Tally.NONE), SHORT);
    hash.look(name, CellKind.COUNTER, share, SHORT);
    assertThat(hash.plain()).isEqualTo(CellDigest.of(name, share));
  }
}
