package io.starling.crdt.op;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.cell.Assignment;
import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.Mark;
import io.starling.crdt.cell.Path;
import io.starling.crdt.store.DotFun;
import io.starling.crdt.store.Unit;
import java.util.Optional;

/// What an operation does to the cells it touches.
///
/// Two replicas must settle: is a value gone because someone removed it, or is it yet to arrive?
/// Operations are applied in causal order, so all that the context covers is here already; what it
/// covers goes, what it does not cover was written concurrently and stays.
///
/// Reference: Baquero, Almeida, Shoker, Pure Operation-Based Replicated Data Types (2017).
/// Departure: obsolete operations are not kept in a log to be compared with new ones; the cell's
/// dots are the compacted log.
///
/// @param dot the operation's own
/// @param time stamp of its batch
/// @param context what its author had seen, the operations before it in its transaction included
public record Effect(Dot dot, HybridTime time, CausalContext context) {

  /// Applies an operation. Touches the cells of its path only; those below it only if it replaces
  /// or removes them.
  public void apply(Operation operation, CellTable cells) {
    switch (operation) {
      case Operation.Assign(var path, var value, var rule, _) -> {
        var id = new CellId.Single(path, CellKind.REGISTER);
        clear(operation, Optional.of(id), cells);
        var rest = ((Cell.Register) cells.get(id).without(context)).values();
        cells.put(id, new Cell.Register(rest.with(dot, new Assignment(value, time, rule))));
      }
      case Operation.MakeMap(var path, _) -> {
        var id = new CellId.Single(path, CellKind.MAP);
        clear(operation, Optional.of(id), cells);
        replacePresence(id, cells);
      }
      case Operation.Remove _ -> clear(operation, Optional.empty(), cells);
      case Operation.Reset _ -> resetShares(operation, cells);
      case Operation.Increment(var path, long amount) -> {
        var id = new CellId.Share(path, dot.replica());
        cells.put(id, ((Cell.Share) cells.get(id)).plus(dot, amount));
      }
      case Operation.Enable(var path, var bias) ->
          mark(new CellId.Single(path, bias.flag()), bias, Mark.ADDED, cells);
      case Operation.Disable(var path, var bias) ->
          mark(new CellId.Single(path, bias.flag()), bias, Mark.REMOVED, cells);
      case Operation.AddElement(var path, var element, var bias) ->
          mark(new CellId.Element(path, element, bias), bias, Mark.ADDED, cells);
      case Operation.RemoveElement(var path, var element, var bias) ->
          mark(new CellId.Element(path, element, bias), bias, Mark.REMOVED, cells);
    }
  }

  private void mark(CellId id, Bias bias, Mark mark, CellTable cells) {
    if (bias == Bias.REMOVE) {
      cells.put(id, ((Cell.Contested) cells.get(id)).with(context, dot, mark));
    } else if (mark == Mark.ADDED) {
      replacePresence(id, cells);
    } else {
      removeCovered(id, cells);
    }
  }

  /// @param replaced the cell that the operation changes next, and that is left to it
  private void clear(Operation operation, Optional<CellId> replaced, CellTable cells) {
    Path path = operation.path();
    for (var id : cells.atAndBelow(path)) {
      if (id.kind() != CellKind.COUNTER && !replaced.equals(Optional.of(id))) {
        removeCovered(id, cells);
      }
    }
    resetShares(operation, cells);
  }

  private static void resetShares(Operation operation, CellTable cells) {
    for (var named : operation.seen()) {
      var share = (Cell.Share) cells.get(named.share());
      cells.put(named.share(), share.resetTo(named.seen()));
    }
  }

  private void removeCovered(CellId id, CellTable cells) {
    var cell = cells.get(id);
    var rest = cell.without(context);
    if (!rest.equals(cell)) {
      cells.put(id, rest);
    }
  }

  private void replacePresence(CellId id, CellTable cells) {
    var rest = (Cell.Presence) cells.get(id).without(context);
    DotFun<Unit> dots = rest.dots().with(dot, Unit.UNIT);
    cells.put(id, new Cell.Presence(dots));
  }
}
