package io.starling.crdt.model;

import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.op.CellTable;
import io.starling.crdt.store.DotMap;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Cells in a sorted map.
public final class MemoryCells implements CellTable {

  private final SortedMap<CellId, Cell> cells;

  public MemoryCells(DotMap<CellId, Cell> cells) {
    this.cells = new TreeMap<>(cells.entries());
  }

  @Override
  public Cell get(CellId id) {
    return cells.getOrDefault(id, Cell.empty(id.kind()));
  }

  @Override
  public void put(CellId id, Cell content) {
    if (content.isEmpty()) {
      cells.remove(id);
    } else {
      cells.put(id, content);
    }
  }

  @Override
  public List<CellId> atAndBelow(Path path) {
    return cells.keySet().stream().filter(id -> path.isAtOrAbove(id.path())).toList();
  }

  public DotMap<CellId, Cell> toDotMap() {
    return new DotMap<>(cells);
  }
}
