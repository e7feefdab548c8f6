package io.starling.replica.causal;

import io.starling.crdt.causal.ReplicaId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/// The closes that were applied: which replica was declared ended, at which batch, by which batch.
///
/// A close undoes and refuses nothing. A replica counts as closed in exactly those contexts that
/// cover a close which names its highest seq; so being closed is a function of the version vector
/// and not of local timing.
public final class Closes {

  private final TreeMap<ReplicaId, List<Close>> byReplica = new TreeMap<>();

  /// @param seq the last batch of the replica that the closer had applied
  /// @param closer who declared it, in its batch `closerSeq`
  public record Close(long seq, ReplicaId closer, long closerSeq) {}

  /// Adds a close. Adding one twice changes nothing.
  public void add(ReplicaId replica, Close close) {
    var closes = byReplica.computeIfAbsent(replica, _ -> new ArrayList<>());
    if (!closes.contains(close)) {
      closes.add(close);
      closes.sort(Comparator.comparingLong(Close::seq).reversed());
    }
  }

  /// A copy that later closes do not show in.
  public Closes copy() {
    var copy = new Closes();
    byReplica.forEach((replica, all) -> all.forEach(close -> copy.add(replica, close)));
    return copy;
  }

  /// The closes of a replica, the highest seq first.
  public List<Close> of(ReplicaId replica) {
    return Collections.unmodifiableList(byReplica.getOrDefault(replica, List.of()));
  }

  /// Whether a close names exactly this batch as the replica's last.
  public boolean names(ReplicaId replica, long seq) {
    var closes = of(replica);
    return !closes.isEmpty() && closes.getFirst().seq() == seq;
  }

  /// The replicas with a close, ordered.
  public Iterable<ReplicaId> replicas() {
    return Collections.unmodifiableSet(byReplica.keySet());
  }
}
