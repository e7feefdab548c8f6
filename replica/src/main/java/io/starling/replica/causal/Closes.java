package io.starling.replica.causal;

import io.starling.crdt.causal.ReplicaId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// The closes that were applied: which replica was declared ended, at which batch, by which batch.
///
/// A close undoes and refuses nothing. A replica counts as closed in exactly those contexts that
/// cover a close which names its highest seq; so being closed is a function of the version vector
/// and not of local timing.
public final class Closes {

  private final TreeMap<ReplicaId, List<Close>> byReplica = new TreeMap<>();

  // Who closed the closer, and so on: after ten thousand starts of a node a chain of as many steps,
  // which each look shortens to one for all on its way (as in a union-find).
  private final TreeMap<ReplicaId, Close> ends = new TreeMap<>();

  /// @param seq the last batch of the replica that the closer had applied
  /// @param closer who declared it, in its batch `closerSeq`
  public record Close(long seq, ReplicaId closer, long closerSeq) {}

  /// Adds a close. Adding one twice changes nothing.
  public void add(ReplicaId replica, Close close) {
    var closes = byReplica.computeIfAbsent(replica, _ -> new ArrayList<>());
    if (!closes.contains(close)) {
      closes.add(close);
      closes.sort(Comparator.comparingLong(Close::seq).reversed());
      ends.remove(replica);
    }
  }

  /// Forgets all.
  public void clear() {
    byReplica.clear();
    ends.clear();
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

  /// The batch at the end of the chain of closers: whoever has seen it has seen the highest close
  /// of the replica. Who has not may have seen that close nevertheless. Empty if there is none, or
  /// if the closers of a forger name each other in a circle.
  ///
  /// Not thread-safe. Costs a step or two, as a rule.
  Optional<Close> end(ReplicaId replica) {
    var path = new TreeSet<ReplicaId>();
    Optional<Close> end = Optional.empty();
    var at = replica;
    while (true) {
      var next = step(at);
      long needed = end.map(Close::closerSeq).orElse(0L);
      if (next.isEmpty() || next.get().seq() < needed) {
        break;
      }
      if (!path.add(at)) {
        return Optional.empty();
      }
      end = next;
      at = next.get().closer();
    }
    for (var passed : path) {
      long named = of(passed).getFirst().seq();
      ends.put(passed, new Close(named, end.get().closer(), end.get().closerSeq()));
    }
    return end;
  }

  private Optional<Close> step(ReplicaId replica) {
    var end = Optional.ofNullable(ends.get(replica));
    return end.isPresent() ? end : of(replica).stream().findFirst();
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
