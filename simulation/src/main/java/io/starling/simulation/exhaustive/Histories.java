package io.starling.simulation.exhaustive;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.model.Batch;
import io.starling.crdt.model.Names;
import io.starling.crdt.model.State;
import io.starling.crdt.op.Operation;
import io.starling.crdt.oracle.History;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.crdt.value.ValueOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// Sets of transactions, each with all that its author had seen, under numbers; and what one must
/// read who has seen just those.
final class Histories {

  private final DataType type;
  private final Algebra algebra;
  private final Catalogue catalogue;
  private final List<int[]> all = new ArrayList<>();
  private final LongTable numbers = new LongTable();
  private final LongTable longer = new LongTable();
  private final LongTable shorter = new LongTable();
  private final LongTable read = new LongTable();

  Histories(DataType type, Algebra algebra, Catalogue catalogue) {
    this.type = type;
    this.algebra = algebra;
    this.catalogue = catalogue;
    number(new int[0]);
  }

  /// The number of the history in which nothing happened.
  int empty() {
    return 0;
  }

  /// How many reads were held against the oracle.
  int reads() {
    return read.size();
  }

  /// Its transactions, causes first.
  int[] batches(int history) {
    return all.get(history);
  }

  /// A history with one more transaction, whose causes are in it.
  int with(int history, int batch) {
    long key = Catalogue.pair(history, batch);
    int known = longer.get(key);
    if (known != LongTable.NONE) {
      return known;
    }
    int[] before = batches(history);
    var more = Arrays.copyOf(before, before.length + 1);
    more[before.length] = batch;
    int number = number(more);
    longer.put(key, number);
    return number;
  }

  /// What a replica reads that holds a state.
  Value read(State state) {
    return algebra.view(state, type.key()).toValue();
  }

  /// Looks at what a replica reads that holds a state after some of the history.
  void check(int history, int state) {
    int seen = within(history, state);
    if (read.put(Catalogue.pair(seen, state), 0)) {
      new Reading(seen, state).check();
    }
  }

  /// The part of a history that a state has seen.
  private int within(int history, int state) {
    long key = Catalogue.pair(history, state);
    int known = shorter.get(key);
    if (known != LongTable.NONE) {
      return known;
    }
    var vector = catalogue.state(state).vector();
    var seen =
        Arrays.stream(batches(history))
            .filter(batch -> vector.covers(catalogue.batch(batch).dot(0)))
            .toArray();
    int number = number(seen);
    shorter.put(key, number);
    return number;
  }

  /// Causes first: a transaction has seen more than each of its causes. The sum of what was made of
  /// all numbers does not depend on their order.
  private int number(int[] batches) {
    long print = batches.length;
    for (int batch : batches) {
      print += LongTable.spread(batch);
    }
    int known = numbers.get(print);
    if (known != LongTable.NONE) {
      return known;
    }
    numbers.put(print, all.size());
    all.add(
        Arrays.stream(batches)
            .boxed()
            .sorted((a, b) -> Long.compare(seen(catalogue.batch(a)), seen(catalogue.batch(b))))
            .mapToInt(Integer::intValue)
            .toArray());
    return all.size() - 1;
  }

  private static long seen(Batch batch) {
    return batch.context().entries().stream().mapToLong(entry -> entry.seq()).sum();
  }

  /// A state beside all that it has seen.
  private final class Reading {
    private final int state;
    private final History history = new History();
    private final SortedMap<Dot, Batch> increments = new TreeMap<>();

    private Reading(int seen, int state) {
      this.state = state;
      for (int number : batches(seen)) {
        add(catalogue.batch(number));
      }
    }

    private void add(Batch batch) {
      var operation = batch.operations().getFirst();
      var tallies = history.tallies(operation.path(), batch.contextOf(0));
      Catalogue.requireEqual("what it names", operation.seen(), Names.reach(operation, tallies));
      try {
        history.add(operation, batch.dot(0), batch.time(), batch.contextOf(0));
      } catch (IllegalArgumentException refused) {
        throw new Flaw(String.valueOf(refused.getMessage()), refused);
      }
      if (operation instanceof Operation.Increment) {
        increments.put(batch.dot(0), batch);
      }
    }

    private void check() {
      var held = catalogue.state(state);
      var standing = history.standing(held.vector());
      standing.removeAll(increments.keySet());
      Catalogue.requireEqual("the dots held", new TreeSet<>(Catalogue.dots(held)), standing);
      var view = algebra.view(held, type.key());
      var meant = history.view(type.key());
      Catalogue.requireEqual("what is read", view.toValue(), meant(meant));
      Catalogue.requireEqual("what is read", view, meant);
    }
  }

  /// A view as a value, with the latest of a register's values as `protocol.md` has it: by stamp,
  /// then by replica, then by number.
  private static Value meant(View view) {
    return switch (view) {
      case View.Register register -> latest(register);
      case View.Fields(var fields) -> {
        var values = new TreeMap<String, Value>();
        fields.forEach((name, field) -> values.put(name, meant(field)));
        yield new Value.Struct(values);
      }
      case View.Conflict(var views) -> {
        var values = new TreeMap<String, Value>();
        views.forEach((kind, one) -> values.put(kind.label(), meant(one)));
        var outer = new TreeMap<String, Value>();
        outer.put("conflict", new Value.Struct(values));
        yield new Value.Struct(outer);
      }
      case View.Absent _, View.Counter _, View.Flag _, View.Elements _ -> view.toValue();
    };
  }

  private static Value latest(View.Register register) {
    var all = new ArrayList<Value>();
    var latest = register.values().firstEntry().getValue();
    for (var assignment : register.values().values()) {
      all.add(assignment.value());
      if (Long.compareUnsigned(assignment.time().bits(), latest.time().bits()) >= 0) {
        latest = assignment;
      }
    }
    return switch (latest.rule()) {
      case LATEST -> latest.value();
      case ALL -> new Value.Array(all);
      case MAX -> Collections.max(all, ValueOrder.ORDER);
      case MIN -> Collections.min(all, ValueOrder.ORDER);
    };
  }
}
