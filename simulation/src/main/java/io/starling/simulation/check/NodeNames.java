package io.starling.simulation.check;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.store.DotFun;
import io.starling.replica.state.StoredSpace;
import io.starling.simulation.world.SimulatedSpace;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a node calls the replicas of a space with forks, as far as it knows of these, and what they
/// are called in [io.starling.simulation.world.Lineage].
///
/// A batch is of the last branch that is known to begin on its chain, or else of the replica that
/// its author says (ADR 24).
final class NodeNames {

  private final TreeSet<String> branches = new TreeSet<>();
  // By what the node calls a replica and a number.
  private final TreeMap<ReplicaId, TreeMap<Long, ReplicaId>> lineage = new TreeMap<>();

  /// @param space of which all that was written is durable
  NodeNames(Model model, SimulatedSpace space) {
    var begins = new TreeSet<Long>();
    for (var row : new StoredSpace(space.disk().untouched()).branchRows()) {
      branches.add(row.toString());
      begins.add(row.hash().first());
    }
    var byHash = new TreeMap<Long, ReplicaId>();
    for (var signed : space.ledger().applied()) {
      var batch = signed.batch();
      long hash = signed.hash().first();
      var usual = byHash.getOrDefault(batch.previous().first(), batch.replica());
      var name = begins.contains(hash) ? new ReplicaId(batch.replica().key(), hash) : usual;
      byHash.put(hash, name);
      lineage.computeIfAbsent(name, _ -> new TreeMap<>()).put(batch.seq(), model.name(signed));
    }
  }

  /// Equal for nodes that have the same names for all that they have, if they have the same.
  String branches() {
    return branches.toString();
  }

  private Dot renamed(Dot dot) {
    var names = lineage.getOrDefault(dot.replica(), new TreeMap<>());
    return new Dot(names.getOrDefault(dot.seq(), dot.replica()), dot.seq(), dot.index());
  }

  private <V> DotFun<V> renamed(DotFun<V> dots) {
    var renamed = new TreeMap<Dot, V>();
    dots.entries().forEach((dot, value) -> renamed.put(renamed(dot), value));
    return new DotFun<>(renamed);
  }

  /// Cells of the node in the names of the model.
  TreeMap<byte[], String> renamed(Collection<NaiveReplica.Kept> cells) {
    var all = new ArrayList<NaiveReplica.Kept>();
    for (var kept : cells) {
      var content =
          switch (kept.content()) {
            case Cell.Presence(var dots) -> new Cell.Presence(renamed(dots));
            case Cell.Contested(var marks) -> new Cell.Contested(renamed(marks));
            case Cell.Register(var values) -> new Cell.Register(renamed(values));
            case Cell.Share share -> share;
          };
      all.add(new NaiveReplica.Kept(kept.id(), content));
    }
    return summed(all);
  }

  /// Cells as text, the shares of a counter summed by key: branches share what was counted before
  /// them otherwise at each node.
  static TreeMap<byte[], String> summed(Collection<NaiveReplica.Kept> cells) {
    var text = new TreeMap<byte[], String>(Arrays::compareUnsigned);
    var sums = new TreeMap<String, long[]>();
    for (var kept : cells) {
      if (kept.id() instanceof CellId.Share(var path, var origin)
          && kept.content() instanceof Cell.Share(var counted, var reset)) {
        var sum = sums.computeIfAbsent(path + " by " + origin.key(), _ -> new long[2]);
        sum[0] += counted.total();
        sum[1] += reset.total();
      } else {
        text.put(kept.id().canonical(), kept.id() + " = " + kept.content());
      }
    }
    sums.forEach((name, sum) ->
        text.put(
            name.getBytes(StandardCharsets.UTF_8), name + " counts " + sum[0] + " less " + sum[1]));
    return text;
  }
}
