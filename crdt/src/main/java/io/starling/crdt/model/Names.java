package io.starling.crdt.model;

import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.op.Operation;
import io.starling.crdt.store.DotMap;
import java.util.ArrayList;
import java.util.List;

/// The tallies that an author names.
public final class Names {

  private Names() {}

  /// The operation with the tallies it names if its author sees these cells.
  public static Operation add(Operation operation, DotMap<CellId, Cell> cells) {
    var path = operation.path();
    var all = new ArrayList<NamedTally>();
    cells
        .entries()
        .forEach((id, cell) -> {
          if (cell instanceof Cell.Share share && share.isLive() && path.isAtOrAbove(id.path())) {
            all.add(new NamedTally((CellId.Share) id, share.counted()));
          }
        });
    var seen = reach(operation, all);
    return switch (operation) {
      case Operation.Assign(_, var value, var rule, _) ->
          new Operation.Assign(path, value, rule, seen);
      case Operation.MakeMap _ -> new Operation.MakeMap(path, seen);
      case Operation.Remove _ -> new Operation.Remove(path, seen);
      case Operation.Reset _ -> new Operation.Reset(path, seen);
      case Operation.Increment _, Operation.Enable _, Operation.Disable _ -> operation;
      case Operation.AddElement _, Operation.RemoveElement _ -> operation;
    };
  }

  /// Those of the tallies at a path and below that the operation concerns.
  public static List<NamedTally> reach(Operation operation, List<NamedTally> tallies) {
    return switch (operation) {
      case Operation.Assign _, Operation.MakeMap _, Operation.Remove _ -> tallies;
      case Operation.Reset(var path, _) ->
          tallies.stream().filter(named -> named.share().path().equals(path)).toList();
      case Operation.Increment _, Operation.Enable _, Operation.Disable _ -> List.of();
      case Operation.AddElement _, Operation.RemoveElement _ -> List.of();
    };
  }
}
