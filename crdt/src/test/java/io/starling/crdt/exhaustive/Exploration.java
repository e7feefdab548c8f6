package io.starling.crdt.exhaustive;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.cell.Path;
import io.starling.crdt.exhaustive.Shape.Update;
import io.starling.crdt.model.Batch;
import io.starling.crdt.model.State;
import io.starling.crdt.model.World;
import io.starling.crdt.op.Operation;
import io.starling.crdt.oracle.History;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// All histories of one shape, with any operation of an alphabet at each update.
///
/// In each history every causally closed cut is a state some replica may come to. It is come to
/// from every cut that lacks one last update, so by every interleaving of deliveries, and by the
/// join of every two cuts that together make it up; all must agree, with each other and with the
/// oracle.
final class Exploration {

  private static final Path KEY = Path.of("k");

  /// What makes up a cut.
  ///
  /// @param last places of the updates that no other of the cut has seen, each with the place of
  ///   the cut without it
  /// @param pairs places of two cuts that neither is this one and whose union is
  private record Ways(List<int[]> last, List<int[]> pairs) {}

  private final Shape shape;
  private final List<Operation> alphabet;
  private final List<List<Integer>> cuts;
  private final List<List<Integer>> newCuts = new ArrayList<>();
  private final List<Ways> ways = new ArrayList<>();
  private final Batch[] batches;
  private final State[] states;
  private long stateCount;
  private long joinCount;
  private long historyCount;

  Exploration(Shape shape, List<Operation> alphabet) {
    this.shape = shape;
    this.alphabet = alphabet;
    this.cuts = shape.cuts();
    this.batches = new Batch[shape.updates().size()];
    this.states = new State[cuts.size()];
    states[0] = State.BOTTOM;
    cuts.forEach(cut -> ways.add(ways(cut)));
    for (int update = 0; update < batches.length; update++) {
      newCuts.add(cutsThatEndWith(update));
    }
  }

  void run() {
    choose(0);
  }

  long histories() {
    return historyCount;
  }

  long states() {
    return stateCount;
  }

  long joins() {
    return joinCount;
  }

  private void choose(int update) {
    if (update == batches.length) {
      historyCount++;
      return;
    }
    for (var operation : alphabet) {
      batches[update] = batch(shape.updates().get(update), operation);
      var history = history(update);
      for (int cut : newCuts.get(update)) {
        reach(cut, history);
      }
      choose(update + 1);
    }
  }

  private void reach(int cut, History history) {
    var way = ways.get(cut);
    var first = way.last.getFirst();
    var state = states[first[1]].apply(batches[first[0]]);
    for (var last : way.last.subList(1, way.last.size())) {
      requireEqual(states[last[1]].apply(batches[last[0]]), state);
    }
    for (var pair : way.pairs) {
      requireEqual(states[pair[0]].join(states[pair[1]]), state);
    }
    requireEqual(state.view(KEY), history.view(KEY, state.vector()));
    states[cut] = state;
    stateCount++;
    joinCount += way.pairs.size();
  }

  private Batch batch(Update update, Operation operation) {
    var before = states[cuts.indexOf(update.context())];
    return Batch.of(
        World.REPLICAS.get(update.replica()),
        before,
        HybridTime.ZERO,
        Optional.empty(),
        List.of(operation));
  }

  private History history(int last) {
    var history = new History();
    for (int i = 0; i <= last; i++) {
      var batch = batches[i];
      history.add(batch.operations().getFirst(), batch.dot(0), batch.time(), batch.contextOf(0));
    }
    return history;
  }

  private Ways ways(List<Integer> cut) {
    var last = new ArrayList<int[]>();
    for (int i = 0; i < shape.updates().size(); i++) {
      var update = shape.updates().get(i);
      var without = new ArrayList<>(cut);
      without.set(update.replica(), update.seq() - 1);
      boolean isNewest = cut.get(update.replica()) == update.seq();
      if (isNewest && cuts.contains(without)) {
        last.add(new int[] {i, cuts.indexOf(without)});
      }
    }
    var pairs = new ArrayList<int[]>();
    for (int a = 0; a < cuts.size(); a++) {
      for (int b = a + 1; b < cuts.size(); b++) {
        boolean isEither = cuts.get(a).equals(cut) || cuts.get(b).equals(cut);
        if (!isEither && union(cuts.get(a), cuts.get(b)).equals(cut)) {
          pairs.add(new int[] {a, b});
        }
      }
    }
    return new Ways(last, pairs);
  }

  private List<Integer> cutsThatEndWith(int update) {
    var ends = new ArrayList<Integer>();
    for (int cut = 0; cut < cuts.size(); cut++) {
      int latest = -1;
      for (int i = 0; i < shape.updates().size(); i++) {
        latest = Shape.contains(cuts.get(cut), shape.updates().get(i)) ? i : latest;
      }
      if (latest == update) {
        ends.add(cut);
      }
    }
    return ends;
  }

  private static List<Integer> union(List<Integer> a, List<Integer> b) {
    return List.of(
        Math.max(a.get(0), b.get(0)), Math.max(a.get(1), b.get(1)), Math.max(a.get(2), b.get(2)));
  }

  private void requireEqual(Object actual, Object expected) {
    if (!actual.equals(expected)) {
      assertThat(actual).as(told()).isEqualTo(expected);
    }
  }

  private String told() {
    var told = new StringBuilder();
    for (var batch : batches) {
      if (batch != null) {
        told.append(batch.dot(0)).append(" seeing ").append(batch.context());
        told.append(' ').append(batch.operations()).append('\n');
      }
    }
    return told.toString();
  }
}
