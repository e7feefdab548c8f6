package io.starling.crdt.oracle;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.op.Operation;
import java.util.BitSet;

/// An operation as it was done.
///
/// @param sees which of the operations on its key, by their place in the history, its author had
///   seen
record Recorded(Operation operation, Dot dot, HybridTime time, BitSet sees) {

  /// Whether this operation takes the place of one that its author has seen, or takes it away.
  ///
  /// Of two operations on one element, flag or register the later replaces the earlier: to add is
  /// to take the place of the adds one has seen. What removes or assigns takes whatever is at its
  /// path and below, of any type.
  boolean takes(Recorded seen) {
    var path = seen.operation.path();
    return switch (operation) {
      case Operation.Assign _, Operation.MakeMap _, Operation.Remove _ ->
          operation.path().isAtOrAbove(path) && (!seen.isIncrement() || names(seen));
      case Operation.Reset _ -> names(seen);
      case Operation.Increment _ -> false;
      case Operation.Enable(var at) -> seen.operation.equals(new Operation.Enable(at));
      case Operation.Disable(var at) -> seen.operation.equals(new Operation.Enable(at));
      case Operation.AddElement(var at, var element) ->
          seen.operation.equals(new Operation.AddElement(at, element));
      case Operation.RemoveElement(var at, var element) ->
          seen.operation.equals(new Operation.AddElement(at, element));
    };
  }

  /// Whether this operation leaves something that can stand.
  boolean writes() {
    return switch (operation) {
      case Operation.Assign _, Operation.MakeMap _, Operation.Increment _ -> true;
      case Operation.Enable _, Operation.AddElement _ -> true;
      case Operation.Remove _, Operation.Reset _ -> false;
      case Operation.Disable _, Operation.RemoveElement _ -> false;
    };
  }

  boolean isIncrement() {
    return operation instanceof Operation.Increment;
  }

  /// What this increment counts.
  long amount() {
    return ((Operation.Increment) operation).amount();
  }

  /// Whether this is an increment of the share named, not after the tally named.
  boolean isNamedBy(NamedTally named) {
    var seen = named.seen();
    return isIncrement()
        && operation.path().equals(named.share().path())
        && dot.replica().equals(named.share().origin())
        && !dot.isAfter(new Dot(dot.replica(), seen.seq(), seen.index()));
  }

  private boolean names(Recorded increment) {
    return operation.seen().stream().anyMatch(increment::isNamedBy);
  }
}
