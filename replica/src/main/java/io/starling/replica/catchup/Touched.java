package io.starling.replica.catchup;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.op.Operation;
import io.starling.replica.batch.Batch;
import io.starling.replica.port.StatePort;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The cells that some batches have touched, or may have: by name where an operation names one
/// cell, by path where it touches all that is there and below.
final class Touched {

  /// Cells that a sum may be made of; over it, there is none.
  static final int CELLS_MAX = 100_000;

  private final SortedSet<CellId> cells = new TreeSet<>();
  private final SortedSet<Path> paths = new TreeSet<>();

  void add(Batch batch) {
    for (var transaction : batch.transactions()) {
      transaction.operations().forEach(operation -> add(operation, batch.replica()));
    }
  }

  private void add(Operation operation, ReplicaId author) {
    var path = operation.path();
    switch (operation) {
      case Operation.AddElement add -> cells.add(new CellId.Element(path, add.element()));
      case Operation.RemoveElement remove -> cells.add(new CellId.Element(path, remove.element()));
      case Operation.Increment _ -> cells.add(new CellId.Share(path, author));
      case Operation.Enable _, Operation.Disable _ ->
          cells.add(new CellId.Single(path, CellKind.FLAG));
      case Operation.Assign _, Operation.MakeMap _, Operation.Remove _, Operation.Reset _ ->
          paths.add(path);
    }
  }

  /// The sum of these cells in a state; empty if there are too many.
  Optional<CellDigest> sum(StatePort state) {
    var reading = new CellReading(state);
    // In one map, since a cell may be under several paths.
    var found = new TreeMap<CellId, CellDigest>();
    for (var id : cells) {
      reading.cell(id).ifPresent(digest -> found.put(id, digest));
    }
    for (var path : paths) {
      boolean isAll = reading.under(path, CELLS_MAX - found.size(), found::put);
      if (!isAll) {
        return Optional.empty();
      }
    }
    if (found.size() > CELLS_MAX) {
      return Optional.empty();
    }
    return Optional.of(found.values().stream().reduce(CellDigest.ZERO, CellDigest::plus));
  }

  /// Whether these are no more than a sum may be made of.
  boolean isFew() {
    return cells.size() + paths.size() <= CELLS_MAX;
  }

  static byte[] canonical(CellId id) {
    return id.encode(ReplicaForm.FULL);
  }
}
