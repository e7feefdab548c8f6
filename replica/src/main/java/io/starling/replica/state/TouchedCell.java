package io.starling.replica.state;

import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;

/// A cell as an event found it and as it is now.
final class TouchedCell {

  private final CellId id;
  private final byte[] name;
  private final Cell before;
  private Cell now;

  /// @param name the canonical bytes of the id
  TouchedCell(CellId id, byte[] name, Cell before) {
    this.id = id;
    this.name = name;
    this.before = before;
    this.now = before;
  }

  CellId id() {
    return id;
  }

  byte[] name() {
    return name;
  }

  Cell before() {
    return before;
  }

  Cell now() {
    return now;
  }

  void now(Cell content) {
    now = content;
  }
}
