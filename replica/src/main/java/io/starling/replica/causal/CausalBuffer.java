package io.starling.replica.causal;

import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.batch.SignedBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// Batches that came before their causes. Bounded for each replica: of too many, those furthest
/// ahead are dropped, for they are the last that will be needed and can be pulled again.
public final class CausalBuffer {

  private final int perReplica;
  private final TreeMap<ReplicaId, NavigableMap<Long, SignedBatch>> waiting = new TreeMap<>();
  private int size;

  public CausalBuffer(int perReplica) {
    this.perReplica = perReplica;
  }

  /// Keeps a batch. One that is here already, by seq, is not kept again.
  ///
  /// @return how many batches were dropped: 0 or 1
  public int add(SignedBatch batch) {
    var batches = waiting.computeIfAbsent(batch.batch().replica(), _ -> new TreeMap<>());
    if (batches.putIfAbsent(batch.batch().seq(), batch) == null) {
      size++;
    }
    if (batches.size() > perReplica) {
      batches.pollLastEntry();
      size--;
      return 1;
    }
    return 0;
  }

  /// The replicas with batches here, ordered.
  public List<ReplicaId> replicas() {
    return new ArrayList<>(waiting.keySet());
  }

  /// The batch with that number, if it is here.
  public Optional<SignedBatch> get(ReplicaId replica, long seq) {
    var batches = waiting.get(replica);
    return batches == null ? Optional.empty() : Optional.ofNullable(batches.get(seq));
  }

  /// Forgets the batches of a replica up to a number.
  public void dropUpTo(ReplicaId replica, long seq) {
    var batches = waiting.get(replica);
    if (batches != null) {
      var past = batches.headMap(seq, true);
      size -= past.size();
      past.clear();
      forgetIfEmpty(replica, batches);
    }
  }

  /// Forgets the batches of a replica from a number on.
  public void dropFrom(ReplicaId replica, long seq) {
    var batches = waiting.get(replica);
    if (batches != null) {
      var rest = batches.tailMap(seq, true);
      size -= rest.size();
      rest.clear();
      forgetIfEmpty(replica, batches);
    }
  }

  /// How many batches wait.
  public int size() {
    return size;
  }

  private void forgetIfEmpty(ReplicaId replica, NavigableMap<Long, SignedBatch> batches) {
    if (batches.isEmpty()) {
      waiting.remove(replica);
    }
  }
}
