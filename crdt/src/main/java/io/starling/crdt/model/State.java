package io.starling.crdt.model;

import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.read.View;
import io.starling.crdt.read.ViewBuilder;
import io.starling.crdt.store.Causal;
import io.starling.crdt.store.DotMap;
import java.util.Map;

/// What a replica holds: its cells and, as their causal context, the vector of what it has applied.
public record State(Causal<DotMap<CellId, Cell>> causal) {

  public static final State BOTTOM = of(DotMap.empty(), VersionVector.EMPTY);

  public static State of(DotMap<CellId, Cell> cells, VersionVector vector) {
    return new State(new Causal<>(cells, vector));
  }

  public DotMap<CellId, Cell> cells() {
    return causal.store();
  }

  public VersionVector vector() {
    return (VersionVector) causal.context();
  }

  public State join(State that) {
    return new State(causal.join(that.causal));
  }

  /// Whether all that the batch needs was applied, and it was not.
  public boolean canApply(Batch batch) {
    return vector().seq(batch.replica()) == batch.seq() - 1 && vector().covers(batch.context());
  }

  public State apply(Batch batch) {
    var table = new MemoryCells(cells());
    batch.apply(table);
    return of(table.toDotMap(), vector().with(batch.replica(), batch.seq()));
  }

  public View view(Path path) {
    var builder = new ViewBuilder(path, Integer.MAX_VALUE);
    cells()
        .entries()
        .forEach((id, cell) -> {
          if (path.isAtOrAbove(id.path())) {
            builder.add(id, cell);
          }
        });
    return builder.build();
  }

  public CellDigest digest() {
    return cells().entries().entrySet().stream()
        .map(State::digest)
        .reduce(CellDigest.ZERO, CellDigest::plus);
  }

  private static CellDigest digest(Map.Entry<CellId, Cell> entry) {
    var content = CellEncoding.encode(entry.getValue(), ReplicaForm.FULL);
    return CellDigest.of(entry.getKey().canonical(), content);
  }
}
