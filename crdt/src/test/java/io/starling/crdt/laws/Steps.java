package io.starling.crdt.laws;

import io.starling.crdt.model.Step;
import io.starling.crdt.op.Operation;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/// Random courses of a [io.starling.crdt.model.World].
final class Steps {

  private static final Arbitrary<Integer> REPLICA = Arbitraries.integers().between(0, 2);

  private Steps() {}

  static Arbitrary<List<Step>> with(Arbitrary<Operation> operations) {
    var any =
        Arbitraries.<Arbitrary<? extends Step>>frequency(
            Tuple.of(6, commits(operations)),
            Tuple.of(3, Combinators.combine(REPLICA, REPLICA).as(Step.Deliver::new)),
            Tuple.of(2, Combinators.combine(REPLICA, REPLICA).as(Step.Sync::new)),
            Tuple.of(2, Combinators.combine(REPLICA, REPLICA).as(Step.Merge::new)),
            Tuple.of(1, Combinators.combine(REPLICA, REPLICA, REPLICA).as(Step.MergeBoth::new)),
            Tuple.of(1, staleMerges()));
    return any.<Step>flatMap(steps -> steps.map(step -> step))
        .list()
        .ofMinSize(3)
        .ofMaxSize(25)
        .withoutEdgeCases();
  }

  /// Mostly what the replica holds is what its client has read; stamps repeat and go back.
  private static Arbitrary<Step.Commit> commits(Arbitrary<Operation> operations) {
    var millis = Arbitraries.integers().between(0, 2);
    var read =
        Arbitraries.frequencyOf(
            Tuple.of(3, Arbitraries.just(0)), Tuple.of(1, Arbitraries.integers().between(1, 30)));
    return Combinators.combine(REPLICA, millis, read, operations.list().ofMinSize(1).ofMaxSize(3))
        .as(Step.Commit::new);
  }

  private static Arbitrary<Step.MergeStale> staleMerges() {
    return Combinators.combine(Arbitraries.integers().between(0, 50), REPLICA)
        .as(Step.MergeStale::new);
  }
}
