package io.starling.replica.exchange;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.causal.Past;
import io.starling.replica.state.SpaceState;
import io.starling.replica.status.SpaceStatus.Holder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/// What all members are known to have applied, and who keeps it from being more, since when.
///
/// A hint: a restored member may know less again. So only truncation of the log goes by it, which
/// is a matter of bandwidth. Nothing is known of a member until it is heard after the start.
///
/// A member that is always a moment behind in a busy space holds nothing back. So for each there is
/// a mark, a vector that was reached here at some time: when the member has it, the mark moves to
/// the present one. It holds back since its mark.
public final class Stability {

  private final KeyFingerprint self;
  private final Supplier<SortedSet<KeyFingerprint>> members;
  private final SpaceState state;
  private final Peers peers;
  private final long openedMillis;
  private final TreeMap<KeyFingerprint, Mark> marks = new TreeMap<>();

  private record Mark(VersionVector vector, long millis, boolean isFirst) {}

  /// @param members those to wait for
  public Stability(
      KeyFingerprint self,
      Supplier<SortedSet<KeyFingerprint>> members,
      SpaceState state,
      Peers peers,
      long openedMillis) {
    this.self = self;
    this.members = members;
    this.state = state;
    this.peers = peers;
    this.openedMillis = openedMillis;
  }

  /// Members other than this one, and whoever else is there: one that has just come knows of few.
  private SortedSet<KeyFingerprint> others() {
    var others = new TreeSet<>(members.get());
    others.addAll(peers.reachable());
    others.remove(self);
    return others;
  }

  /// Moves the marks of those who have come as far as theirs. Called once a round.
  public void mark(long nowMillis) {
    var others = others();
    marks.keySet().retainAll(others);
    var here = state.origins().vector();
    for (var other : others) {
      var mark = marks.computeIfAbsent(other, _ -> new Mark(here, openedMillis, true));
      if (covers(past(other), mark.vector())) {
        marks.put(other, new Mark(here, nowMillis, false));
      }
    }
  }

  /// Those that are not known to have applied all that is applied here, those for the longest time
  /// first.
  public List<Holder> holders() {
    var here = state.origins().vector();
    var holders = new ArrayList<Holder>();
    marks.forEach((member, mark) -> {
      if (!covers(past(member), here)) {
        holders.add(new Holder(member, mark.millis(), mark.isFirst()));
      }
    });
    holders.sort(Comparator.comparingLong(Holder::sinceMillis));
    return holders;
  }

  private static boolean covers(Past past, VersionVector vector) {
    return vector.entries().stream().allMatch(it -> past.seq(it.replica()) >= it.seq());
  }

  private Past past(KeyFingerprint member) {
    return new Past(peers.row(member), state.origins().closes());
  }

  /// What all are known to have applied, replicas left out that are closed at one of them.
  public VersionVector vector() {
    var stable = state.origins().vector();
    for (var other : others()) {
      stable = stable.meet(peers.row(other));
    }
    return stable;
  }

  /// What is known at this moment; for one event.
  public Known known() {
    return new Known(others().stream().map(this::past).toList());
  }

  /// What the other members have applied at one moment.
  public static final class Known {
    private final List<Past> others;

    private Known(List<Past> others) {
      this.others = others;
    }

    /// Whether there is no other member.
    public boolean isAlone() {
      return others.isEmpty();
    }

    /// Up to which seq all others are known to have applied a replica.
    public long stable(ReplicaId replica) {
      return others.stream().mapToLong(past -> past.seq(replica)).min().orElse(Long.MAX_VALUE);
    }

    /// Up to which seq another is known to have applied a replica.
    public long seen(ReplicaId replica) {
      return others.stream().mapToLong(past -> past.seq(replica)).max().orElse(0);
    }
  }
}
