package io.starling.replica.catchup;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.CellDigest;
import io.starling.replica.apply.Applier;
import io.starling.replica.apply.Verdict;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.fork.Naming;
import io.starling.replica.message.Secret;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer.Row;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.SystemPort;
import io.starling.replica.port.Table;
import io.starling.replica.state.Branches;
import io.starling.replica.state.KeyHeader;
import io.starling.replica.state.SpaceState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.BiFunction;

/// What a state becomes with more batches: they are applied to copies of the cells that they touch,
/// by the same code that applies them for good. So states at unequal vectors are compared whole,
/// with nothing left out.
///
/// Bounded in batches, their bytes, and what they touch.
final class Projection {

  /// Batches between two states; over it, they are not compared.
  static final int BATCHES_MAX = 1_000;

  /// Bytes of these.
  static final int BYTES_MAX = 4 << 20;

  /// Entries that they may change.
  static final int CHANGES_MAX = 200_000;

  // Batches that are applied in one go.
  private static final int STEP = 50;

  private final SpaceState state;
  private final Applier applier;
  private final Token to;
  private final BiFunction<ReplicaId, Long, Optional<SignedBatch>> source;
  private final TreeMap<ReplicaId, Long> wanted = new TreeMap<>();
  private int batches;
  private long bytes;

  /// Where it stands.
  enum Progress {
    /// There is more to apply.
    WORKING,
    /// A batch is not at hand, or its causes in `_system` are not.
    WAITING,
    /// All is applied.
    REACHED,
    /// There is too much between the two.
    TOO_MUCH,
    /// A batch of the other's does not follow from this state.
    IMPOSSIBLE
  }

  /// @param names where the store's numbers of replicas are
  /// @param cells those of the state
  /// @param to the vector that it is to come to
  /// @param source finds batches
  Projection(
      SpaceId space,
      StatePort names,
      StatePort cells,
      List<Row.HeadRow> heads,
      List<Row.BranchRow> branches,
      List<Row.CloseRow> closes,
      Optional<SystemPort> system,
      Token to,
      BiFunction<ReplicaId, Long, Optional<SignedBatch>> source) {
    this.state = new SpaceState(space, new View(names, cells));
    this.state.origins().adopt(heads, branches, closes);
    this.applier = new Applier(state, system, new Naming(state, system));
    this.to = to;
    this.source = source;
    to.heads().forEach(head -> wanted.put(head.replica(), head.seq()));
  }

  /// Cells and numbers; what is applied is not that of the store, and nobody has counted.
  private record View(StatePort names, StatePort cells) implements StatePort {
    @Override
    public Optional<byte[]> get(Table table, byte[] key) {
      return switch (table) {
        case CELLS -> cells.get(table, key);
        case HEADERS -> Optional.of(KeyHeader.UNCOUNTED.encode());
        case META -> SpaceState.isName(key) ? names.get(table, key) : Optional.empty();
        case LOG, BUCKETS, STAGE, FRESH_CELLS, FRESH_HEADERS, FRESH_BUCKETS -> Optional.empty();
      };
    }

    @Override
    public void scan(Table table, byte[] from, byte[] to, Visitor visitor) {
      switch (table) {
        case CELLS -> cells.scan(table, from, to, visitor);
        case META ->
            names.scan(
                table,
                from,
                to,
                (key, value) -> !SpaceState.isName(key) || visitor.visit(key, value));
        case HEADERS, LOG, BUCKETS, STAGE, FRESH_CELLS, FRESH_HEADERS, FRESH_BUCKETS -> {}
      }
    }
  }

  /// Applies some more.
  Progress some() {
    for (int i = 0; i < STEP; i++) {
      var progress = one();
      if (progress != Progress.WORKING) {
        state.cells().flush();
        return progress;
      }
    }
    state.cells().flush();
    return Progress.WORKING;
  }

  private Progress one() {
    boolean isComplete = true;
    for (var end : new ArrayList<>(wanted.entrySet())) {
      var replica = end.getKey();
      var branch = state.branches().find(replica);
      boolean isBegun = state.origins().find(replica).isPresent();
      long seq = isBegun ? state.origins().seq(replica) + 1 : state.branches().first(replica);
      if (seq > end.getValue()) {
        continue;
      }
      isComplete = false;
      var batch = source.apply(replica, seq);
      if (batch.isEmpty()) {
        continue;
      }
      var begins = isBegun ? Optional.<Branches.Branch>empty() : branch;
      var verdict = applier.apply(batch.get(), replica, begins);
      switch (verdict) {
        case Verdict.Applied _ -> {
          return applied(batch.get());
        }
        case Verdict.Waits() -> want(batch.get());
        case Verdict.Forked _, Verdict.Invalid _ -> {
          // Which branch is meant cannot always be told without the log.
          boolean isTold = state.branches().isEmpty() && isOfTheirs(replica, seq);
          return isTold ? Progress.IMPOSSIBLE : Progress.WAITING;
        }
      }
    }
    return isComplete ? Progress.REACHED : Progress.WAITING;
  }

  private Progress applied(SignedBatch signed) {
    state.origins().refresh();
    want(signed);
    batches++;
    bytes += signed.bytes();
    boolean isTooMuch =
        batches > BATCHES_MAX || bytes > BYTES_MAX || state.staging().size() > CHANGES_MAX;
    return isTooMuch ? Progress.TOO_MUCH : Progress.WORKING;
  }

  /// A vector leaves out what is closed at it; batches name it.
  private void want(SignedBatch signed) {
    var batch = signed.batch();
    batch.closes().forEach(close -> wanted.merge(close.replica(), close.seq(), Math::max));
    batch
        .context()
        .space()
        .entries()
        .forEach(entry -> wanted.merge(entry.replica(), entry.seq(), Math::max));
  }

  /// Whether the batch at hand is the one that leads to the head that the other has: a forger may
  /// have made two.
  private boolean isOfTheirs(ReplicaId replica, long from) {
    var head = to.heads().stream().filter(it -> it.replica().equals(replica)).findFirst();
    if (head.isEmpty()) {
      return false;
    }
    for (long seq = head.get().seq(); seq > from; seq--) {
      var batch = source.apply(replica, seq);
      var before = source.apply(replica, seq - 1);
      boolean isLinked =
          batch.isPresent()
              && before.isPresent()
              && batch.get().batch().previous().equals(before.get().hash());
      if (!isLinked) {
        return false;
      }
    }
    return source
        .apply(replica, head.get().seq())
        .filter(last -> head.get().matches(last.hash()))
        .isPresent();
  }

  /// The replicas of which batches are wanted; none where there are forks, for another may have
  /// other names for the same.
  SortedSet<ReplicaId> wanted() {
    return state.branches().isEmpty()
        ? Collections.unmodifiableSortedSet(wanted.navigableKeySet())
        : Collections.emptySortedSet();
  }

  /// What the state has become.
  StatePort cells() {
    return state.staging();
  }

  /// The stored names of the cells that are not as they were.
  List<byte[]> changed() {
    return state.staging().changed(Table.CELLS);
  }

  /// The sum of the heads and closes.
  CellDigest heads(Secret secret) {
    return state.origins().sum(secret);
  }

  /// The sum of where branches begin.
  CellDigest branches(Secret secret) {
    return state.origins().branchSum(secret);
  }
}
