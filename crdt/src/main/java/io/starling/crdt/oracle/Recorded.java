package io.starling.crdt.oracle;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Path;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.op.Operation;
import java.util.BitSet;
import java.util.Optional;

/// An operation as it was done.
///
/// @param sees which of the operations on its key, by their place in the history, its author had
///   seen
record Recorded(Operation operation, Dot dot, HybridTime time, BitSet sees) {

  /// Whether this operation takes the place of one that its author has seen, or takes it away.
  ///
  /// Of two operations on one element, flag or register the later replaces the earlier: to add is
  /// to take the place of the adds one has seen. Where removals win, a removal stands like an add,
  /// and hides what was added for as long. What removes or assigns takes whatever is at its path
  /// and below, of any type, but for removals that stand.
  boolean takes(Recorded seen) {
    return switch (operation) {
      case Operation.Assign _, Operation.MakeMap _, Operation.Remove _ ->
          path().isAtOrAbove(seen.path()) && !seen.hides() && (!seen.isIncrement() || names(seen));
      case Operation.Reset _ -> names(seen);
      case Operation.Increment _ -> false;
      case Operation.Enable _,
          Operation.Disable _,
          Operation.AddElement _,
          Operation.RemoveElement _ ->
          isOfSame(seen);
    };
  }

  /// Whether another operation is on the same flag or element, and of the same bias.
  boolean isOfSame(Recorded other) {
    return path().equals(other.path()) && shown().equals(other.shown()) && shown().isPresent();
  }

  private Path path() {
    return operation.path();
  }

  /// The operation that shows what this one shows or takes away, if it is on a flag or element.
  private Optional<Operation> shown() {
    return switch (operation) {
      case Operation.Enable(var at, var bias) -> Optional.of(new Operation.Enable(at, bias));
      case Operation.Disable(var at, var bias) -> Optional.of(new Operation.Enable(at, bias));
      case Operation.AddElement add -> Optional.of(add);
      case Operation.RemoveElement(var at, var element, var bias) ->
          Optional.of(new Operation.AddElement(at, element, bias));
      case Operation.Assign _, Operation.MakeMap _, Operation.Remove _ -> Optional.empty();
      case Operation.Reset _, Operation.Increment _ -> Optional.empty();
    };
  }

  /// Whether this operation, while it stands, hides whatever was added to the same flag or element.
  boolean hides() {
    return switch (operation) {
      case Operation.Disable(_, var bias) -> bias == Bias.REMOVE;
      case Operation.RemoveElement(_, _, var bias) -> bias == Bias.REMOVE;
      case Operation.Assign _, Operation.MakeMap _, Operation.Remove _ -> false;
      case Operation.Reset _, Operation.Increment _ -> false;
      case Operation.Enable _, Operation.AddElement _ -> false;
    };
  }

  /// Whether this operation leaves something that can stand.
  boolean writes() {
    return switch (operation) {
      case Operation.Assign _, Operation.MakeMap _, Operation.Increment _ -> true;
      case Operation.Enable _, Operation.AddElement _ -> true;
      case Operation.Remove _, Operation.Reset _ -> false;
      case Operation.Disable _, Operation.RemoveElement _ -> hides();
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
