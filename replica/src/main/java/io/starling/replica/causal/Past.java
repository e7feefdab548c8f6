package io.starling.replica.causal;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.TreeMap;

/// A vector that may leave out closed replicas, read in full: a replica has the highest seq that it
/// is listed with or that the closes covered by the rest name.
///
/// Both sides of a link read a vector alike, though they may have applied different closes: whoever
/// has applied what the vector lists has applied every close that it covers.
///
/// Not thread-safe. Costs a walk along the chain of closers for each replica left out, once.
public final class Past implements CausalContext {

  private final VersionVector listed;
  private final Closes closes;
  private final TreeMap<ReplicaId, Long> resolved = new TreeMap<>();

  public Past(VersionVector listed, Closes closes) {
    this.listed = listed;
    this.closes = closes;
  }

  /// The number of the last batch seen of a replica; 0 if none was.
  public long seq(ReplicaId replica) {
    long known = known(replica);
    return known >= 0 ? known : resolve(replica);
  }

  @Override
  public boolean covers(Dot dot) {
    return dot.seq() <= seq(dot.replica());
  }

  /// The seq if it is listed and no close can raise it, or if it was worked out before; else -1.
  private long known(ReplicaId replica) {
    return closes.of(replica).isEmpty()
        ? listed.seq(replica)
        : resolved.getOrDefault(replica, -1L);
  }

  // A chain of incarnations may be thousands long, so the walk keeps its own stack. It ends,
  // because a close lies causally after what it names.
  private long resolve(ReplicaId wanted) {
    Deque<ReplicaId> open = new ArrayDeque<>();
    open.push(wanted);
    while (!open.isEmpty()) {
      var replica = open.element();
      var next = unresolvedCloser(replica);
      if (next == replica) {
        open.pop();
      } else {
        open.push(next);
      }
    }
    return known(wanted);
  }

  /// Settles a replica if all its closers are settled and answers with itself, or else answers with
  /// the closer to settle first.
  private ReplicaId unresolvedCloser(ReplicaId replica) {
    long explicit = listed.seq(replica);
    for (var close : closes.of(replica)) {
      if (close.seq() <= explicit) {
        break;
      }
      long closerSeen = known(close.closer());
      if (closerSeen < 0) {
        return close.closer();
      }
      if (closerSeen >= close.closerSeq()) {
        resolved.put(replica, close.seq());
        return replica;
      }
    }
    resolved.put(replica, explicit);
    return replica;
  }
}
