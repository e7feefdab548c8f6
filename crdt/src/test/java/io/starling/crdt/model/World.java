package io.starling.crdt.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Path;
import io.starling.crdt.op.Operation;
import io.starling.crdt.oracle.History;
import io.starling.crdt.store.Causal;
import io.starling.crdt.store.DotMap;
import io.starling.crdt.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/// Three replicas that go their own ways, and the history of all they did.
///
/// After each step the replica concerned is held against the oracle and against a replay of the
/// batches it has seen; that its author names the right tallies is checked at each commit.
public final class World {

  /// The replicas, in the order of their ids.
  public static final List<ReplicaId> REPLICAS = List.of(replica(1), replica(2), replica(3));

  private final List<State> states =
      new ArrayList<>(List.of(State.BOTTOM, State.BOTTOM, State.BOTTOM));
  private final List<List<State>> own = List.of(begun(), begun(), begun());
  private final List<State> past = begun();
  private final List<Batch> batches = new ArrayList<>();
  private final List<Causal<DotMap<CellId, Cell>>> deltas = new ArrayList<>();
  private final History history = new History();
  private final SortedSet<Path> paths = new TreeSet<>();

  /// The world after some steps.
  public static World after(List<Step> steps) {
    var world = new World();
    steps.forEach(world::step);
    return world;
  }

  public void step(Step step) {
    switch (step) {
      case Step.Commit(int replica, int millis, int read, var operations) -> {
        var states = own.get(replica);
        var shown =
            read == 0 ? Optional.<State>empty() : Optional.of(states.get(read % states.size()));
        commit(replica, HybridTime.ofMillis(millis), shown, operations);
      }
      case Step.Deliver(int origin, int to) -> deliver(origin, to);
      case Step.Sync(int from, int to) -> sync(from, to);
      case Step.Merge(int from, int to) -> merge(from, to);
      case Step.MergeBoth(int first, int second, int to) ->
          move(to, state(to).join(state(first).join(state(second))));
      case Step.MergeStale(int which, int to) ->
          move(to, state(to).join(past.get(which % past.size())));
    }
  }

  /// Commits operations that answer to what the replica holds.
  public Batch commit(int replica, Operation... operations) {
    return commit(replica, HybridTime.ZERO, Optional.empty(), List.of(operations));
  }

  /// Commits operations.
  ///
  /// @param shown the state they answer to, if it is not what the replica holds
  public Batch commit(
      int replica, HybridTime time, Optional<State> shown, List<Operation> operations) {
    var before = state(replica);
    var batch = Batch.of(REPLICAS.get(replica), before, time, shown, operations);
    var table = new MemoryCells(before.cells());
    for (int i = 0; i < operations.size(); i++) {
      var old = table.toDotMap();
      batch.apply(i, table);
      deltas.add(Deltas.of(batch.dot(i), old, table.toDotMap()));
      record(batch, i);
    }
    batches.add(batch);
    move(replica, before.apply(batch));
    return batch;
  }

  /// Applies the next batch of an origin if its causes were applied.
  public void deliver(int origin, int to) {
    batches.stream()
        .filter(batch -> batch.replica().equals(REPLICAS.get(origin)))
        .filter(state(to)::canApply)
        .findFirst()
        .ifPresent(batch -> move(to, state(to).apply(batch)));
  }

  /// Applies all batches that another replica has applied, in the order of their commit.
  public void sync(int from, int to) {
    for (var batch : batches) {
      if (state(from).vector().covers(batch.dot(0)) && state(to).canApply(batch)) {
        move(to, state(to).apply(batch));
      }
    }
  }

  /// Joins the state of another replica.
  public void merge(int from, int to) {
    move(to, state(to).join(state(from)));
  }

  /// What a replica holds.
  public State state(int replica) {
    return states.get(replica);
  }

  /// What a replica reads at a path, as plain values.
  public Value read(int replica, Path path) {
    return state(replica).view(path).toValue();
  }

  /// All states that any replica ever had.
  public List<State> past() {
    return past;
  }

  /// All batches, in the order of their commit.
  public List<Batch> batches() {
    return batches;
  }

  /// The delta of each operation, in the order of their commit.
  public List<Causal<DotMap<CellId, Cell>>> deltas() {
    return deltas;
  }

  public History history() {
    return history;
  }

  /// The state of one who applied the batches inside a vector, in the order of their commit.
  public State replay(VersionVector vector) {
    var state = State.BOTTOM;
    for (var batch : batches) {
      if (vector.covers(batch.dot(0))) {
        assertThat(state.canApply(batch)).isTrue();
        state = state.apply(batch);
      }
    }
    return state;
  }

  /// Holds a state against the oracle, which is asked what one reads who has seen as much.
  public void check(State state) {
    for (var path : paths) {
      assertThat(state.view(path)).isEqualTo(history.view(path, state.vector()));
    }
    var live = new TreeSet<String>();
    state
        .cells()
        .entries()
        .forEach((id, cell) -> {
          if (cell.isLive()) {
            live.add(id.path().key());
          }
        });
    assertThat(live).isEqualTo(history.liveKeys(state.vector()));
  }

  private void move(int replica, State state) {
    states.set(replica, state);
    own.get(replica).add(state);
    past.add(state);
    check(state);
    var replayed = replay(state.vector());
    assertThat(state).isEqualTo(replayed);
    assertThat(state.digest()).isEqualTo(replayed.digest());
  }

  private void record(Batch batch, int index) {
    var operation = batch.operations().get(index);
    if (batch.read().isEmpty()) {
      var tallies = history.tallies(operation.path(), batch.contextOf(index));
      assertThat(operation.seen()).isEqualTo(Names.reach(operation, tallies));
    }
    history.add(operation, batch.dot(index), batch.time(), batch.contextOf(index));
    var path = operation.path();
    paths.add(path);
    while (!path.isRoot()) {
      path = path.parent();
      paths.add(path);
    }
  }

  private static List<State> begun() {
    return new ArrayList<>(List.of(State.BOTTOM));
  }

  private static ReplicaId replica(int number) {
    return new ReplicaId(new KeyFingerprint(number, 0), number);
  }
}
