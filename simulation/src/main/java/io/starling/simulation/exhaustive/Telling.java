package io.starling.simulation.exhaustive;

import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Tally;
import io.starling.crdt.model.State;
import io.starling.crdt.op.Operation;
import io.starling.crdt.store.DotMap;
import io.starling.crdt.value.Value;
import java.util.Map;
import java.util.stream.Collectors;

/// What happens, in words.
final class Telling {

  private static final String LETTERS = "ABC";

  private Telling() {}

  static String replica(int replica) {
    return LETTERS.substring(replica, replica + 1);
  }

  static String update(DataType.Update update) {
    var operation = update.operation();
    var at = operation.path().isRoot() ? "" : " at " + operation.path();
    return switch (operation) {
      case Operation.Assign(_, var value, var rule, _) ->
          "assigns " + value(value) + at + ", stamp " + update.time() + ", reads as " + rule;
      case Operation.MakeMap _ -> "makes a map" + at;
      case Operation.Remove _ -> "removes " + operation.path();
      case Operation.Reset _ -> "resets the counter" + at;
      case Operation.Increment(_, long amount) -> "counts " + amount + at;
      case Operation.Enable _ -> "enables the flag" + at;
      case Operation.Disable _ -> "disables the flag" + at;
      case Operation.AddElement(_, var element, _) -> "adds " + value(element) + at;
      case Operation.RemoveElement(_, var element, _) -> "takes out " + value(element) + at;
    };
  }

  static String value(Value value) {
    return switch (value) {
      case Value.Null _ -> "nothing";
      case Value.Bool(boolean is) -> Boolean.toString(is);
      case Value.Int(long number) -> Long.toString(number);
      case Value.Real(double number) -> Double.toString(number);
      case Value.Decimal(var number) -> number.toString();
      case Value.Text(var text) -> "\"" + text + "\"";
      case Value.Array(var items) ->
          items.stream().map(Telling::value).collect(Collectors.joining(", ", "[", "]"));
      case Value.Struct(var fields) ->
          fields.entrySet().stream()
              .map(Telling::field)
              .collect(Collectors.joining(", ", "{", "}"));
    };
  }

  /// Anything, with letters for replicas.
  static String of(Object what) {
    var text =
        switch (what) {
          case Value value -> value(value);
          case State state -> cells(state.cells()) + " having seen " + state.vector();
          case DotMap<?, ?> cells -> cells(cells);
          default -> what.toString();
        };
    for (int i = 0; i < Renaming.REPLICAS.size(); i++) {
      text = text.replace(Renaming.REPLICAS.get(i).toString(), replica(i));
    }
    return text;
  }

  private static String cells(DotMap<?, ?> cells) {
    return cells.entries().entrySet().stream()
        .map(entry -> name(entry.getKey()) + content(entry.getValue()))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String name(Object id) {
    return switch (id) {
      case CellId.Element(_, var element, _) -> value(element);
      case CellId.Share(var path, var origin) -> path + " counted by " + origin;
      case CellId.Single(var path, var kind) -> path + " " + kind.label();
      default -> id.toString();
    };
  }

  private static String content(Object cell) {
    return switch (cell) {
      case Cell.Presence(var dots) -> " of " + dots.entries().keySet();
      case Cell.Contested(var marks) -> " of " + marks.entries();
      case Cell.Register(var values) ->
          " of "
              + values.entries().entrySet().stream()
                  .map(it -> it.getKey() + " " + value(it.getValue().value()))
                  .toList();
      case Cell.Share(var counted, var reset) -> " " + tally(counted) + " less " + tally(reset);
      default -> cell.toString();
    };
  }

  private static String tally(Tally tally) {
    return tally.total() + " at " + tally.seq() + "." + tally.index();
  }

  private static String field(Map.Entry<String, Value> field) {
    return field.getKey() + ": " + value(field.getValue());
  }
}
