package io.starling.replica.fork;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.op.Operation;
import io.starling.crdt.store.DotFun;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.state.Branches.Branch;
import io.starling.replica.state.Origin;
import io.starling.replica.state.Origins;
import io.starling.replica.state.SpaceLog;
import io.starling.replica.state.SpaceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Gives what is applied of a replica from some number on to a branch, since it is known now that
/// the replica was forked there: the state is then what it would be had that been known from the
/// start.
///
/// What the batches did is found by the log, which has to reach back to where the branch begins,
/// and as far again as it takes to find what the author had seen before.
final class Splitting {

  /// Batches that are read at most, and their bytes.
  static final int BATCHES_MAX = 20_000;

  static final long BYTES_MAX = 64L << 20;

  private final SpaceState state;
  private final Naming naming;
  private final SpaceLog log;
  private int batchesLeft = BATCHES_MAX;
  private long bytesLeft = BYTES_MAX;

  Splitting(SpaceState state, Naming naming) {
    this.state = state;
    this.naming = naming;
    this.log = new SpaceLog(state.staging());
  }

  /// Splits a replica where a branch begins that is applied as a part of it.
  ///
  /// @return whether it was done; if not, for the log is too short, nothing was changed
  boolean split(Branch branch) {
    var whole = state.origins().find(branch.parent()).orElseThrow();
    var tail = new ArrayList<SignedBatch>();
    for (long seq = branch.first(); seq <= whole.seq(); seq++) {
      var batch = read(whole.number(), seq);
      if (batch.isEmpty()) {
        return false;
      }
      tail.add(batch.get());
    }
    var following = following(branch);
    if (following.isEmpty()) {
      return false;
    }
    var before = before(whole, branch.first(), tail);
    if (before.isEmpty()) {
      return false;
    }
    state.origins().split(branch, before.get());
    rename(branch, tail, following.get());
    state.cells().flush();
    return true;
  }

  /// The batches of all branches that go on from the one that is given what is applied.
  private Optional<List<SignedBatch>> following(Branch branch) {
    var all = new ArrayList<SignedBatch>();
    for (var one : state.branches().tree(branch.parent())) {
      var origin = state.origins().find(one);
      boolean isBranch = !one.equals(branch.parent()) && origin.isPresent();
      for (long seq = state.branches().first(one); isBranch && seq <= origin.get().seq(); seq++) {
        var batch = read(origin.get().number(), seq);
        if (batch.isEmpty()) {
          return Optional.empty();
        }
        all.add(batch.get());
      }
    }
    return Optional.of(all);
  }

  private Optional<SignedBatch> read(int number, long seq) {
    if (batchesLeft <= 0 || bytesLeft <= 0) {
      return Optional.empty();
    }
    var batch = log.batch(number, seq);
    batchesLeft--;
    bytesLeft -= batch.map(SignedBatch::bytes).orElse(0);
    return batch;
  }

  /// What the replica was at its batch before a branch.
  private Optional<Origins.Row> before(Origin whole, long first, List<SignedBatch> tail) {
    if (first == 1) {
      return Optional.of(new Origins.Row(Optional.empty(), VersionVector.EMPTY));
    }
    var last = read(whole.number(), first - 1);
    if (last.isEmpty()) {
      return Optional.empty();
    }
    var changed = new TreeSet<ReplicaId>();
    var systemChanged = new TreeSet<ReplicaId>();
    tail.forEach(batch -> {
      context(batch).entries().forEach(it -> changed.add(it.replica()));
      batch.batch().context().system().entries().forEach(it -> systemChanged.add(it.replica()));
    });
    var context = new TreeMap<ReplicaId, Long>();
    var system = new TreeMap<ReplicaId, Long>();
    var found = lookBack(whole, first - 1, changed, context, systemChanged, system);
    if (found == Found.TOO_LITTLE) {
      return Optional.empty();
    }
    whole.context().entries().stream()
        .filter(it -> !changed.contains(it.replica()))
        .forEach(it -> context.put(it.replica(), it.seq()));
    state.origins().systemRow(whole.replica()).entries().stream()
        .filter(it -> !systemChanged.contains(it.replica()))
        .forEach(it -> system.put(it.replica(), it.seq()));
    if (found == Found.CHANGED && hasForgotten(whole, first - 1, VersionVector.of(context))) {
      return Optional.empty();
    }
    long before = first - 2;
    var row = naming.withoutClosed(VersionVector.of(context), whole.replica(), before);
    var origin =
        new Origin(
            whole.number(),
            whole.replica(),
            first - 1,
            last.get().hash(),
            last.get().batch().time(),
            row);
    return Optional.of(new Origins.Row(Optional.of(origin), VersionVector.of(system)));
  }

  /// Whether something was closed in the eyes of the replica since then, and is not named any more:
  /// how much of it the replica had seen by then nobody can tell.
  private boolean hasForgotten(Origin whole, long last, VersionVector context) {
    var now = naming.past(whole.replica(), whole.seq(), whole.context());
    var then = naming.past(whole.replica(), last, context);
    for (var closed : state.origins().closes().replicas()) {
      if (!context.contains(closed) && then.seq(closed) < now.seq(closed)) {
        return true;
      }
    }
    return false;
  }

  /// How far back the log told of what was said.
  private enum Found {
    /// All that the replica ever said.
    ALL,
    /// What it had last said of those of which it has said more since.
    CHANGED,
    /// Not even that.
    TOO_LITTLE
  }

  /// Finds what was last said of replicas before some batch.
  private Found lookBack(
      Origin whole,
      long from,
      TreeSet<ReplicaId> wanted,
      TreeMap<ReplicaId, Long> context,
      TreeSet<ReplicaId> systemWanted,
      TreeMap<ReplicaId, Long> system) {
    long begin = state.branches().first(whole.replica());
    for (long seq = from; seq >= begin; seq--) {
      boolean isFound =
          context.keySet().containsAll(wanted) && system.keySet().containsAll(systemWanted);
      var batch = read(whole.number(), seq);
      if (batch.isEmpty()) {
        return isFound ? Found.CHANGED : Found.TOO_LITTLE;
      }
      context(batch.get()).entries().forEach(it -> context.putIfAbsent(it.replica(), it.seq()));
      batch
          .get()
          .batch()
          .context()
          .system()
          .entries()
          .forEach(it -> system.putIfAbsent(it.replica(), it.seq()));
    }
    // A branch goes on from the context of what it began on.
    state
        .branches()
        .find(whole.replica())
        .ifPresent(branch -> {
          state
              .origins()
              .find(branch.parent())
              .ifPresent(parent -> {
                parent
                    .context()
                    .entries()
                    .forEach(it -> context.putIfAbsent(it.replica(), it.seq()));
                context.put(parent.replica(), parent.seq());
              });
          state
              .origins()
              .systemRow(branch.parent())
              .entries()
              .forEach(it -> system.putIfAbsent(it.replica(), it.seq()));
        });
    return Found.ALL;
  }

  private VersionVector context(SignedBatch batch) {
    return naming.context(batch.batch()) instanceof Naming.Context.Known(var vector)
        ? vector
        : batch.batch().context().space();
  }

  /// @param following what was counted there has ended what was counted before
  private void rename(Branch branch, List<SignedBatch> tail, List<SignedBatch> following) {
    var keys = new TreeSet<String>();
    var counted = new TreeMap<Path, Long>();
    operations(tail)
        .forEach(operation -> {
          keys.add(operation.path().key());
          if (operation instanceof Operation.Increment(var path, long amount)) {
            counted.merge(path, amount, Long::sum);
          }
        });
    operations(following).forEach(operation -> keys.add(operation.path().key()));
    for (var key : keys) {
      for (var id : state.cells().atAndBelow(Path.of(key))) {
        var cell = state.cells().get(id);
        switch (cell) {
          case Cell.Presence(var dots) -> put(id, cell, new Cell.Presence(renamed(dots, branch)));
          case Cell.Contested(var marks) ->
              put(id, cell, new Cell.Contested(renamed(marks, branch)));
          case Cell.Register(var values) ->
              put(id, cell, new Cell.Register(renamed(values, branch)));
          case Cell.Share share -> split((CellId.Share) id, share, branch, counted);
        }
      }
    }
  }

  private static Stream<Operation> operations(List<SignedBatch> batches) {
    return batches.stream()
        .flatMap(signed -> signed.batch().transactions().stream())
        .flatMap(transaction -> transaction.operations().stream());
  }

  private void put(CellId id, Cell before, Cell now) {
    if (!before.equals(now)) {
      state.cells().put(id, now);
    }
  }

  private static <V> DotFun<V> renamed(DotFun<V> dots, Branch branch) {
    var renamed = new TreeMap<Dot, V>();
    dots.entries()
        .forEach((dot, value) -> {
          boolean isRest = dot.replica().equals(branch.parent()) && dot.seq() >= branch.first();
          renamed.put(isRest ? new Dot(branch.name(), dot.seq(), dot.index()) : dot, value);
        });
    return new DotFun<>(renamed);
  }

  /// Of a total the part that the branch has counted is known by its increments.
  private void split(
      CellId.Share id, Cell.Share share, Branch branch, SortedMap<Path, Long> ofBranch) {
    boolean isRest = id.origin().equals(branch.parent()) && share.counted().seq() >= branch.first();
    if (!isRest) {
      return;
    }
    long own = ofBranch.getOrDefault(id.path(), 0L);
    long end = branch.first() - 1;
    var ended = tally(end, share.counted().total() - own);
    var counted = new Tally(share.counted().seq(), share.counted().index(), own);
    var reset = share.reset();
    boolean isReset = reset.seq() >= branch.first();
    var resetOfRest =
        isReset ? new Tally(reset.seq(), reset.index(), reset.total() - ended.total()) : Tally.NONE;
    state.cells().put(id, new Cell.Share(ended, isReset ? ended : reset));
    state
        .cells()
        .put(new CellId.Share(id.path(), branch.name()), new Cell.Share(counted, resetOfRest));
  }

  private static Tally tally(long end, long total) {
    return end == 0 ? Tally.NONE : Tally.ended(end, total);
  }
}
