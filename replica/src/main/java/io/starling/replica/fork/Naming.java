package io.starling.replica.fork;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.op.Operation;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.Commitment;
import io.starling.replica.batch.ContextDifference;
import io.starling.replica.batch.Head;
import io.starling.replica.batch.Narrowing;
import io.starling.replica.batch.Transaction;
import io.starling.replica.causal.Past;
import io.starling.replica.port.SystemPort;
import io.starling.replica.state.Branches;
import io.starling.replica.state.Origins;
import io.starling.replica.state.SpaceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Reads batches of authors who knew of no fork: which branch they mean by the name of a replica
/// that was forked.
///
/// A context names numbers, and one hash stands for all batches that it names: of the branches that
/// have a number, the one counts by whose hash the commitment is right. What else a batch names
/// lies in its past, which has one branch of them.
public final class Naming {

  /// Ways to read one context that are tried: with eight replicas in it that were forked once.
  static final int READINGS_MAX = 256;

  private final SpaceState state;
  private final Branches branches;
  private final Optional<SystemPort> system;

  public Naming(SpaceState state, Optional<SystemPort> system) {
    this.state = state;
    this.branches = state.branches();
    this.system = system;
  }

  private Origins origins() {
    return state.origins();
  }

  /// What a context says here.
  public sealed interface Context {

    /// It names these batches, all of them applied.
    record Known(VersionVector vector) implements Context {}

    /// Something that it names is not applied here.
    record Waits() implements Context {}

    /// Its numbers are here, and other batches than it names have them.
    record Other() implements Context {}
  }

  /// One way to read an entry.
  private record Candidate(ReplicaId replica, Optional<ChainHash> hash) {}

  /// Reads the context of a batch.
  public Context context(Batch batch) {
    var named = batch.context().space().entries();
    var entries = new ArrayList<List<Candidate>>(named.size());
    for (var entry : named) {
      var candidates = candidates(entry);
      if (candidates.isEmpty()) {
        return new Context.Waits();
      }
      entries.add(candidates);
    }
    if (system.isPresent()) {
      for (var entry : batch.context().system().entries()) {
        if (!system.get().has(entry.replica(), entry.seq())) {
          return new Context.Waits();
        }
        entries.add(ofSystem(entry));
      }
    }
    var reading = reading(entries, batch.context().commitment());
    if (reading.isEmpty()) {
      return new Context.Other();
    }
    boolean isPlain = entries.stream().allMatch(candidates -> candidates.size() == 1);
    boolean isSure = reading.get().stream().allMatch(it -> it.hash().isPresent());
    if (!isSure && !isPlain) {
      // Members that know other hashes would read it otherwise.
      return new Context.Waits();
    }
    var vector = new TreeMap<ReplicaId, Long>();
    for (int i = 0; i < named.size(); i++) {
      var entry = named.get(i);
      var meant = reading.get().get(i).replica();
      if (meant.equals(entry.replica())) {
        vector.merge(meant, entry.seq(), Math::max);
      } else {
        branches
            .upTo(meant, entry.seq())
            .entries()
            .forEach(it -> vector.merge(it.replica(), it.seq(), Math::max));
      }
    }
    return new Context.Known(VersionVector.of(vector));
  }

  private List<Candidate> candidates(VersionVector.Entry entry) {
    return branches.having(entry.replica(), entry.seq(), origins()).stream()
        .filter(it -> origins().seq(it) >= entry.seq())
        .map(it -> new Candidate(it, origins().hash(it, entry.seq())))
        .toList();
  }

  private List<Candidate> ofSystem(VersionVector.Entry entry) {
    var hashes = system.orElseThrow().hashes(entry.replica(), entry.seq());
    return hashes.isEmpty()
        ? List.of(new Candidate(entry.replica(), Optional.empty()))
        : hashes.stream().map(it -> new Candidate(entry.replica(), Optional.of(it))).toList();
  }

  /// Where a hash is not known any more, for the state was taken over and not the log, the number
  /// decides if only one has it.
  private static Optional<List<Candidate>> reading(
      List<List<Candidate>> entries, Commitment commitment) {
    long readings = 1;
    for (var candidates : entries) {
      readings = Math.min(Long.MAX_VALUE / READINGS_MAX, readings * candidates.size());
    }
    Optional<List<Candidate>> unsure = Optional.empty();
    for (long i = 0; i < Math.min(readings, READINGS_MAX); i++) {
      var reading = new ArrayList<Candidate>(entries.size());
      long rest = i;
      for (var candidates : entries) {
        reading.add(candidates.get((int) (rest % candidates.size())));
        rest /= candidates.size();
      }
      var hashes = reading.stream().map(Candidate::hash).flatMap(Optional::stream).toList();
      if (hashes.size() < reading.size()) {
        unsure = unsure.or(() -> Optional.of(reading));
      } else if (Commitment.to(hashes).equals(commitment)) {
        return Optional.of(reading);
      }
    }
    return unsure;
  }

  /// A batch as its author would have written it had it known of all forks that are known here.
  ///
  /// @param replica the replica or branch whose batch it is
  /// @param difference its context, read
  /// @param past all that its author had seen
  public Batch named(Batch batch, ReplicaId replica, VersionVector difference, Past past) {
    if (branches.isEmpty()) {
      return batch;
    }
    var own = new Dot(replica, batch.seq(), 0);
    return new Batch(
        batch.space(),
        replica,
        batch.seq(),
        batch.previous(),
        new ContextDifference(difference, batch.context().system(), batch.context().commitment()),
        batch.time(),
        batch.closes().stream().map(this::named).toList(),
        batch.transactions().stream().map(it -> named(it, own, past)).toList());
  }

  private Head named(Head close) {
    return branches.having(close.replica(), close.seq(), origins()).stream()
        .filter(it -> origins().hash(it, close.seq()).filter(close.hash()::equals).isPresent())
        .findFirst()
        .map(it -> new Head(it, close.seq(), close.hash()))
        .orElse(close);
  }

  /// @param own the first dot of the batch
  private Transaction named(Transaction transaction, Dot own, Past past) {
    var narrowed =
        switch (transaction.narrowed()) {
          case Narrowing.Whole whole -> whole;
          case Narrowing.To(var vector) -> new Narrowing.To(named(vector, past));
        };
    return new Transaction(
        transaction.principal(),
        narrowed,
        transaction.request(),
        transaction.operations().stream().map(it -> named(it, own, past)).toList());
  }

  private VersionVector named(VersionVector vector, Past past) {
    var named = new TreeMap<ReplicaId, Long>();
    for (var entry : vector.entries()) {
      meant(entry.replica(), entry.seq(), past)
          .map(it -> branches.upTo(it, entry.seq()))
          .orElseGet(() -> VersionVector.EMPTY.with(entry.replica(), entry.seq()))
          .entries()
          .forEach(it -> named.merge(it.replica(), it.seq(), Math::max));
    }
    return VersionVector.of(named);
  }

  /// The branch that is meant by the name of what it goes on from; empty if the name means itself.
  private Optional<ReplicaId> meant(ReplicaId replica, long seq, Past past) {
    if (seq <= branches.end(replica).orElse(Long.MAX_VALUE)) {
      return Optional.empty();
    }
    return branches.tree(replica).stream()
        .filter(it -> branches.first(it) <= seq)
        .filter(it -> seq <= branches.end(it).orElse(Long.MAX_VALUE))
        .filter(it -> past.seq(it) >= seq)
        .findFirst();
  }

  /// What its own batch has counted before, an operation may take back too.
  private Optional<ReplicaId> counting(NamedTally one, Dot own, Past past) {
    var origin = one.share().origin();
    long seq = one.seen().seq();
    boolean isOwn = origin.equals(branches.root(own.replica())) && seq == own.seq();
    boolean isPlain = own.replica().equals(origin);
    return isOwn && !isPlain ? Optional.of(own.replica()) : meant(origin, seq, past);
  }

  private Operation named(Operation operation, Dot own, Past past) {
    var seen = operation.seen();
    boolean isPlain = seen.stream().allMatch(it -> counting(it, own, past).isEmpty());
    if (isPlain) {
      return operation;
    }
    var named = new TreeMap<CellId.Share, Tally>();
    for (var one : seen) {
      var meant = counting(one, own, past);
      if (meant.isEmpty()) {
        named.merge(one.share(), one.seen(), Tally::join);
      } else {
        name(one, meant.get(), named);
      }
    }
    var all =
        named.entrySet().stream().map(it -> new NamedTally(it.getKey(), it.getValue())).toList();
    return switch (operation) {
      case Operation.Assign(var path, var value, var rule, _) ->
          new Operation.Assign(path, value, rule, all);
      case Operation.MakeMap(var path, _) -> new Operation.MakeMap(path, all);
      case Operation.Remove(var path, _) -> new Operation.Remove(path, all);
      case Operation.Reset(var path, _) -> new Operation.Reset(path, all);
      case Operation.Increment _,
          Operation.Enable _,
          Operation.Disable _,
          Operation.AddElement _,
          Operation.RemoveElement _ ->
          operation;
    };
  }

  /// What a branch has counted by the name of its root is what all it goes on from has, and the
  /// rest.
  private void name(NamedTally one, ReplicaId branch, TreeMap<CellId.Share, Tally> named) {
    var path = one.share().path();
    long rest = one.seen().total();
    for (var ancestor : branches.ancestors(branch)) {
      var share = new CellId.Share(path, ancestor.replica());
      long total = ((Cell.Share) state.cells().get(share)).counted().total();
      rest -= total;
      named.merge(share, Tally.ended(ancestor.seq(), total), Tally::join);
      if (ancestor.replica().equals(one.share().origin())) {
        // What that one goes on from its author knew by name.
        break;
      }
    }
    var counted = new Tally(one.seen().seq(), one.seen().index(), rest);
    named.merge(new CellId.Share(path, branch), counted, Tally::join);
  }

  /// Leaves out of a context replicas that the rest implies to be closed, so that contexts stay
  /// small under churn.
  ///
  /// @param replica whose context it is
  /// @param seq the number of its batch before
  public VersionVector withoutClosed(VersionVector whole, ReplicaId replica, long seq) {
    return origins().withoutClosed(whole, replica, seq);
  }

  /// A context read in full. The author's own batches before are part of it, and so are the closes
  /// in them, though a context does not list them.
  public Past past(ReplicaId replica, long seq, VersionVector context) {
    return origins().past(replica, seq, context);
  }
}
