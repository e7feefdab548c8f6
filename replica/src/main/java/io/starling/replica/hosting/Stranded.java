package io.starling.replica.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.batch.Batch;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/// What a node wrote before its store was damaged and, if nobody else has it, can never apply
/// again: what cannot be read, what names a batch of `_system` that is lost, and what names any of
/// that.
///
/// A batch that can be read is no use without its causes, and if these were the node's own, and
/// nobody had heard of them, it would wait for ever.
final class Stranded {

  private Stranded() {}

  /// The first of the batches of a replica that are missing. Its causes count and not those of the
  /// rest, which follow on it.
  ///
  /// @param batch empty if it cannot be read
  record First(long seq, Optional<Batch> batch) {}

  /// Whether no missing batch is worth waiting for by who made its store anew, if no other member
  /// has one: of other nodes none can be read, and if one that is away has them it brings them; of
  /// the own ones none can be applied.
  ///
  /// @param self the node whose store it is
  /// @param missing the replicas of which batches are missing
  /// @param isLost whether a batch of `_system` is neither here nor anywhere else
  static boolean areAll(
      KeyFingerprint self,
      SortedMap<ReplicaId, First> missing,
      Predicate<VersionVector.Entry> isLost) {
    var own = new TreeMap<ReplicaId, First>();
    for (var entry : missing.entrySet()) {
      if (entry.getKey().key().equals(self)) {
        own.put(entry.getKey(), entry.getValue());
      } else if (entry.getValue().batch().isPresent()) {
        return false;
      }
    }
    return among(own, isLost).containsAll(own.keySet());
  }

  /// The replicas whose missing batches are of no use, but for those that others have.
  ///
  /// @param missing the replicas of this node of which batches are missing
  /// @param isLost whether a batch of `_system` is neither here nor anywhere else
  static SortedSet<ReplicaId> among(
      SortedMap<ReplicaId, First> missing, Predicate<VersionVector.Entry> isLost) {
    // With the first seq that is.
    var stranded = new TreeMap<ReplicaId, Long>();
    Predicate<VersionVector.Entry> isStranded =
        it -> it.seq() >= stranded.getOrDefault(it.replica(), Long.MAX_VALUE);
    int before;
    do {
      before = stranded.size();
      missing.forEach((replica, first) -> {
        var context = first.batch().map(Batch::context);
        if (context.isEmpty()
            || context.get().system().entries().stream().anyMatch(isLost)
            || context.get().space().entries().stream().anyMatch(isStranded)) {
          stranded.put(replica, first.seq());
        }
      });
    } while (stranded.size() > before);
    return new TreeSet<>(stranded.keySet());
  }
}
