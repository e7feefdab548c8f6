package io.starling.replica.apply;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.op.Effect;
import io.starling.crdt.op.Operation;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.Head;
import io.starling.replica.batch.Narrowing;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.Transaction;
import io.starling.replica.causal.Past;
import io.starling.replica.fork.Naming;
import io.starling.replica.port.SystemPort;
import io.starling.replica.state.Branches;
import io.starling.replica.state.Origin;
import io.starling.replica.state.Origins;
import io.starling.replica.state.SpaceState;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// Applies signed batches in causal order.
///
/// A batch applies when it is the next of its replica, on the head whose hash it names, and all
/// that its context names is applied, hash for hash. Whether it is valid is decided from its bytes
/// and its own causal past alone, so every node decides alike, at whatever time it comes.
public final class Applier {

  private final SpaceState state;
  private final Optional<SystemPort> system;
  private final Naming naming;

  public Applier(SpaceState state, Optional<SystemPort> system, Naming naming) {
    this.state = state;
    this.system = system;
    this.naming = naming;
  }

  /// Applies a batch that is the next of its replica, if its causes are here. Nothing is changed
  /// unless the verdict is [Verdict.Applied].
  ///
  /// @param replica the replica or branch whose batch it is
  /// @param branch that it begins, if it begins one
  public Verdict apply(SignedBatch signed, ReplicaId replica, Optional<Branches.Branch> branch) {
    var wire = signed.batch();
    var plain = plainFlaw(wire);
    if (plain.isPresent()) {
      return new Verdict.Invalid(plain.get());
    }
    return switch (naming.context(wire)) {
      case Naming.Context.Waits() -> new Verdict.Waits();
      case Naming.Context.Other() ->
          new Verdict.Forked(
              "batch "
                  + wire.seq()
                  + " of "
                  + replica
                  + " was built on another branch than the one applied here");
      case Naming.Context.Known(var difference) -> apply(signed, replica, branch, difference);
    };
  }

  private Verdict apply(
      SignedBatch signed,
      ReplicaId replica,
      Optional<Branches.Branch> branch,
      VersionVector difference) {
    var wire = signed.batch();
    long before = wire.seq() - 1;
    boolean isKnown = state.branches().find(replica).isPresent();
    branch.ifPresent(origins()::know);
    var told = branch.map(this::toldBefore).orElseGet(() -> told(replica));
    var context = naming.withoutClosed(told.join(difference), replica, before);
    var past = naming.past(replica, before, context);
    var batch = naming.named(wire, replica, difference, past);
    if (namesUnknown(batch)) {
      branch.filter(_ -> !isKnown).ifPresent(origins()::forget);
      return new Verdict.Waits();
    }
    var invalid = flaw(batch, past);
    if (invalid.isPresent()) {
      branch.filter(_ -> !isKnown).ifPresent(origins()::forget);
      return new Verdict.Invalid(invalid.get());
    }
    var named = new SignedBatch(batch, signed.hash(), signed.body(), signed.signature());
    branch.ifPresent(origins()::begin);
    return new Verdict.Applied(named, perform(named, context, past));
  }

  private VersionVector told(ReplicaId replica) {
    return origins().find(replica).map(Origin::context).orElse(VersionVector.EMPTY);
  }

  /// A branch goes on from the context of what it begins on, and from that itself.
  private VersionVector toldBefore(Branches.Branch branch) {
    return told(branch.parent()).with(branch.parent(), branch.first() - 1);
  }

  private Origins origins() {
    return state.origins();
  }

  /// What is wrong with a batch by its bytes alone.
  private Optional<String> plainFlaw(Batch batch) {
    if (batch.context().space().contains(batch.replica())) {
      return Optional.of("its context names its own replica");
    }
    if (system.isEmpty() && !batch.context().system().isEmpty()) {
      return Optional.of("a batch of _system that carries a vector of _system");
    }
    return Optional.empty();
  }

  /// Whether a transaction names a replica of which nothing is here: a branch perhaps, by an author
  /// who knows of a fork that is not known here yet.
  private boolean namesUnknown(Batch batch) {
    for (var transaction : batch.transactions()) {
      if (transaction.narrowed() instanceof Narrowing.To(var vector)
          && vector.entries().stream().anyMatch(it -> isUnknown(it.replica(), batch))) {
        return true;
      }
      for (var operation : transaction.operations()) {
        if (operation.seen().stream().anyMatch(it -> isUnknown(it.share().origin(), batch))) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean isUnknown(ReplicaId replica, Batch batch) {
    return !replica.equals(batch.replica()) && origins().find(replica).isEmpty();
  }

  private Optional<String> flaw(Batch batch, Past past) {
    for (var close : batch.closes()) {
      if (!mayClose(batch.replica(), close, past)) {
        return Optional.of("it closes " + close.replica() + " without having seen that head");
      }
    }
    int first = 0;
    for (var transaction : batch.transactions()) {
      var flaw = flaw(batch, transaction, first, past);
      if (flaw.isPresent()) {
        return flaw;
      }
      first += transaction.operations().size();
    }
    return Optional.empty();
  }

  private boolean mayClose(ReplicaId closer, Head close, Past past) {
    boolean isOwnPredecessor =
        close.replica().key().equals(closer.key()) && !close.replica().equals(closer);
    return isOwnPredecessor
        && past.seq(close.replica()) >= close.seq()
        && origins().hash(close.replica(), close.seq()).map(close.hash()::equals).orElse(true);
  }

  private Optional<String> flaw(Batch batch, Transaction transaction, int first, Past past) {
    if (transaction.narrowed() instanceof Narrowing.To(var vector)) {
      for (var entry : vector.entries()) {
        boolean isOwn = entry.replica().equals(batch.replica());
        long seen = isOwn ? batch.seq() - 1 : past.seq(entry.replica());
        if (entry.seq() > seen) {
          return Optional.of("a transaction claims to have seen more than its batch");
        }
      }
    }
    int index = first;
    for (var operation : transaction.operations()) {
      var context = context(batch, transaction, first, index, past);
      for (var named : operation.seen()) {
        var seen = named.seen();
        var dot = new Dot(named.share().origin(), seen.seq(), seen.index());
        // What a replica had counted when it was forked is part of what its branches have.
        boolean isForked = state.branches().end(state.branches().root(dot.replica())).isPresent();
        if (!context.covers(dot) && !(isForked && past.covers(dot))) {
          return Optional.of("it takes back what it had not seen counted");
        }
      }
      index++;
    }
    return Optional.empty();
  }

  private CausalContext context(
      Batch batch, Transaction transaction, int first, int index, Past past) {
    var narrowed = transaction.narrowed();
    CausalContext earlier =
        switch (narrowed) {
          case Narrowing.Whole() ->
              dot ->
                  dot.replica().equals(batch.replica())
                      ? dot.seq() < batch.seq()
                      : past.covers(dot);
          case Narrowing.To(var vector) -> new Past(vector, origins().closes());
        };
    return dot ->
        dot.replica().equals(batch.replica()) && dot.seq() == batch.seq()
            ? narrowed.coversWithin(dot, first, index)
            : earlier.covers(dot);
  }

  private SortedSet<String> perform(SignedBatch signed, VersionVector context, Past past) {
    var batch = signed.batch();
    origins().enrol(batch.replica());
    var keys = new TreeSet<String>();
    int first = 0;
    for (var transaction : batch.transactions()) {
      int index = first;
      for (Operation operation : transaction.operations()) {
        var dot = new Dot(batch.replica(), batch.seq(), index);
        var seen = context(batch, transaction, first, index, past);
        new Effect(dot, batch.time(), seen).apply(operation, state.cells());
        if (operation instanceof Operation.Increment(var path, _)) {
          end(path, batch.replica());
        }
        keys.add(operation.path().key());
        index++;
      }
      first = index;
      int made = transaction.operations().size();
      transaction
          .request()
          .ifPresent(it -> state.requests().note(transaction.principal(), it, made));
    }
    origins().advance(signed, context);
    return keys;
  }

  /// What a branch goes on from counts no more.
  private void end(Path path, ReplicaId branch) {
    for (var ancestor : state.branches().ancestors(branch)) {
      var id = new CellId.Share(path, ancestor.replica());
      var share = (Cell.Share) state.cells().get(id);
      var ended = Tally.ended(ancestor.seq(), share.counted().total());
      if (!share.counted().equals(ended)) {
        state.cells().put(id, new Cell.Share(ended, share.reset()));
      }
    }
  }
}
