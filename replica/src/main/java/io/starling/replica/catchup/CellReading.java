package io.starling.replica.catchup;

import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.Table;
import io.starling.replica.state.ReplicaNumbers;
import io.starling.replica.state.StoredSpace;
import java.util.Optional;
import java.util.function.BiConsumer;

/// The digests of single cells of a state, and of those under a path.
final class CellReading {

  private final StatePort state;
  private final ReplicaNumbers numbers;

  CellReading(StatePort state) {
    this.state = state;
    this.numbers = new ReplicaNumbers(state);
  }

  Optional<CellDigest> cell(CellId id) {
    if (id instanceof CellId.Share(_, var origin) && numbers.find(origin).isEmpty()) {
      return Optional.empty();
    }
    return state.get(Table.CELLS, id.encode(numbers)).map(content -> digest(id, content));
  }

  /// Shows the cells at a path and below.
  ///
  /// @return whether there were no more than `max`
  boolean under(Path path, int max, BiConsumer<CellId, CellDigest> visitor) {
    int[] seen = {0};
    byte[] prefix = path.prefix();
    state.scan(
        Table.CELLS,
        prefix,
        StoredSpace.after(prefix),
        (name, content) -> {
          try {
            var id = CellId.decode(name, numbers);
            visitor.accept(id, digest(id, content));
          } catch (MalformedException broken) {
            throw new AssertionError("a broken cell name", broken);
          }
          return ++seen[0] <= max;
        });
    return seen[0] <= max;
  }

  private CellDigest digest(CellId id, byte[] content) {
    try {
      var cell = CellEncoding.decode(id.kind(), content, numbers);
      return CellDigest.of(Touched.canonical(id), CellEncoding.encode(cell, ReplicaForm.FULL));
    } catch (MalformedException broken) {
      throw new AssertionError("a broken cell " + id, broken);
    }
  }
}
