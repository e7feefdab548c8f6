package io.starling.crdt.model;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.op.CellTable;
import io.starling.crdt.op.Effect;
import io.starling.crdt.op.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One transaction of a replica, as the others receive it.
///
/// @param context what the author had applied
/// @param read what the author's client had read, if that is less
public record Batch(
    ReplicaId replica,
    long seq,
    HybridTime time,
    VersionVector context,
    Optional<VersionVector> read,
    List<Operation> operations) {

  /// This batch with one more operation.
  Batch with(Operation operation) {
    var more = new ArrayList<>(operations);
    more.add(operation);
    return new Batch(replica, seq, time, context, read, List.copyOf(more));
  }

  public Dot dot(int index) {
    return new Dot(replica, seq, index);
  }

  /// What the author of an operation had seen: the vector and the operations before it.
  public CausalContext contextOf(int index) {
    return read.orElse(context)
        .or(dot -> dot.replica().equals(replica) && dot.seq() == seq && dot.index() < index);
  }

  public void apply(CellTable cells) {
    for (int i = 0; i < operations.size(); i++) {
      apply(i, cells);
    }
  }

  public void apply(int index, CellTable cells) {
    new Effect(dot(index), time, contextOf(index)).apply(operations.get(index), cells);
  }
}
