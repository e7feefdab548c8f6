package io.starling.replica.causal;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.batch.SignedBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// Batches that came before their causes. Bounded for each node key, over all its incarnations, in
/// number and in bytes: of too many, those furthest ahead are dropped, for they are the last that
/// will be needed and can be pulled again.
public final class CausalBuffer {

  /// Batches of one number of one replica: more than one is there only if it was forked.
  static final int SAME_MAX = 8;

  private final int batchesMax;
  private final long bytesMax;
  private final TreeMap<ReplicaId, NavigableMap<Long, List<SignedBatch>>> waiting = new TreeMap<>();
  private final TreeMap<KeyFingerprint, Load> loads = new TreeMap<>();
  private int size;
  private long changes;

  /// What the replicas of one key hold here.
  private record Load(int batches, long bytes) {
    private static final Load NONE = new Load(0, 0);

    private Load plus(SignedBatch batch) {
      return new Load(batches + 1, bytes + batch.bytes());
    }

    private Load minus(SignedBatch batch) {
      return new Load(batches - 1, bytes - batch.bytes());
    }
  }

  public CausalBuffer(int batchesMax, long bytesMax) {
    this.batchesMax = batchesMax;
    this.bytesMax = bytesMax;
  }

  /// Keeps a batch, within bounds. One that is here already is not kept again.
  ///
  /// @return how many batches were dropped
  public int add(SignedBatch batch) {
    put(batch);
    return trim(batch.batch().replica().key());
  }

  /// Keeps a batch whatever the bounds, until [#trim] is called for its key: one whose turn it is
  /// must not be dropped for others that wait for it.
  ///
  /// @return the batch that was here first under that number, this one or another
  public SignedBatch put(SignedBatch batch) {
    var replica = batch.batch().replica();
    var same =
        waiting
            .computeIfAbsent(replica, _ -> new TreeMap<>())
            .computeIfAbsent(batch.batch().seq(), _ -> new ArrayList<>());
    boolean isNew = same.stream().noneMatch(it -> it.hash().equals(batch.hash()));
    if (isNew && same.size() == SAME_MAX) {
      var oldest = same.removeFirst();
      size--;
      loads.computeIfPresent(replica.key(), (_, load) -> load.minus(oldest));
    }
    if (isNew) {
      same.add(batch);
      size++;
      changes++;
      loads.merge(replica.key(), Load.NONE.plus(batch), (load, _) -> load.plus(batch));
    }
    return same.getFirst();
  }

  /// Drops those of a key that are furthest ahead until the bounds hold.
  ///
  /// @return how many batches were dropped
  public int trim(KeyFingerprint key) {
    int dropped = 0;
    while (isOver(loads.getOrDefault(key, Load.NONE))) {
      dropFurthest(key);
      dropped++;
    }
    return dropped;
  }

  /// The replicas with batches here, ordered.
  public List<ReplicaId> replicas() {
    return new ArrayList<>(waiting.keySet());
  }

  /// The batch with that number that came first, if one is here.
  public Optional<SignedBatch> get(ReplicaId replica, long seq) {
    return at(replica, seq).stream().findFirst();
  }

  /// The batches with that number, in the order in which they came.
  public List<SignedBatch> at(ReplicaId replica, long seq) {
    var batches = waiting.get(replica);
    return batches == null ? List.of() : List.copyOf(batches.getOrDefault(seq, List.of()));
  }

  /// The batches of a replica that wait, in order.
  public List<SignedBatch> of(ReplicaId replica) {
    var batches = waiting.get(replica);
    return batches == null ? List.of() : batches.values().stream().flatMap(List::stream).toList();
  }

  /// Forgets one batch.
  public void drop(SignedBatch batch) {
    var replica = batch.batch().replica();
    long seq = batch.batch().seq();
    var others = new ArrayList<>(at(replica, seq));
    others.removeIf(it -> it.hash().equals(batch.hash()));
    var batches = waiting.get(replica);
    if (batches != null) {
      drop(replica, batches.subMap(seq, true, seq, true));
      others.forEach(this::put);
    }
  }

  /// Forgets a batch and all that follow on it.
  public void dropChain(SignedBatch batch) {
    var following =
        at(batch.batch().replica(), batch.batch().seq() + 1).stream()
            .filter(it -> it.batch().previous().equals(batch.hash()))
            .toList();
    drop(batch);
    following.forEach(this::dropChain);
  }

  /// Forgets the batches of a replica up to a number.
  public void dropUpTo(ReplicaId replica, long seq) {
    var batches = waiting.get(replica);
    if (batches != null) {
      drop(replica, batches.headMap(seq, true));
    }
  }

  /// Forgets the batches of a replica from a number on.
  public void dropFrom(ReplicaId replica, long seq) {
    var batches = waiting.get(replica);
    if (batches != null) {
      drop(replica, batches.tailMap(seq, true));
    }
  }

  /// How many batches wait.
  public int size() {
    return size;
  }

  /// How often something came or went: as long as it is the same, so is what waits.
  public long changes() {
    return changes;
  }

  /// Their bytes.
  public long bytes() {
    return loads.values().stream().mapToLong(Load::bytes).sum();
  }

  private boolean isOver(Load load) {
    return load.batches > batchesMax || load.bytes > bytesMax;
  }

  private void dropFurthest(KeyFingerprint key) {
    var ofKey =
        waiting.subMap(new ReplicaId(key, 0), true, new ReplicaId(key, -1), true).entrySet();
    ReplicaId furthest = new ReplicaId(key, 0);
    long last = 0;
    for (var entry : ofKey) {
      if (entry.getValue().lastKey() > last) {
        furthest = entry.getKey();
        last = entry.getValue().lastKey();
      }
    }
    dropFrom(furthest, last);
  }

  private void drop(ReplicaId replica, NavigableMap<Long, List<SignedBatch>> part) {
    for (var same : part.values()) {
      size -= same.size();
      changes++;
      for (var batch : same) {
        loads.computeIfPresent(replica.key(), (_, load) -> load.minus(batch));
      }
    }
    part.clear();
    if (waiting.getOrDefault(replica, new TreeMap<>()).isEmpty()) {
      waiting.remove(replica);
    }
    if (loads.getOrDefault(replica.key(), Load.NONE).batches == 0) {
      loads.remove(replica.key());
    }
  }
}
