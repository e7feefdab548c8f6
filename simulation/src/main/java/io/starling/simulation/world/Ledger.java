package io.starling.simulation.world;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SignedBatch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// The batches that a space has durably applied, in order, as the world saw it happen: what the
/// store should say, kept without looking into it.
public final class Ledger {

  private final List<SignedBatch> applied = new ArrayList<>();
  private final TreeMap<ReplicaId, TreeMap<Long, ChainHash>> hashes = new TreeMap<>();
  private VersionVector vector = VersionVector.EMPTY;

  void apply(SignedBatch batch) {
    applied.add(batch);
    var replica = batch.batch().replica();
    var chain = hashes.computeIfAbsent(replica, _ -> new TreeMap<>());
    chain.put(batch.batch().seq(), batch.hash());
    vector = vector.with(replica, chain.lastKey());
  }

  /// Goes back to when `count` batches were applied.
  void rewind(int count) {
    while (applied.size() > count) {
      var last = applied.removeLast().batch();
      var chain = hashes.get(last.replica());
      if (chain != null) {
        chain.remove(last.seq());
        vector = vector.with(last.replica(), chain.isEmpty() ? 0 : chain.lastKey());
      }
    }
  }

  /// Becomes what another was when `count` batches were applied.
  void copy(Ledger other, int count) {
    rewind(0);
    other.applied.subList(0, count).forEach(this::apply);
  }

  /// How many batches were applied.
  public int size() {
    return applied.size();
  }

  /// All of them, in the order in which they were applied.
  public List<SignedBatch> applied() {
    return Collections.unmodifiableList(applied);
  }

  /// The number of the last batch applied of a replica; 0 if there is none.
  public long seq(ReplicaId replica) {
    var chain = hashes.get(replica);
    return chain == null || chain.isEmpty() ? 0 : chain.lastKey();
  }

  /// The hash of an applied batch.
  public Optional<ChainHash> hash(ReplicaId replica, long seq) {
    return Optional.ofNullable(hashes.get(replica)).map(chain -> chain.get(seq));
  }

  /// All replicas, closed ones included, with the number of the last batch applied.
  public VersionVector vector() {
    return vector;
  }
}
