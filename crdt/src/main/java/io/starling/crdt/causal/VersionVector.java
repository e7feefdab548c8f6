package io.starling.crdt.causal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// For each replica, the number of its last batch that was seen, with all before it.
///
/// A replica that is not listed has the number 0. Immutable; equal vectors have equal entries in
/// equal order. A look-up costs O(log n), a change O(n) in the number of replicas listed.
///
/// Reference: Parker et al., Detection of Mutual Inconsistency in Distributed Systems (1983).
/// Departure: the numbers count batches, not operations; [Dot#index()] tells the operations of one
/// batch apart, and a batch is seen whole or not at all.
public final class VersionVector implements CausalContext {

  /// The vector that has seen nothing.
  public static final VersionVector EMPTY = new VersionVector(new ReplicaId[0], new long[0]);

  /// A total order that means nothing, for maps.
  public static final Comparator<VersionVector> ORDER =
      Comparator.<VersionVector, long[]>comparing(it -> it.seqs, Arrays::compare)
          .thenComparing(it -> it.replicas, Arrays::compare);

  private final ReplicaId[] replicas;
  private final long[] seqs;

  private VersionVector(ReplicaId[] replicas, long[] seqs) {
    this.replicas = replicas;
    this.seqs = seqs;
  }

  /// One replica with the number of its last batch seen.
  public record Entry(ReplicaId replica, long seq) {}

  /// The vector with the entries of a map; entries of 0 are left out.
  ///
  /// @throws IllegalArgumentException if a number is negative
  public static VersionVector of(SortedMap<ReplicaId, Long> entries) {
    var ordered = entries.comparator() == null ? entries : naturally(entries);
    var listed = new Listed(entries.size());
    for (var entry : ordered.entrySet()) {
      if (entry.getValue() < 0) {
        throw new IllegalArgumentException("negative seq for " + entry.getKey());
      }
      listed.add(entry.getKey(), entry.getValue());
    }
    return listed.vector();
  }

  // Not `new TreeMap<>(entries)`, which would take over their order.
  private static TreeMap<ReplicaId, Long> naturally(SortedMap<ReplicaId, Long> entries) {
    var ordered = new TreeMap<ReplicaId, Long>();
    ordered.putAll(entries);
    return ordered;
  }

  /// Entries that are listed in the order of replicas, without those of 0.
  private static final class Listed {
    private final ReplicaId[] replicas;
    private final long[] seqs;
    private int size;

    Listed(int most) {
      replicas = new ReplicaId[most];
      seqs = new long[most];
    }

    void add(ReplicaId replica, long seq) {
      if (seq > 0) {
        replicas[size] = replica;
        seqs[size++] = seq;
      }
    }

    VersionVector vector() {
      return size == replicas.length
          ? new VersionVector(replicas, seqs)
          : new VersionVector(Arrays.copyOf(replicas, size), Arrays.copyOf(seqs, size));
    }
  }

  /// The number of the last batch seen of a replica; 0 if none was.
  public long seq(ReplicaId replica) {
    int at = Arrays.binarySearch(replicas, replica);
    return at < 0 ? 0 : seqs[at];
  }

  /// Whether the replica is listed.
  public boolean contains(ReplicaId replica) {
    return Arrays.binarySearch(replicas, replica) >= 0;
  }

  @Override
  public boolean covers(Dot dot) {
    return dot.seq() <= seq(dot.replica());
  }

  /// Whether this vector has seen all that the other has.
  public boolean covers(VersionVector that) {
    for (int i = 0; i < that.replicas.length; i++) {
      if (seq(that.replicas[i]) < that.seqs[i]) {
        return false;
      }
    }
    return true;
  }

  /// The least vector that covers both.
  public VersionVector join(VersionVector that) {
    if (covers(that)) {
      return this;
    }
    var joined = new Listed(replicas.length + that.replicas.length);
    int here = 0;
    int there = 0;
    while (here < replicas.length && there < that.replicas.length) {
      int order = replicas[here].compareTo(that.replicas[there]);
      long seq =
          order == 0
              ? Math.max(seqs[here], that.seqs[there])
              : order < 0 ? seqs[here] : that.seqs[there];
      joined.add(order <= 0 ? replicas[here] : that.replicas[there], seq);
      here += order <= 0 ? 1 : 0;
      there += order >= 0 ? 1 : 0;
    }
    for (; here < replicas.length; here++) {
      joined.add(replicas[here], seqs[here]);
    }
    for (; there < that.replicas.length; there++) {
      joined.add(that.replicas[there], that.seqs[there]);
    }
    return joined.vector();
  }

  /// The join, where the other context is a vector too: so a state that met many others still has a
  /// vector beside it, and not a chain of contexts.
  @Override
  public CausalContext or(CausalContext that) {
    return that instanceof VersionVector vector ? join(vector) : CausalContext.super.or(that);
  }

  /// The greatest vector that both cover.
  public VersionVector meet(VersionVector that) {
    if (that.covers(this)) {
      return this;
    }
    var met = new Listed(replicas.length);
    for (int i = 0; i < replicas.length; i++) {
      met.add(replicas[i], Math.min(seqs[i], that.seq(replicas[i])));
    }
    return met.vector();
  }

  /// This vector with another number for one replica; 0 takes the replica out.
  public VersionVector with(ReplicaId replica, long seq) {
    int at = Arrays.binarySearch(replicas, replica);
    if (at >= 0 && seq > 0) {
      var changed = seqs.clone();
      changed[at] = seq;
      return new VersionVector(replicas, changed);
    }
    var changed = toMap();
    changed.put(replica, seq);
    return of(changed);
  }

  /// This vector with one replica taken out.
  public VersionVector without(ReplicaId replica) {
    return contains(replica) ? with(replica, 0) : this;
  }

  /// How many replicas are listed.
  public int size() {
    return replicas.length;
  }

  /// Whether nothing was seen.
  public boolean isEmpty() {
    return replicas.length == 0;
  }

  /// The entries, ordered by replica.
  public List<Entry> entries() {
    var entries = new ArrayList<Entry>(replicas.length);
    for (int i = 0; i < replicas.length; i++) {
      entries.add(new Entry(replicas[i], seqs[i]));
    }
    return entries;
  }

  /// A new map of the entries, which the caller owns.
  public TreeMap<ReplicaId, Long> toMap() {
    var map = new TreeMap<ReplicaId, Long>();
    for (int i = 0; i < replicas.length; i++) {
      map.put(replicas[i], seqs[i]);
    }
    return map;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof VersionVector that
        && Arrays.equals(seqs, that.seqs)
        && Arrays.equals(replicas, that.replicas);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(replicas) + Arrays.hashCode(seqs);
  }

  @Override
  public String toString() {
    return toMap().toString();
  }
}
