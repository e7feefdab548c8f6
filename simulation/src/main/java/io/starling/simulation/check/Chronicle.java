package io.starling.simulation.check;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.op.Operation;
import io.starling.crdt.oracle.History;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.Head;
import io.starling.replica.batch.Narrowing;
import io.starling.replica.batch.SignedBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Every batch of a space that was ever formed, on any node, with what its author had seen.
///
/// Contexts are read here as the design states it and independently of the engine: an entry that a
/// context omits has the highest seq that the closes covered by the rest name.
public final class Chronicle {

  private final TreeMap<ReplicaId, TreeMap<Long, Entry>> chains = new TreeMap<>();
  private final List<Close> closes = new ArrayList<>();
  private final TreeMap<String, List<Dot>> byPrincipal = new TreeMap<>();
  private final History history = new History();

  /// A batch with its whole causal past.
  ///
  /// @param listed what its difference and those before it list
  /// @param context `listed` with the closed replicas, and the author's own batches before
  /// @param system what its author had applied of `_system`, as listed
  public record Entry(
      SignedBatch signed, VersionVector listed, VersionVector context, VersionVector system) {

    public Batch batch() {
      return signed.batch();
    }
  }

  private record Close(Head closed, ReplicaId closer, long closerSeq) {}

  /// Sees the operations of a batch, each with what it had seen.
  @FunctionalInterface
  interface OperationVisitor {
    void visit(Operation operation, Dot dot, HybridTime time, CausalContext context);
  }

  /// The batch with a number, if it was ever formed.
  public Optional<Entry> find(ReplicaId replica, long seq) {
    return Optional.ofNullable(chains.get(replica)).map(chain -> chain.get(seq));
  }

  /// The operations of a client's request, by its principal; the first dot of each time it was
  /// done.
  public List<Dot> done(String principal) {
    return byPrincipal.getOrDefault(principal, List.of());
  }

  /// What all operations mean.
  public History history() {
    return history;
  }

  /// All batches, those of each replica in order.
  public List<Entry> entries() {
    return chains.values().stream().flatMap(chain -> chain.values().stream()).toList();
  }

  /// How many batches there are.
  public int size() {
    return chains.values().stream().mapToInt(TreeMap::size).sum();
  }

  /// Adds a batch whose causes were added before.
  Entry add(SignedBatch signed) {
    var batch = signed.batch();
    var before = find(batch.replica(), batch.seq() - 1);
    var listed =
        before.map(Entry::listed).orElse(VersionVector.EMPTY).join(batch.context().space());
    var system =
        before.map(Entry::system).orElse(VersionVector.EMPTY).join(batch.context().system());
    var context = expand(listed).with(batch.replica(), batch.seq() - 1);
    var entry = new Entry(signed, listed, context, system);
    chains.computeIfAbsent(batch.replica(), _ -> new TreeMap<>()).put(batch.seq(), entry);
    for (var close : batch.closes()) {
      closes.add(new Close(close, batch.replica(), batch.seq()));
    }
    visit(entry, history::add);
    indexPrincipals(batch);
    return entry;
  }

  /// A vector with the closed replicas that it omits.
  public VersionVector expand(VersionVector listed) {
    var full = listed.toMap();
    boolean grew = true;
    while (grew) {
      grew = false;
      for (var close : closes) {
        var head = close.closed();
        boolean applies =
            full.getOrDefault(close.closer(), 0L) >= close.closerSeq()
                && full.getOrDefault(head.replica(), 0L) < head.seq();
        if (applies) {
          full.put(head.replica(), head.seq());
          grew = true;
        }
      }
    }
    return VersionVector.of(full);
  }

  /// Goes through the operations of a batch in order.
  void visit(Entry entry, OperationVisitor visitor) {
    var batch = entry.batch();
    int first = 0;
    for (var transaction : batch.transactions()) {
      var seenBefore = seenBefore(entry, transaction.narrowed());
      int index = first;
      for (var operation : transaction.operations()) {
        visitor.visit(
            operation,
            new Dot(batch.replica(), batch.seq(), index),
            batch.time(),
            within(batch, seenBefore, transaction.narrowed(), first, index));
        index++;
      }
      first = index;
    }
  }

  /// What a transaction has seen of the batches before its own.
  private VersionVector seenBefore(Entry entry, Narrowing narrowed) {
    return switch (narrowed) {
      case Narrowing.Whole() -> entry.context();
      case Narrowing.To(var vector) -> expand(vector.meet(entry.context())).meet(entry.context());
    };
  }

  private static CausalContext within(
      Batch batch, VersionVector before, Narrowing narrowed, int first, int index) {
    return dot ->
        dot.replica().equals(batch.replica()) && dot.seq() == batch.seq()
            ? narrowed.coversWithin(dot, first, index)
            : before.covers(dot);
  }

  private void indexPrincipals(Batch batch) {
    int index = 0;
    for (var transaction : batch.transactions()) {
      byPrincipal
          .computeIfAbsent(transaction.principal(), _ -> new ArrayList<>())
          .add(new Dot(batch.replica(), batch.seq(), index));
      index += transaction.operations().size();
    }
  }
}
