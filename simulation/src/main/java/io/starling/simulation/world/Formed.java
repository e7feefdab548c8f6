package io.starling.simulation.world;

import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// Every batch that was ever durable anywhere, told by the first 8 bytes of its hash: where there
/// are forks, nodes have names of their own for replicas.
public final class Formed {

  // In the order in which they were first durable: each after its causes.
  private final TreeMap<SpaceId, LinkedHashMap<Long, SignedBatch>> spaces = new TreeMap<>();

  void add(SignedBatch signed) {
    spaces
        .computeIfAbsent(signed.batch().space(), _ -> new LinkedHashMap<>())
        .putIfAbsent(signed.hash().first(), signed);
  }

  /// The batches that heads cover and a ledger has not, each after its causes.
  ///
  /// @param theirs closed replicas included
  public List<SignedBatch> missing(SpaceId space, Ledger ledger, List<Token.Prefix> theirs) {
    var all = spaces.getOrDefault(space, new LinkedHashMap<>());
    var missing = new TreeSet<Long>();
    for (var head : theirs) {
      var next = Optional.ofNullable(all.get(head.hash()));
      while (next.isPresent()
          && !ledger.has(next.get())
          && missing.add(next.get().hash().first())) {
        next = Optional.ofNullable(all.get(next.get().batch().previous().first()));
      }
    }
    return all.entrySet().stream()
        .filter(entry -> missing.contains(entry.getKey()))
        .map(Map.Entry::getValue)
        .toList();
  }
}
