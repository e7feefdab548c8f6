package io.starling.crdt.read;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.cell.Assignment;
import io.starling.crdt.cell.Bias;
import io.starling.crdt.cell.CellKind;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.op.NamedTally;
import io.starling.crdt.value.Value;
import io.starling.crdt.value.ValueOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/// What a reader sees at a path.
public sealed interface View {

  /// Nothing is there.
  record Absent() implements View {}

  /// The values of a register: one, or several that were written concurrently.
  ///
  /// @param values by dot, at least one
  record Register(SortedMap<Dot, Assignment> values) implements View {
    private static final Comparator<Map.Entry<Dot, Assignment>> BY_VALUE =
        Comparator.<Map.Entry<Dot, Assignment>, Value>comparing(
                entry -> entry.getValue().value(), ValueOrder.ORDER)
            .thenComparing(Map.Entry.comparingByKey());

    public Register {
      if (values.isEmpty()) {
        throw new IllegalArgumentException("a register without a value reads as absent");
      }
      values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    /// The latest value: by stamp, ties by dot.
    public Map.Entry<Dot, Assignment> latest() {
      return Collections.max(
          values.entrySet(),
          Map.Entry.<Dot, Assignment>comparingByValue((a, b) -> a.time().compareTo(b.time()))
              .thenComparing(Map.Entry.comparingByKey()));
    }

    /// The rule by which the register reads: that of its latest value.
    public ReadRule rule() {
      return latest().getValue().rule();
    }

    /// The value that is read, ties by dot; under [ReadRule#ALL], where all are, the latest. The
    /// greatest or least is one that has a rank: another can have been written concurrently under
    /// another rule, and would stand for ever.
    public Map.Entry<Dot, Assignment> read() {
      var rule = rule();
      return switch (rule) {
        case LATEST, ALL -> latest();
        case MAX, MIN -> {
          // None has a rank only if a liar wrote the latest: nodes write nothing else by this rule.
          var ranked =
              values.entrySet().stream()
                  .filter(entry -> ValueOrder.isRanked(entry.getValue().value()));
          var read = rule == ReadRule.MAX ? ranked.max(BY_VALUE) : ranked.min(BY_VALUE);
          yield read.orElseGet(this::latest);
        }
      };
    }
  }

  /// @param shares what was read of each replica's share; what a reset after this read names
  record Counter(long total, List<NamedTally> shares) implements View {
    public Counter {
      shares = List.copyOf(shares);
    }
  }

  /// A flag that is enabled; a disabled one is absent.
  record Flag(Bias bias) implements View {}

  /// Elements of a set in order, perhaps not all.
  ///
  /// @param more whether elements follow that were not read
  record Elements(Bias bias, List<Value> elements, boolean more) implements View {
    public Elements {
      elements = List.copyOf(elements);
    }
  }

  /// Fields by name.
  record Fields(SortedMap<String, View> fields) implements View {
    public Fields {
      fields = Collections.unmodifiableSortedMap(new TreeMap<>(fields));
    }
  }

  /// Values of different types that were created concurrently; none is lost.
  record Conflict(SortedMap<CellKind, View> views) implements View {
    public Conflict {
      views = Collections.unmodifiableSortedMap(new TreeMap<>(views));
    }
  }

  /// The view as one value, for JSON: an absent one is null, a conflict reads as `{"conflict":
  /// {type: value}}`.
  default Value toValue() {
    return switch (this) {
      case Absent() -> new Value.Null();
      case Register register -> registerValue(register);
      case Counter(long total, _) -> new Value.Int(total);
      case Flag _ -> new Value.Bool(true);
      case Elements(_, var elements, _) -> new Value.Array(elements);
      case Fields(var fields) -> struct(fields, View::name);
      case Conflict(var views) -> {
        var outer = new TreeMap<String, Value>();
        outer.put("conflict", struct(views, CellKind::label));
        yield new Value.Struct(outer);
      }
    };
  }

  /// The types seen here, for people: `counter`, or `map+register` for a conflict.
  default String typeLabel() {
    return switch (this) {
      case Absent() -> "absent";
      case Register _ -> CellKind.REGISTER.label();
      case Counter _ -> CellKind.COUNTER.label();
      case Flag(var bias) -> bias.flag().label();
      case Elements(var bias, _, _) -> bias.set().label();
      case Fields _ -> CellKind.MAP.label();
      case Conflict(var views) ->
          String.join("+", views.keySet().stream().map(CellKind::label).toList());
    };
  }

  private static String name(String name) {
    return name;
  }

  private static Value registerValue(Register register) {
    return switch (register.rule()) {
      case LATEST, MAX, MIN -> register.read().getValue().value();
      case ALL -> {
        var all = new ArrayList<Value>();
        register.values().values().forEach(assignment -> all.add(assignment.value()));
        yield new Value.Array(all);
      }
    };
  }

  private static <K> Value struct(SortedMap<K, View> views, Function<K, String> name) {
    var fields = new TreeMap<String, Value>();
    views.forEach((key, view) -> fields.put(name.apply(key), view.toValue()));
    return new Value.Struct(fields);
  }
}
