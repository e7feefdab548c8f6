package io.starling.replica.state;

import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// A key while an event is taken: its header, and those of its cells that the event has touched.
///
/// Most events touch a few cells of each of many keys, so each key has its own, short orders.
final class TouchedKey {

  private final String name;
  private final KeyHeader stored;
  private final TreeMap<byte[], TouchedCell> cells = new TreeMap<>(Arrays::compareUnsigned);
  // Those of the cells that are not empty now.
  private final TreeMap<byte[], TouchedCell> present = new TreeMap<>(Arrays::compareUnsigned);
  // Beginnings of names of which every stored cell is among the cells; none begins with another.
  private final TreeSet<byte[]> loaded = new TreeSet<>(Arrays::compareUnsigned);
  private KeyHeader header;

  /// @param stored the header as it was before the event
  TouchedKey(String name, KeyHeader stored) {
    this.name = name;
    this.stored = stored;
    this.header = stored;
  }

  String name() {
    return name;
  }

  KeyHeader stored() {
    return stored;
  }

  /// The header as it is now.
  KeyHeader header() {
    return header;
  }

  Optional<TouchedCell> find(byte[] cell) {
    return Optional.ofNullable(cells.get(cell));
  }

  /// Adds a cell, which is not here yet, as it was read.
  TouchedCell touch(CellId id, byte[] cell, Cell content) {
    var touched = new TouchedCell(id, cell, content);
    cells.put(cell, touched);
    notePresence(touched);
    return touched;
  }

  void change(TouchedCell cell, Cell now) {
    header = header.changed(cell.id(), cell.now(), now);
    cell.now(now);
    notePresence(cell);
  }

  /// The cells that are not the same as before.
  List<TouchedCell> changed() {
    return cells.values().stream().filter(cell -> !cell.now().equals(cell.before())).toList();
  }

  /// The touched cells between two names that are not empty now, in order.
  Collection<TouchedCell> present(byte[] from, byte[] to) {
    return present.subMap(from, to).values();
  }

  /// Notes that every stored cell whose name begins so has been touched.
  void remember(byte[] prefix) {
    if (!isLoaded(prefix)) {
      loaded.subSet(prefix, Layout.after(prefix)).clear();
      loaded.add(prefix);
    }
  }

  /// Whether every stored cell whose name begins so is among the cells.
  boolean isLoaded(byte[] prefix) {
    // Whatever lies between a beginning of this one and this one has the same beginning; and no
    // beginning kept begins with another.
    byte[] nearest = loaded.floor(prefix);
    return nearest != null
        && nearest.length <= prefix.length
        && Arrays.equals(nearest, 0, nearest.length, prefix, 0, nearest.length);
  }

  private void notePresence(TouchedCell cell) {
    if (cell.now().isEmpty()) {
      present.remove(cell.name());
    } else {
      present.put(cell.name(), cell);
    }
  }
}
