package io.starling.simulation.mutant;

import io.starling.crdt.cell.CellKind;
import io.starling.replica.Effect;
import io.starling.replica.message.Message;
import io.starling.replica.port.Changes;
import io.starling.replica.port.Table;
import io.starling.simulation.scenario.Scenario;
import io.starling.simulation.world.Engine;
import java.util.function.Supplier;

/// A planted bug, and the scenario in which it shows.
enum Mutant {
  ACKNOWLEDGES_BEFORE_SYNC(
      Scenario.CALM, () -> EffectMutations.first(Effect.Answer.class::isInstance)),
  ACKNOWLEDGES_UNSEEN(Scenario.LOSSY, InputMutations::acknowledgesUnseen),
  SENDS_BEFORE_SYNC(Scenario.CALM, () -> EffectMutations.first(EffectMutations::isBatches)),
  VECTOR_BEFORE_CELLS(Scenario.CRASHES, EffectMutations::vectorBeforeCells),
  LOSES_A_CELL(Scenario.CALM, () -> EffectMutations.loses(50, Mutant::isCell)),
  KEEPS_WHAT_WAS_REMOVED(
      Scenario.CALM, () -> EffectMutations.loses(1, w -> isCell(w) && w.value().isEmpty())),
  DIGEST_NOT_UPDATED(
      Scenario.CRASHES,
      () -> EffectMutations.loses(1, w -> w.table() == Table.META && w.key()[0] == 'd')),
  BUCKETS_NOT_UPDATED(
      Scenario.CALM, () -> EffectMutations.loses(20, w -> w.table() == Table.BUCKETS)),
  HEADERS_NOT_UPDATED(
      Scenario.CALM, () -> EffectMutations.loses(20, w -> w.table() == Table.HEADERS)),
  RESETS_TOO_MUCH(Scenario.CALM, () -> EffectMutations.writes(InputMutations::resetTooMuch)),
  MERGE_THAT_OVERWRITES(Scenario.SPLIT_BRAIN, InputMutations::overwrites),
  APPLIES_TWICE(Scenario.CALM, () -> EffectMutations.repeated(2, Effect.Applied.class::isInstance)),
  DOTS_USED_AGAIN(Scenario.RESTORES, InputMutations::fixedEntropy),
  REMOVES_WITHOUT_CONTEXT(Scenario.CALM, InputMutations::removesWithoutContext),
  SWALLOWS_WRITES(Scenario.CALM, InputMutations::swallowsWrites),
  GIVES_NO_ANSWER(Scenario.CALM, () -> EffectMutations.without(Effect.Answer.class::isInstance)),
  NEEDS_A_PEER(Scenario.SPLIT_BRAIN, EffectMutations::needsAPeer),
  ISOLATIONIST(Scenario.CALM, () -> EffectMutations.without(Effect.Send.class::isInstance)),
  SELFISH(Scenario.CALM, () -> InputMutations.deafTo(Message.Batches.class::isInstance)),
  SENDS_ONCE_AND_NEVER_REPAIRS(
      Scenario.LOSSY, () -> EffectMutations.without(EffectMutations::isPull)),
  LEAVES_CLOSED_REPLICAS_OUT_OF_PULLS(Scenario.CRASHES, EffectMutations::leavesClosedReplicasOut),
  REFUSES_WITHOUT_REASON(Scenario.CALM, EffectMutations::refusesWithoutReason),
  TALKS_WITHOUT_END(Scenario.CALM, () -> EffectMutations.repeated(5, Mutant::isBeacon)),
  CLOCK_READ_WRONG(Scenario.CALM, InputMutations::readsTheClockWrong),
  CLOCK_PUSHED_BY_PEERS(Scenario.CLOCKS, InputMutations::unboundedDrift),
  WAITS_FOR_WHOEVER_WAS_THERE(Scenario.DEPARTURES, StoreMutations::waitsForWhoeverWasThere),
  TAKES_UNREADABLE_FOR_ABSENT(Scenario.DAMAGES, StoreMutations::takesUnreadableForAbsent),
  DISCARDS_WHAT_IS_RECOVERED(Scenario.DAMAGES, StoreMutations::discardsWhatIsRecovered),
  DOTS_USED_AGAIN_AFTER_DAMAGE(Scenario.DAMAGES, InputMutations::fixedEntropy),
  BUFFER_WITHOUT_BOUND(Scenario.LOSSY, InputMutations::unboundedBuffer);

  private final Scenario scenario;
  private final Supplier<Mutation> mutation;

  Mutant(Scenario scenario, Supplier<Mutation> mutation) {
    this.scenario = scenario;
    this.mutation = mutation;
  }

  Scenario scenario() {
    return scenario;
  }

  Engine.Factory engines() {
    return Mutation.factory(mutation);
  }

  private static boolean isCell(Changes.Write write) {
    return write.table() == Table.CELLS && InputMutations.kind(write.key()) != CellKind.COUNTER;
  }

  private static boolean isBeacon(Effect effect) {
    return effect instanceof Effect.Send(_, Message.Announcement _);
  }
}
