package io.starling.simulation.lab;

import io.starling.crdt.cell.Bias;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import java.util.List;
import java.util.stream.Collectors;

/// Values in words, short.
final class ViewText {

  private ViewText() {}

  /// What is read.
  static String of(View view) {
    return switch (view) {
      case View.Absent() -> "nothing";
      case View.Flag _ -> "on";
      case View.Elements(_, var elements, _) ->
          elements.stream().map(ViewText::of).collect(Collectors.joining(", ", "{ ", " }"));
      case View.Register _, View.Counter _, View.Fields _, View.Conflict _ -> of(view.toValue());
    };
  }

  private static String of(Value value) {
    return switch (value) {
      case Value.Null() -> "null";
      case Value.Bool(boolean is) -> Boolean.toString(is);
      case Value.Int(long number) -> Long.toString(number);
      case Value.Real(double number) -> Double.toString(number);
      case Value.Decimal(var number) -> number.toPlainString();
      case Value.Text(var text) -> text.isEmpty() ? "“”" : text;
      case Value.Array(var items) when items.isEmpty() -> "[]";
      case Value.Array(var items) ->
          items.stream().map(ViewText::of).collect(Collectors.joining(" / "));
      case Value.Struct(var fields) when fields.isEmpty() -> "{}";
      case Value.Struct(var fields) ->
          fields.entrySet().stream()
              .map(field -> field.getKey() + ": " + of(field.getValue()))
              .collect(Collectors.joining(", "));
    };
  }

  /// Why the sides come to that.
  static String rule(View merged, List<View> ofSides) {
    boolean isRemoved = ofSides.stream().anyMatch(View.Absent.class::isInstance);
    if (isRemoved && !(merged instanceof View.Absent)) {
      return "a removal takes away only what it had seen";
    }
    return switch (merged) {
      case View.Absent() -> "whoever removed it had seen all that was written";
      case View.Counter _ -> "every change counts, from all sides";
      case View.Flag(var bias) ->
          bias == Bias.ADD
              ? "switching on wins over switching off"
              : "whoever switched it on had seen each switching off";
      case View.Elements(var bias, _, _) ->
          bias == Bias.ADD
              ? "what any side added is in it; what one removed is out, unless another added it"
                  + " meanwhile"
              : "what any side added is in it, unless another removed it meanwhile";
      case View.Register register ->
          switch (register.rule()) {
            case LATEST -> "the latest write is read";
            case MAX -> "the greatest is read";
            case MIN -> "the least is read";
            case ALL ->
                register.values().size() > 1
                    ? "both were kept, for somebody to choose"
                    : "the others had been seen when it was written";
          };
      case View.Fields _ -> "merged field by field";
      case View.Conflict _ -> "of different types: all are kept, for somebody to choose";
    };
  }
}
