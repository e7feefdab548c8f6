package io.starling.replica.membership;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SpaceId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/// All revocations that a node knows of; of several for one key the lowest cut-off counts.
///
/// @param byKey the statements against each key
public record Revocations(SortedMap<KeyFingerprint, List<Revocation>> byKey) {

  /// Nobody is revoked.
  public static final Revocations NONE = new Revocations(new TreeMap<>());

  public Revocations {
    byKey = Collections.unmodifiableSortedMap(new TreeMap<>(byKey));
  }

  /// Statements in any order.
  public static Revocations of(Iterable<Revocation> statements) {
    var byKey = new TreeMap<KeyFingerprint, List<Revocation>>();
    statements.forEach(one -> byKey.computeIfAbsent(one.key(), _ -> new ArrayList<>()).add(one));
    byKey.replaceAll((_, all) -> List.copyOf(all));
    return new Revocations(byKey);
  }

  public boolean isEmpty() {
    return byKey.isEmpty();
  }

  /// The keys that are revoked.
  public SortedSet<KeyFingerprint> keys() {
    return Collections.unmodifiableSortedSet(new TreeMap<>(byKey).navigableKeySet());
  }

  public boolean isRevoked(KeyFingerprint key) {
    return byKey.containsKey(key);
  }

  /// Up to which seq the batches of a replica stand by themselves; 0 if none does, all if its key
  /// is not revoked.
  public long cut(SpaceId space, ReplicaId replica) {
    long lowest = Long.MAX_VALUE;
    for (var statement : byKey.getOrDefault(replica.key(), List.of())) {
      long cut = statement.cut(space, replica.incarnation()).map(Revocation.Cut::seq).orElse(0L);
      lowest = Math.min(lowest, cut);
    }
    return lowest;
  }

  /// Whether a batch stands by itself.
  public boolean stands(SpaceId space, ReplicaId replica, long seq, ChainHash hash) {
    return byKey.getOrDefault(replica.key(), List.of()).stream()
        .allMatch(statement ->
            statement
                .cut(space, replica.incarnation())
                .filter(cut -> seq < cut.seq() || (seq == cut.seq() && hash.first() == cut.hash()))
                .isPresent());
  }
}
