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

  private final Lineage lineage;
  private final List<SignedBatch> applied = new ArrayList<>();
  private final TreeMap<ReplicaId, TreeMap<Long, ChainHash>> hashes = new TreeMap<>();
  private VersionVector vector = VersionVector.EMPTY;
  // By the first bytes of their hashes.
  private final TreeMap<Long, SignedBatch> held = new TreeMap<>();

  Ledger(Lineage lineage) {
    this.lineage = lineage;
  }

  void apply(SignedBatch batch) {
    applied.add(batch);
    held.put(batch.hash().first(), batch);
    var replica = lineage.name(batch);
    var chain = hashes.computeIfAbsent(replica, _ -> new TreeMap<>());
    chain.put(batch.batch().seq(), batch.hash());
    vector = vector.with(replica, chain.lastKey());
  }

  /// Goes back to when `count` batches were applied.
  void rewind(int count) {
    while (applied.size() > count) {
      var last = applied.removeLast();
      held.remove(last.hash().first());
      var chain = hashes.get(lineage.name(last));
      if (chain != null) {
        chain.remove(last.batch().seq());
        vector = vector.with(lineage.name(last), chain.isEmpty() ? 0 : chain.lastKey());
      }
    }
  }

  /// Becomes one in which just these batches were applied.
  void become(List<SignedBatch> others) {
    int same = 0;
    while (same < Math.min(applied.size(), others.size())
        && applied.get(same).hash().equals(others.get(same).hash())) {
      same++;
    }
    rewind(same);
    others.subList(same, others.size()).forEach(this::apply);
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

  /// Whether a batch was applied.
  public boolean has(SignedBatch batch) {
    return held.containsKey(batch.hash().first());
  }

  /// Whether a batch was applied of which the first 8 bytes of its hash are told.
  public boolean has(long hash) {
    return held.containsKey(hash);
  }

  /// Whether a batch was applied that somebody names. In a space with forks the name of its replica
  /// may be that of a branch, which is another at each node.
  ///
  /// @param hash the first 8 bytes of its hash
  public boolean has(ReplicaId replica, long seq, long hash) {
    return Optional.ofNullable(held.get(hash))
        .map(SignedBatch::batch)
        .filter(it -> it.seq() == seq && it.replica().key().equals(replica.key()))
        .filter(it -> it.replica().equals(replica) || lineage.isForked(it.space()))
        .isPresent();
  }

  /// All replicas by their names in [Lineage], closed ones included, with the number of the last
  /// batch applied.
  public VersionVector vector() {
    return vector;
  }
}
