package io.starling.crdt.model;

import io.starling.crdt.causal.Dot;
import io.starling.crdt.cell.Assignment;
import io.starling.crdt.cell.Cell;
import io.starling.crdt.cell.CellId;
import io.starling.crdt.cell.Mark;
import io.starling.crdt.store.Causal;
import io.starling.crdt.store.DotFun;
import io.starling.crdt.store.DotMap;
import io.starling.crdt.store.Unit;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The delta of an operation: what it wrote, with the dots it removed and its own as context.
public final class Deltas {

  public static final Causal<DotMap<CellId, Cell>> BOTTOM = new Causal<>(DotMap.empty(), Dots.NONE);

  private Deltas() {}

  /// What an operation changed, as a state that others can join.
  public static Causal<DotMap<CellId, Cell>> of(
      Dot dot, DotMap<CellId, Cell> before, DotMap<CellId, Cell> after) {
    var context = new TreeSet<Dot>(List.of(dot));
    var written = new TreeMap<CellId, Cell>();
    var touched = new TreeSet<>(before.entries().keySet());
    touched.addAll(after.entries().keySet());
    for (var id : touched) {
      var old = before.get(id).orElse(Cell.empty(id.kind()));
      var now = after.get(id).orElse(Cell.empty(id.kind()));
      if (!old.equals(now)) {
        context.addAll(dots(old));
        context.removeAll(dots(now));
        written.put(id, difference(old, now));
      }
    }
    context.add(dot);
    return new Causal<>(new DotMap<>(written), new Dots(context));
  }

  private static Cell difference(Cell old, Cell now) {
    return switch (now) {
      case Cell.Share share -> share;
      case Cell.Presence(var dots) -> new Cell.Presence(without(dots, dots(old)));
      case Cell.Contested(var marks) -> new Cell.Contested(without(marks, dots(old)));
      case Cell.Register(var values) -> new Cell.Register(without(values, dots(old)));
    };
  }

  private static <V> DotFun<V> without(DotFun<V> store, NavigableSet<Dot> dots) {
    return store.without(dots::contains);
  }

  private static NavigableSet<Dot> dots(Cell cell) {
    return switch (cell) {
      case Cell.Presence(DotFun<Unit>(var entries)) -> new TreeSet<>(entries.keySet());
      case Cell.Contested(DotFun<Mark>(var entries)) -> new TreeSet<>(entries.keySet());
      case Cell.Register(DotFun<Assignment>(var entries)) -> new TreeSet<>(entries.keySet());
      case Cell.Share _ -> new TreeSet<>();
    };
  }
}
