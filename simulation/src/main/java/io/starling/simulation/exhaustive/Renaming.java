package io.starling.simulation.exhaustive;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.model.State;
import io.starling.crdt.store.DotFun;
import io.starling.crdt.store.DotMap;
import java.util.List;
import java.util.TreeMap;

/// Other names for the three replicas.
///
/// @param to which of them each becomes
record Renaming(List<Integer> to) {

  /// The replicas, in the order of their ids.
  static final List<ReplicaId> REPLICAS = List.of(replica(1), replica(2), replica(3));

  /// All, the one that changes nothing first.
  static final List<Renaming> ALL =
      List.of(
          new Renaming(List.of(0, 1, 2)),
          new Renaming(List.of(0, 2, 1)),
          new Renaming(List.of(1, 0, 2)),
          new Renaming(List.of(1, 2, 0)),
          new Renaming(List.of(2, 0, 1)),
          new Renaming(List.of(2, 1, 0)));

  /// Which replica gets the name of another.
  int from(int renamed) {
    return to.indexOf(renamed);
  }

  ReplicaId of(ReplicaId replica) {
    return REPLICAS.get(to.get(REPLICAS.indexOf(replica)));
  }

  State of(State state) {
    if (this.equals(ALL.getFirst())) {
      return state;
    }
    var cells = new TreeMap<CellId, Cell>();
    state.cells().entries().forEach((id, cell) -> cells.put(of(id), of(cell)));
    return State.of(new DotMap<>(cells), of(state.vector()));
  }

  private CellId of(CellId id) {
    return id instanceof CellId.Share(var path, var origin)
        ? new CellId.Share(path, of(origin))
        : id;
  }

  private Cell of(Cell cell) {
    return switch (cell) {
      case Cell.Presence(var dots) -> new Cell.Presence(of(dots));
      case Cell.Contested(var marks) -> new Cell.Contested(of(marks));
      case Cell.Register(var values) -> new Cell.Register(of(values));
      case Cell.Share share -> share;
    };
  }

  private <V> DotFun<V> of(DotFun<V> dots) {
    var renamed = new TreeMap<Dot, V>();
    dots.entries()
        .forEach(
            (dot, value) -> renamed.put(new Dot(of(dot.replica()), dot.seq(), dot.index()), value));
    return new DotFun<>(renamed);
  }

  private VersionVector of(VersionVector vector) {
    var renamed = new TreeMap<ReplicaId, Long>();
    vector.entries().forEach(entry -> renamed.put(of(entry.replica()), entry.seq()));
    return VersionVector.of(renamed);
  }

  private static ReplicaId replica(int number) {
    return new ReplicaId(new KeyFingerprint(number, 0), number);
  }
}
