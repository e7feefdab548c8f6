package io.starling.replica.causal;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;

/// A vector that may leave out closed replicas, read in full: a replica has the highest seq that it
/// is listed with or that the closes covered by the rest name.
///
/// Both sides of a link read a vector alike, though they may have applied different closes: whoever
/// has applied what the vector lists has applied every close that it covers.
///
/// Not thread-safe. Costs a step or two for each replica left out by a vector that has seen the end
/// of its chain of closers, as that of a member that keeps up has; else a walk along the chain,
/// once.
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
    var all = closes.of(replica);
    if (all.isEmpty()) {
      return listed.seq(replica);
    }
    if (!resolved.containsKey(replica)) {
      boolean isSeen =
          closes
              .end(replica)
              .filter(end -> listed.seq(end.closer()) >= end.closerSeq())
              .isPresent();
      if (isSeen) {
        // The highest close is seen, and nothing can imply more than it names.
        resolved.put(replica, Math.max(listed.seq(replica), all.getFirst().seq()));
      } else {
        resolve(replica);
      }
    }
    return known(replica);
  }

  @Override
  public boolean covers(Dot dot) {
    return dot.seq() <= seq(dot.replica());
  }

  // The least vector that holds what is listed and is closed under "whoever has seen the close has
  // seen what it names". A chain of incarnations may be thousands long, so there is no recursion.
  // The closers of a forger may name each other in a circle, which no vector of applied batches
  // omits whole but a made-up one may; so nothing is taken for seen because of itself.
  private void resolve(ReplicaId wanted) {
    var reached = new ArrayList<ReplicaId>();
    var closedBy = new TreeMap<ReplicaId, List<ReplicaId>>();
    explore(wanted, reached, closedBy);
    Deque<ReplicaId> changed = new ArrayDeque<>(reached.reversed());
    while (!changed.isEmpty()) {
      var replica = changed.pop();
      long seen = seen(replica);
      if (seen > known(replica)) {
        resolved.put(replica, seen);
        closedBy.getOrDefault(replica, List.of()).forEach(changed::push);
      }
    }
  }

  /// Collects the replicas on whose seqs the wanted one depends, itself first, and sets each to
  /// what is listed.
  private void explore(
      ReplicaId wanted, List<ReplicaId> reached, TreeMap<ReplicaId, List<ReplicaId>> closedBy) {
    Deque<ReplicaId> open = new ArrayDeque<>();
    open.push(wanted);
    while (!open.isEmpty()) {
      var replica = open.pop();
      long explicit = listed.seq(replica);
      if (resolved.putIfAbsent(replica, explicit) == null) {
        reached.add(replica);
        for (var close : closes.of(replica)) {
          if (close.seq() > explicit) {
            closedBy.computeIfAbsent(close.closer(), _ -> new ArrayList<>()).add(replica);
            open.push(close.closer());
          }
        }
      }
    }
  }

  /// What the closes seen so far say of a replica.
  private long seen(ReplicaId replica) {
    long known = known(replica);
    for (var close : closes.of(replica)) {
      if (close.seq() <= known) {
        break;
      }
      if (known(close.closer()) >= close.closerSeq()) {
        return close.seq();
      }
    }
    return known;
  }

  private long known(ReplicaId replica) {
    var seq = resolved.get(replica);
    return seq != null ? seq : listed.seq(replica);
  }
}
