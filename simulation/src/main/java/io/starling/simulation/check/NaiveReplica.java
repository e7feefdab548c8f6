package io.starling.simulation.check;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellDigest;
import io.starling.crdt.cell.CellEncoding;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.encoding.ReplicaForm;
import io.starling.crdt.op.CellTable;
import io.starling.crdt.op.Effect;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/// What a replica should hold: the same operations applied to a map in memory, without log, store,
/// headers, numbers or buffers. In a space with forks its names are those of
/// [io.starling.simulation.world.Lineage], and a node's others: [NodeNames] tells them.
final class NaiveReplica implements CellTable {

  private final NavigableMap<byte[], Kept> cells = new TreeMap<>(Arrays::compareUnsigned);
  private VersionVector vector = VersionVector.EMPTY;
  private CellDigest digest = CellDigest.ZERO;

  /// A cell with its name.
  record Kept(CellId id, Cell content) {}

  void apply(Chronicle chronicle, Chronicle.Entry entry) {
    chronicle.visit(
        entry,
        (operation, dot, time, context) -> new Effect(dot, time, context).apply(operation, this));
    vector = vector.with(entry.name(), entry.batch().seq());
  }

  /// All replicas with the number of the last batch applied.
  VersionVector vector() {
    return vector;
  }

  long seq(ReplicaId replica) {
    return vector.seq(replica);
  }

  CellDigest digest() {
    return digest;
  }

  /// The cells by their canonical names.
  NavigableMap<byte[], Kept> cells() {
    return cells;
  }

  @Override
  public Cell get(CellId id) {
    var kept = cells.get(id.canonical());
    return kept == null ? Cell.empty(id.kind()) : kept.content();
  }

  @Override
  public void put(CellId id, Cell content) {
    byte[] name = id.canonical();
    var before = cells.remove(name);
    if (before != null) {
      digest = digest.minus(digest(name, before.content()));
    }
    if (!content.isEmpty()) {
      cells.put(name, new Kept(id, content));
      digest = digest.plus(digest(name, content));
    }
  }

  @Override
  public List<CellId> atAndBelow(Path path) {
    var found = new ArrayList<CellId>();
    byte[] prefix = path.prefix();
    for (var entry : cells.tailMap(prefix, true).entrySet()) {
      byte[] name = entry.getKey();
      boolean isBelow =
          name.length >= prefix.length
              && Arrays.equals(name, 0, prefix.length, prefix, 0, prefix.length);
      if (!isBelow) {
        break;
      }
      found.add(entry.getValue().id());
    }
    return found;
  }

  private static CellDigest digest(byte[] name, Cell content) {
    return CellDigest.of(name, CellEncoding.encode(content, ReplicaForm.FULL));
  }
}
