package io.starling.simulation.exhaustive;

import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.model.Batch;
import io.starling.crdt.model.State;
import io.starling.crdt.read.View;
import io.starling.crdt.store.Causal;
import io.starling.crdt.store.DotMap;

/// What is searched: how states change, join, read and are written down. As it stands it is what
/// production does; a planted bug overrides one of these. Pure: equal arguments, equal results.
public interface Algebra {

  /// Production's.
  Algebra PRODUCTION = new Algebra() {};

  /// What a replica holds after a transaction, its own or one that it receives.
  default State apply(State state, Batch batch) {
    return state.apply(batch);
  }

  /// The join of two states, or of a state with a delta.
  default Causal<DotMap<CellId, Cell>> join(
      Causal<DotMap<CellId, Cell>> mine, Causal<DotMap<CellId, Cell>> theirs) {
    return mine.join(theirs);
  }

  /// What one reads at a path and below.
  default View view(State state, Path path) {
    return state.view(path);
  }

  /// The canonical bytes of a cell.
  default byte[] encode(Cell cell) {
    return CellEncoding.encode(cell, ReplicaForm.FULL);
  }
}
