package io.starling.simulation.check;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.op.Operation;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.batch.Transaction;
import io.starling.replica.request.Mutation;
import io.starling.simulation.workload.Request;
import io.starling.simulation.workload.Workload;
import io.starling.simulation.world.SimulatedSpace;
import java.util.List;
import java.util.Optional;

/// A batch says what its clients asked: each mutation is there as the operations that mean it, on
/// no other path, and with no wider context than the client's read.
final class Intents implements Check {

  private final Model model;
  private final Workload workload;
  private final Evaluations evaluations = new Evaluations("I5 a batch says what was asked");

  Intents(Model model, Workload workload) {
    this.model = model;
    this.workload = workload;
  }

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  @Override
  public void handled(SimulatedSpace space, Event event, List<Effect> effects) {
    if (!(event instanceof Event.Submitted)) {
      return;
    }
    for (var effect : effects) {
      if (effect instanceof Effect.Applied applied) {
        var entry = model.chronicle(space).entry(applied.batch());
        entry.batch().transactions().forEach(transaction -> compare(space, entry, transaction));
      }
    }
  }

  private void compare(SimulatedSpace space, Chronicle.Entry entry, Transaction transaction) {
    var request = workload.request(Request.id(transaction.principal()));
    evaluations.require(
        request.isPresent(), () -> space + " did for " + transaction.principal() + " unasked");
    var asked = request.orElseThrow();
    requireContext(space, entry, transaction, asked);
    for (var operation : transaction.operations()) {
      evaluations.require(
          asked.mutations().stream().anyMatch(mutation -> means(mutation, operation)),
          () -> space + " did " + operation + " for " + asked.mutations());
    }
    for (var mutation : asked.mutations()) {
      boolean mustShow =
          mutation instanceof Mutation.Increment
              || mutation instanceof Mutation.AddElement
              || (mutation instanceof Mutation.Set set && !mayStand(set))
              || (mutation instanceof Mutation.RemoveElement out && out.bias() == Bias.REMOVE)
              || (mutation instanceof Mutation.SetFlag flag && flag.bias() == Bias.REMOVE)
              || mutation instanceof Mutation.Reset;
      evaluations.require(
          !mustShow
              || transaction.operations().stream()
                  .anyMatch(operation -> means(mutation, operation)),
          () -> space + " left out " + mutation);
    }
  }

  private void requireContext(
      SimulatedSpace space, Chronicle.Entry entry, Transaction transaction, Request asked) {
    var chronicle = model.chronicle(space);
    // The node cannot tell that what it has by that number is of another branch, with another past.
    boolean isMistaken =
        asked.context().stream()
            .flatMap(token -> token.heads().stream())
            .filter(head -> !space.ledger().has(head.hash()))
            .anyMatch(head -> chronicle.name(head.hash()).filter(model::isForked).isPresent());
    if (asked.context().isEmpty() || isMistaken) {
      return;
    }
    var read = chronicle.vector(asked.context().get());
    var claimed = chronicle.claimed(entry, transaction.narrowed());
    evaluations.require(
        model.covers(read, claimed, chronicle.isForked()),
        () ->
            space
                + " let request "
                + asked.id()
                + " act on more than its client had read: on "
                + claimed
                + ", not "
                + read);
  }

  /// Whether what is there may stand: what would not be greater, or less, need not be written.
  private static boolean mayStand(Mutation.Set set) {
    return set.rule() == ReadRule.MAX || set.rule() == ReadRule.MIN;
  }

  private static boolean means(Mutation mutation, Operation operation) {
    return switch (mutation) {
      case Mutation.Set(var path, var value, var rule) ->
          operation instanceof Operation.Assign(var at, var assigned, var by, _)
              && at.equals(path)
              && assigned.equals(value)
              && by == rule;
      case Mutation.Increment(var path, long amount) ->
          operation.equals(new Operation.Increment(path, amount));
      case Mutation.SetFlag(var path, boolean enabled, var bias) ->
          operation.equals(
              enabled ? new Operation.Enable(path, bias) : new Operation.Disable(path, bias));
      case Mutation.AddElement(var path, var element, var bias) ->
          operation.equals(new Operation.AddElement(path, element, bias));
      case Mutation.RemoveElement(var path, var element, var bias) ->
          operation.equals(new Operation.RemoveElement(path, element, bias));
      case Mutation.Merge(var path, _, _) -> mayMerge(path, operation);
      case Mutation.Remove(var path) ->
          operation instanceof Operation.Remove(var at, _) && at.equals(path);
      case Mutation.Reset(var path, var seen) -> meansReset(path, seen, operation);
    };
  }

  private static boolean meansReset(
      Path path, Optional<List<NamedTally>> seen, Operation operation) {
    boolean resets =
        operation instanceof Operation.Reset(var at, var named)
            && at.equals(path)
            && seen.map(read -> read.containsAll(named) && named.containsAll(read)).orElse(true);
    return resets || operation.equals(new Operation.Increment(path, 0));
  }

  private static boolean mayMerge(Path path, Operation operation) {
    return switch (operation) {
      case Operation.Assign(var at, _, _, _) -> path.isAtOrAbove(at);
      case Operation.MakeMap(var at, _) -> path.isAtOrAbove(at);
      case Operation.Remove(var at, _) -> path.isAtOrAbove(at) && !at.equals(path);
      case Operation.Reset _,
          Operation.Increment _,
          Operation.Enable _,
          Operation.Disable _,
          Operation.AddElement _,
          Operation.RemoveElement _ ->
          false;
    };
  }
}
