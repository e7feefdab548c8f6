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
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.simulation.world.Lineage;
import io.starling.simulation.world.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Every batch of a space that was ever formed, on any node, with what its author had seen.
///
/// Replicas have the names of [Lineage]. Contexts are read here as the design states it and
/// independently of the engine: an entry that a context omits has the highest seq that the closes
/// covered by the rest name.
public final class Chronicle {

  private static final String UNFORMED = "I8 nothing is there that nobody wrote";

  private final TreeMap<ReplicaId, TreeMap<Long, Entry>> chains = new TreeMap<>();
  private final List<Close> closes = new ArrayList<>();
  private final TreeMap<String, List<Dot>> byPrincipal = new TreeMap<>();
  private final History history = new History();
  private final TreeMap<Long, Entry> byHash = new TreeMap<>();
  private final Lineage lineage;
  private final SpaceId space;

  Chronicle(SpaceId space, Lineage lineage) {
    this.space = space;
    this.lineage = lineage;
  }

  /// A batch with its whole causal past.
  ///
  /// @param name of its replica, in [Lineage]
  /// @param listed what its difference and those before it list
  /// @param context `listed` with the closed replicas, and the author's own batches before
  /// @param system what its author had applied of `_system`: as listed, or all of it once there is
  ///   a fork
  public record Entry(
      SignedBatch signed,
      ReplicaId name,
      VersionVector listed,
      VersionVector context,
      VersionVector system) {

    public Batch batch() {
      return signed.batch();
    }
  }

  /// @param closed up to where; of a branch, with what it goes on from
  private record Close(VersionVector closed, ReplicaId closer, long closerSeq) {}

  /// Sees the operations of a batch, each with what it had seen.
  @FunctionalInterface
  interface OperationVisitor {
    void visit(Operation operation, Dot dot, HybridTime time, CausalContext context);
  }

  /// The batch with a number, if it was ever formed.
  public Optional<Entry> find(ReplicaId replica, long seq) {
    return Optional.ofNullable(chains.get(replica)).map(chain -> chain.get(seq));
  }

  /// One that was added.
  ///
  /// @throws Violation if it was not
  Entry entry(SignedBatch signed) {
    return find(lineage.name(signed), signed.batch().seq())
        .orElseThrow(
            () -> new Violation(UNFORMED, "a batch that was never formed: " + signed.head()));
  }

  /// Whether two batches of the space have one number.
  boolean isForked() {
    return lineage.isForked(space);
  }

  /// The replica whose batch has a hash, of which the first 8 bytes are told.
  Optional<ReplicaId> name(long hash) {
    return Optional.ofNullable(byHash.get(hash)).map(Entry::name);
  }

  /// What a token covers, closed replicas included. Where there are forks, heads are told by their
  /// hashes.
  VersionVector vector(Token token) {
    if (!isForked()) {
      return expand(token.vector());
    }
    var all = VersionVector.EMPTY;
    for (var head : token.heads()) {
      var entry =
          Optional.ofNullable(byHash.get(head.hash()))
              .filter(it -> it.batch().seq() == head.seq())
              .orElseThrow(() -> new Violation(UNFORMED, "no batch is " + head));
      all = all.join(upTo(entry));
    }
    return all;
  }

  private static VersionVector upTo(Entry entry) {
    return entry.context().with(entry.name(), entry.batch().seq());
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
  ///
  /// @param seen what its author has applied: by that it goes where there are forks, for then the
  ///   names in a context are those that the author knew
  /// @param seenOfSystem what its author has applied of `_system`, closed replicas included: by
  ///   that it goes as soon as there is a fork anywhere
  Entry add(SignedBatch signed, VersionVector seen, VersionVector seenOfSystem) {
    var name = lineage.name(signed);
    var plain = entry(signed, name);
    var entry =
        new Entry(
            signed,
            name,
            isForked() ? seen : plain.listed(),
            isForked() ? seen : plain.context(),
            lineage.isForked() ? seenOfSystem : plain.system());
    chains.computeIfAbsent(name, _ -> new TreeMap<>()).put(entry.batch().seq(), entry);
    byHash.put(signed.hash().first(), entry);
    for (var close : entry.batch().closes()) {
      closes.add(new Close(closed(close), name, entry.batch().seq()));
    }
    visit(entry, history::add);
    indexPrincipals(entry);
    return entry;
  }

  private VersionVector closed(Head head) {
    var last = Optional.ofNullable(byHash.get(head.hash().first())).filter(_ -> isForked());
    return last.map(this::line)
        .orElseGet(() -> VersionVector.EMPTY.with(head.replica(), head.seq()));
  }

  /// Whether a chain that ends with a batch, told by the first 8 bytes of its hash, has another.
  boolean leadsTo(SignedBatch signed, long last) {
    return Optional.ofNullable(byHash.get(last))
        .map(this::line)
        .filter(line -> line.seq(lineage.name(signed)) >= signed.batch().seq())
        .isPresent();
  }

  /// A batch and those that it goes on from.
  private VersionVector line(Entry last) {
    var line = VersionVector.EMPTY;
    var at = Optional.of(last);
    while (at.isPresent()) {
      var entry = at.get();
      if (line.seq(entry.name()) == 0) {
        line = line.with(entry.name(), entry.batch().seq());
      }
      at = Optional.ofNullable(byHash.get(entry.batch().previous().first()));
    }
    return line;
  }

  private Entry entry(SignedBatch signed, ReplicaId name) {
    var batch = signed.batch();
    var before = find(batch.replica(), batch.seq() - 1);
    var listed =
        before.map(Entry::listed).orElse(VersionVector.EMPTY).join(batch.context().space());
    var system =
        before.map(Entry::system).orElse(VersionVector.EMPTY).join(batch.context().system());
    var context = expand(listed).with(batch.replica(), batch.seq() - 1);
    return new Entry(signed, name, listed, context, system);
  }

  /// A vector with the closed replicas that it omits.
  public VersionVector expand(VersionVector listed) {
    var full = listed.toMap();
    boolean grew = true;
    while (grew) {
      grew = false;
      for (var close : closes) {
        if (full.getOrDefault(close.closer(), 0L) < close.closerSeq()) {
          continue;
        }
        for (var head : close.closed().entries()) {
          if (full.getOrDefault(head.replica(), 0L) < head.seq()) {
            full.put(head.replica(), head.seq());
            grew = true;
          }
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
        var context = within(entry, seenBefore, transaction.narrowed(), first, index);
        visitor.visit(
            isForked() ? named(operation, context) : operation,
            new Dot(entry.name(), batch.seq(), index),
            batch.time(),
            context);
        index++;
      }
      first = index;
    }
  }

  /// What a transaction has seen of the batches before its own.
  private VersionVector seenBefore(Entry entry, Narrowing narrowed) {
    return switch (narrowed) {
      case Narrowing.Whole() -> entry.context();
      case Narrowing.To(var vector) ->
          isForked()
              ? told(vector, entry.context()).meet(entry.context())
              : expand(vector.meet(entry.context())).meet(entry.context());
    };
  }

  /// What a transaction says that it has seen.
  VersionVector claimed(Entry entry, Narrowing narrowed) {
    return switch (narrowed) {
      case Narrowing.Whole() -> entry.context();
      case Narrowing.To(var vector) -> isForked() ? told(vector, entry.context()) : expand(vector);
    };
  }

  /// A vector with names that an author knew who had applied something.
  private VersionVector told(VersionVector vector, VersionVector applied) {
    var all = VersionVector.EMPTY;
    for (var named : vector.entries()) {
      var found = Optional.<Entry>empty();
      // A replica that the author knew to be forked ends where its branches begin.
      for (long seq = named.seq(); seq > 0 && found.isEmpty(); seq--) {
        var meant = meant(named.replica(), seq, applied);
        found = meant.size() == 1 ? Optional.of(meant.getFirst()) : Optional.empty();
      }
      all = all.join(found.map(this::line).orElse(VersionVector.EMPTY));
    }
    return expand(all);
  }

  private List<Entry> meant(ReplicaId named, long seq, VersionVector applied) {
    return chains.entrySet().stream()
        .filter(chain -> chain.getKey().key().equals(named.key()))
        .filter(chain -> applied.seq(chain.getKey()) >= seq)
        .flatMap(chain -> Optional.ofNullable(chain.getValue().get(seq)).stream())
        .filter(entry -> isCalled(entry, named))
        .toList();
  }

  /// Whether some node may call the replica of a batch so: as its author did, or by the first batch
  /// of a branch.
  private boolean isCalled(Entry entry, ReplicaId name) {
    var at = Optional.of(entry);
    while (at.isPresent()) {
      var signed = at.get().signed();
      if (signed.batch().replica().equals(name) || signed.hash().first() == name.incarnation()) {
        return true;
      }
      at = Optional.ofNullable(byHash.get(signed.batch().previous().first()));
    }
    return false;
  }

  /// An operation that names tallies by the shares of [Lineage]. It names all that its author had
  /// seen.
  private Operation named(Operation operation, CausalContext context) {
    if (operation.seen().isEmpty()) {
      return operation;
    }
    var tallies = history.tallies(operation.path(), context);
    return switch (operation) {
      case Operation.Assign(var path, var value, var rule, _) ->
          new Operation.Assign(path, value, rule, tallies);
      case Operation.MakeMap(var path, _) -> new Operation.MakeMap(path, tallies);
      case Operation.Remove(var path, _) -> new Operation.Remove(path, tallies);
      case Operation.Reset(var path, _) ->
          new Operation.Reset(
              path, tallies.stream().filter(it -> it.share().path().equals(path)).toList());
      case Operation.Increment _,
          Operation.Enable _,
          Operation.Disable _,
          Operation.AddElement _,
          Operation.RemoveElement _ ->
          operation;
    };
  }

  private static CausalContext within(
      Entry entry, VersionVector before, Narrowing narrowed, int first, int index) {
    return dot ->
        dot.replica().equals(entry.name()) && dot.seq() == entry.batch().seq()
            ? narrowed.coversWithin(dot, first, index)
            : before.covers(dot);
  }

  private void indexPrincipals(Entry entry) {
    var batch = entry.batch();
    int index = 0;
    for (var transaction : batch.transactions()) {
      byPrincipal
          .computeIfAbsent(transaction.principal(), _ -> new ArrayList<>())
          .add(new Dot(entry.name(), batch.seq(), index));
      index += transaction.operations().size();
    }
  }
}
