package io.starling.crdt.op;

import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import java.util.List;

/// The cells of a space, as an operation sees them.
public interface CellTable {

  /// The cell's content; [Cell#empty] where there is none.
  Cell get(CellId id);

  /// Changes a cell; an empty content takes it out.
  void put(CellId id, Cell content);

  /// The names of the cells at a path and below, in order. A snapshot: changing cells while walking
  /// it is allowed.
  List<CellId> atAndBelow(Path path);
}
