package io.starling.replica.state;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.encoding.Decoder;
import io.starling.crdt.encoding.Encoder;
import io.starling.crdt.encoding.MalformedException;
import java.util.TreeMap;

/// The bytes of a vector of `_system` at rest. Its replicas are named in full, since they have no
/// number in this space.
///
/// Batches carry it as a difference only, and bodies of batches may be truncated some day; whether
/// a close is final and whether a revoked batch stands follow from it.
final class SystemRow {

  private SystemRow() {}

  static byte[] encode(VersionVector vector) {
    var out = new Encoder(vector.size() * 34 + 4).varint(vector.size());
    vector.entries().forEach(entry -> out.replica(entry.replica()).varint(entry.seq()));
    return out.toBytes();
  }

  static VersionVector decode(byte[] bytes) {
    var in = new Decoder(bytes);
    try {
      int size = in.count(in.remaining(), "entries");
      var entries = new TreeMap<ReplicaId, Long>();
      for (int i = 0; i < size; i++) {
        entries.put(in.replica(), in.seq());
      }
      in.finish();
      return VersionVector.of(entries);
    } catch (MalformedException broken) {
      throw new AssertionError("a broken vector of _system", broken);
    }
  }
}
