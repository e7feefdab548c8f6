package io.starling.replica.state;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.Head;
import java.util.TreeMap;

/// What is applied of one replica: its head, and the context of its last batch, which is its row of
/// the matrix clock.
///
/// @param number the store's own for the replica
/// @param context closed replicas may be left out; the replica's own entry always is
public record Origin(
    int number,
    ReplicaId replica,
    long seq,
    ChainHash hash,
    HybridTime time,
    VersionVector context) {

  public Head head() {
    return new Head(replica, seq, hash);
  }

  /// The same with another context.
  Origin with(VersionVector other) {
    return new Origin(number, replica, seq, hash, time, other);
  }

  byte[] encode(ReplicaForm replicas) {
    var out = new Encoder().varint(seq);
    hash.write(out);
    out.u64(time.bits()).varint(context.size());
    for (var entry : context.entries()) {
      replicas.write(out, entry.replica());
      out.varint(entry.seq());
    }
    return out.toBytes();
  }

  static Origin decode(int number, ReplicaId replica, byte[] bytes, ReplicaForm replicas)
      throws MalformedException {
    var in = new Decoder(bytes);
    long seq = in.seq();
    var hash = ChainHash.read(in);
    var time = new HybridTime(in.u64());
    int size = in.count(in.remaining(), "entries");
    var context = new TreeMap<ReplicaId, Long>();
    for (int i = 0; i < size; i++) {
      context.put(replicas.read(in), in.seq());
    }
    in.finish();
    return new Origin(number, replica, seq, hash, time, VersionVector.of(context));
  }
}
