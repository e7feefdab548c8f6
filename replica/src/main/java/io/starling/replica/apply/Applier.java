package io.starling.replica.apply;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.op.Effect;
import io.starling.crdt.op.Operation;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.Commitment;
import io.starling.replica.batch.Head;
import io.starling.replica.batch.Narrowing;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.Transaction;
import io.starling.replica.causal.Past;
import io.starling.replica.port.SystemPort;
import io.starling.replica.state.Origin;
import io.starling.replica.state.Origins;
import io.starling.replica.state.SpaceState;
import java.util.ArrayList;
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

  public Applier(SpaceState state, Optional<SystemPort> system) {
    this.state = state;
    this.system = system;
  }

  /// Applies a batch that is the next of its replica, if its causes are here. Nothing is changed
  /// unless the verdict is [Verdict.Applied].
  public Verdict apply(SignedBatch signed) {
    var batch = signed.batch();
    var plain = plainFlaw(batch);
    if (plain.isPresent()) {
      return new Verdict.Invalid(plain.get());
    }
    var origin = origins().find(batch.replica());
    if (!batch.previous().equals(origin.map(Origin::hash).orElse(ChainHash.ROOT))) {
      return new Verdict.Forked(
          "batch "
              + batch.seq()
              + " of "
              + batch.replica()
              + " is chained to another batch than the one applied here");
    }
    if (!causesAreHere(batch)) {
      return new Verdict.Waits();
    }
    if (!commitmentHolds(batch)) {
      return new Verdict.Forked(
          "batch "
              + batch.seq()
              + " of "
              + batch.replica()
              + " was built on another branch than the one applied here");
    }
    var context = context(batch, origin);
    var past = past(batch, context);
    var invalid = flaw(batch, past);
    if (invalid.isPresent()) {
      return new Verdict.Invalid(invalid.get());
    }
    return new Verdict.Applied(perform(signed, context, past));
  }

  private Origins origins() {
    return state.origins();
  }

  private boolean causesAreHere(Batch batch) {
    for (var entry : batch.context().space().entries()) {
      if (origins().seq(entry.replica()) < entry.seq()) {
        return false;
      }
    }
    if (batch.context().system().isEmpty() || system.isEmpty()) {
      return true;
    }
    for (var entry : batch.context().system().entries()) {
      if (!system.get().has(entry.replica(), entry.seq())) {
        return false;
      }
    }
    return true;
  }

  /// Where a hash is not known any more, for the state was taken over and not the log, the number
  /// decides.
  private boolean commitmentHolds(Batch batch) {
    var named = new ArrayList<Optional<ChainHash>>();
    for (var entry : batch.context().space().entries()) {
      named.add(origins().hash(entry.replica(), entry.seq()));
    }
    if (system.isPresent()) {
      for (var entry : batch.context().system().entries()) {
        named.add(system.get().hash(entry.replica(), entry.seq()));
      }
    }
    var hashes = named.stream().flatMap(Optional::stream).toList();
    return hashes.size() < named.size()
        || Commitment.to(hashes).equals(batch.context().commitment());
  }

  /// The author's context, from its context before and the difference. Replicas that the rest
  /// implies to be closed are left out, so that contexts stay small under churn.
  private VersionVector context(Batch batch, Optional<Origin> origin) {
    var before = origin.map(Origin::context).orElse(VersionVector.EMPTY);
    var context = before.join(batch.context().space());
    for (var entry : context.entries()) {
      if (!origins().closes().of(entry.replica()).isEmpty()) {
        var shorter = context.without(entry.replica());
        if (past(batch, shorter).seq(entry.replica()) >= entry.seq()) {
          context = shorter;
        }
      }
    }
    return context;
  }

  /// A context read in full. The author's own batches before are part of it, and so are the closes
  /// in them, though a context does not list them.
  private Past past(Batch batch, VersionVector context) {
    return new Past(context.with(batch.replica(), batch.seq() - 1), origins().closes());
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
        if (!context.covers(new Dot(named.share().origin(), seen.seq(), seen.index()))) {
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
}
