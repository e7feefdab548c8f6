package io.starling.crdt.causal;

/// The name of one operation: the `index`-th operation of the `seq`-th batch of a replica.
///
/// Ordered by replica, then by time of issue. The order of dots of different replicas has no
/// meaning but to break ties alike everywhere.
///
/// @param seq 1 or more
/// @param index 0 or more
public record Dot(ReplicaId replica, long seq, int index) implements Comparable<Dot> {

  public Dot {
    if (seq < 1 || index < 0) {
      throw new IllegalArgumentException("a dot has a seq from 1 and an index from 0");
    }
  }

  /// Whether this dot was issued later than another one of the same replica.
  public boolean isAfter(Dot that) {
    return seq != that.seq ? seq > that.seq : index > that.index;
  }

  @Override
  public int compareTo(Dot that) {
    int order = replica.compareTo(that.replica);
    if (order == 0) {
      order = Long.compare(seq, that.seq);
    }
    return order != 0 ? order : Integer.compare(index, that.index);
  }

  @Override
  public String toString() {
    return replica + ":" + seq + "." + index;
  }
}
