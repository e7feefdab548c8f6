package io.starling.simulation.world;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Every batch that was ever durable anywhere.
public final class Formed {

  private final TreeMap<SpaceId, TreeMap<ReplicaId, TreeMap<Long, SignedBatch>>> spaces =
      new TreeMap<>();

  void add(SignedBatch signed) {
    var batch = signed.batch();
    spaces
        .computeIfAbsent(batch.space(), _ -> new TreeMap<>())
        .computeIfAbsent(batch.replica(), _ -> new TreeMap<>())
        .put(batch.seq(), signed);
  }

  private Optional<SignedBatch> find(SpaceId space, ReplicaId replica, long seq) {
    return Optional.ofNullable(spaces.get(space))
        .map(chains -> chains.get(replica))
        .map(chain -> chain.get(seq));
  }

  /// The batches that a vector covers and a ledger has not, each after its causes.
  ///
  /// @param theirs closed replicas included
  public List<SignedBatch> missing(SpaceId space, Ledger ledger, VersionVector theirs) {
    var missing = new ArrayList<SignedBatch>();
    var seqs = ledger.vector().toMap();
    boolean isMoving = true;
    while (isMoving) {
      isMoving = false;
      for (var entry : theirs.entries()) {
        var next = find(space, entry.replica(), seqs.getOrDefault(entry.replica(), 0L) + 1);
        while (next.isPresent() && isNext(next.get(), entry, seqs)) {
          missing.add(next.get());
          seqs.put(entry.replica(), next.get().batch().seq());
          next = find(space, entry.replica(), next.get().batch().seq() + 1);
          isMoving = true;
        }
      }
    }
    return missing;
  }

  private static boolean isNext(
      SignedBatch signed, VersionVector.Entry upTo, java.util.SortedMap<ReplicaId, Long> seqs) {
    return signed.batch().seq() <= upTo.seq()
        && signed.batch().context().space().entries().stream()
            .allMatch(cause -> seqs.getOrDefault(cause.replica(), 0L) >= cause.seq());
  }
}
