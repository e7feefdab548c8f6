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

  public Batch {
    operations = List.copyOf(operations);
  }

  /// The batch that a replica makes of operations: with the tallies that its author names.
  ///
  /// @param before what the replica holds
  /// @param shown what its client has read, if that is less
  public static Batch of(
      ReplicaId author,
      State before,
      HybridTime time,
      Optional<State> shown,
      List<Operation> operations) {
    long seq = before.vector().seq(author) + 1;
    var read = shown.map(State::vector);
    var batch = new Batch(author, seq, time, before.vector(), read, List.of());
    var table = new MemoryCells(before.cells());
    for (int i = 0; i < operations.size(); i++) {
      var seen = shown.map(State::cells).orElseGet(table::toDotMap);
      batch = batch.with(Names.add(operations.get(i), seen));
      batch.apply(i, table);
    }
    return batch;
  }

  /// This batch with one more operation.
  private Batch with(Operation operation) {
    var more = new ArrayList<>(operations);
    more.add(operation);
    return new Batch(replica, seq, time, context, read, more);
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
