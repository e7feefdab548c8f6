package io.starling.crdt.laws;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.model.Deltas;
import io.starling.crdt.model.State;
import io.starling.crdt.model.Step;
import io.starling.crdt.model.World;
import io.starling.crdt.op.Operation;
import io.starling.crdt.store.Causal;
import io.starling.crdt.store.DotMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// What every data type must obey, whatever three replicas do with it.
///
/// Histories mix commits, deliveries in causal order and joins of states: of one other, of the join
/// of two others, of states long past. (A model that merged in one shape only missed bugs that a
/// real cluster found: riak_dt pull request 82.)
abstract class DataTypeLaws {

  /// The operations of the type, without named tallies.
  abstract Arbitrary<Operation> operations();

  @Property(tries = 300)
  void replicasReadWhatTheOracleReads(@ForAll("steps") List<Step> steps) {
    // The world holds each state it comes to against the oracle and against a replay.
    var world = World.after(steps);
    for (int from = 0; from < 3; from++) {
      world.step(new Step.Sync(from, 0));
      world.step(new Step.Merge(from, 1));
    }
    assertThat(world.state(0)).isEqualTo(world.state(1));
    assertThat(world.state(0).digest()).isEqualTo(world.state(1).digest());
  }

  @Property(tries = 200)
  void joinIsALeastUpperBound(
      @ForAll("steps") List<Step> steps, @ForAll int a, @ForAll int b, @ForAll int c) {
    var past = World.after(steps).past();
    var x = past.get(Math.floorMod(a, past.size()));
    var y = past.get(Math.floorMod(b, past.size()));
    var z = past.get(Math.floorMod(c, past.size()));
    requireLaws(x.causal(), y.causal(), z.causal());
    assertThat(x.join(y).vector()).isEqualTo(x.vector().join(y.vector()));
  }

  @Property(tries = 200)
  void joinOfDeltasIsALeastUpperBound(@ForAll("steps") List<Step> steps, @ForAll Random random) {
    var deltas = World.after(steps).deltas();
    requireLaws(some(deltas, random), some(deltas, random), some(deltas, random));
  }

  @Property(tries = 200)
  void theDeltaDoesWhatTheOperationDoes(@ForAll("steps") List<Step> steps) {
    var world = World.after(steps);
    int at = 0;
    for (var batch : world.batches()) {
      var before = world.replay(batch.context());
      var joined = before.causal();
      for (int i = 0; i < batch.operations().size(); i++) {
        joined = joined.join(world.deltas().get(at++));
      }
      assertThat(joined.store()).isEqualTo(before.apply(batch).cells());
    }
  }

  @Property(tries = 200)
  void deltasMayComeInAnyOrderTwiceOrJoined(
      @ForAll("steps") List<Step> steps, @ForAll Random random) {
    var world = World.after(steps);
    var parts = new ArrayList<>(world.deltas());
    for (int i = 0; i < world.deltas().size(); i++) {
      parts.add(some(world.deltas(), random));
    }
    Collections.shuffle(parts, random);
    var joined = Deltas.BOTTOM;
    for (var part : parts) {
      joined = joined.join(part);
    }
    assertThat(joined.store()).isEqualTo(world.replay(all(world)).cells());
  }

  @Property(tries = 200)
  void anyCausalOrderOfBatchesGivesTheSameState(
      @ForAll("steps") List<Step> steps, @ForAll Random random) {
    var world = World.after(steps);
    var waiting = new ArrayList<>(world.batches());
    var state = State.BOTTOM;
    while (!waiting.isEmpty()) {
      Collections.shuffle(waiting, random);
      var next = waiting.stream().filter(state::canApply).findFirst().orElseThrow();
      state = state.apply(next);
      waiting.remove(next);
    }
    assertThat(state).isEqualTo(world.replay(all(world)));
  }

  @Property(tries = 200)
  void aStateMayBeJoinedRangeByRange(
      @ForAll("steps") List<Step> steps, @ForAll int a, @ForAll int b) {
    var past = World.after(steps).past();
    var mine = past.get(Math.floorMod(a, past.size()));
    var theirs = past.get(Math.floorMod(b, past.size()));
    var joined = new TreeMap<CellId, Cell>();
    for (int range = 0; range < 3; range++) {
      // Each range is joined under the vectors of the whole, and touches no cell outside it.
      joined.putAll(range(mine, range).join(range(theirs, range)).cells().entries());
    }
    assertThat(joined).isEqualTo(mine.join(theirs).cells().entries());
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return Steps.with(operations());
  }

  private static void requireLaws(
      Causal<DotMap<CellId, Cell>> x,
      Causal<DotMap<CellId, Cell>> y,
      Causal<DotMap<CellId, Cell>> z) {
    assertThat(x.join(x)).as("idempotent").isEqualTo(x);
    assertThat(x.join(y)).as("commutative").isEqualTo(y.join(x));
    assertThat(x.join(y).join(z)).as("associative").isEqualTo(x.join(y.join(z)));
    assertThat(x.join(x.join(y))).as("inflating").isEqualTo(x.join(y));
  }

  /// The join of about half of the deltas.
  private static Causal<DotMap<CellId, Cell>> some(
      List<Causal<DotMap<CellId, Cell>>> deltas, Random random) {
    var joined = Deltas.BOTTOM;
    for (var delta : deltas) {
      joined = random.nextBoolean() ? joined.join(delta) : joined;
    }
    return joined;
  }

  /// About a third of the cells of a state, always the same ones, under its whole vector.
  private static State range(State state, int range) {
    var cells = new TreeMap<>(state.cells().entries());
    cells.keySet().removeIf(id -> Math.floorMod(Arrays.hashCode(id.canonical()), 3) != range);
    return State.of(new DotMap<>(cells), state.vector());
  }

  private static VersionVector all(World world) {
    return world.past().stream()
        .map(State::vector)
        .reduce(VersionVector.EMPTY, VersionVector::join);
  }
}
