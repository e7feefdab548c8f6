package io.starling.crdt.store;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// Dots that each carry a value which never changes. Where only presence counts, the value is
/// [Unit], and this is the literature's dot set.
///
/// @param entries ordered by dot; unmodifiable
public record DotFun<V>(SortedMap<Dot, V> entries) implements DotStore<DotFun<V>> {

  private static final DotFun<?> EMPTY = new DotFun<>(new TreeMap<>());

  public DotFun {
    // Not `new TreeMap<>(entries)`, which would take over an order that is not that of dots.
    var ordered = new TreeMap<Dot, V>();
    ordered.putAll(entries);
    entries = Collections.unmodifiableSortedMap(ordered);
  }

  /// The store without a dot.
  @SuppressWarnings("unchecked") // it has no value of any type
  public static <V> DotFun<V> empty() {
    return (DotFun<V>) EMPTY;
  }

  /// The store of one dot.
  public static <V> DotFun<V> of(Dot dot, V value) {
    var entries = new TreeMap<Dot, V>();
    entries.put(dot, value);
    return new DotFun<>(entries);
  }

  @Override
  public boolean isEmpty() {
    return entries.isEmpty();
  }

  @Override
  public DotFun<V> join(CausalContext mine, DotFun<V> that, CausalContext theirs) {
    var joined = new TreeMap<>(entries);
    joined.keySet().removeIf(dot -> !that.entries.containsKey(dot) && theirs.covers(dot));
    that.entries.forEach((dot, value) -> {
      if (!mine.covers(dot)) {
        joined.put(dot, value);
      }
    });
    return new DotFun<>(joined);
  }

  @Override
  public DotFun<V> joinAbsent(CausalContext theirs) {
    return without(theirs);
  }

  /// This store without the dots that a context covers.
  public DotFun<V> without(CausalContext removed) {
    if (!isAnyCovered(removed)) {
      return this;
    }
    if (entries.size() == 1) {
      return empty();
    }
    var rest = new TreeMap<>(entries);
    rest.keySet().removeIf(removed::covers);
    return new DotFun<>(rest);
  }

  private boolean isAnyCovered(CausalContext context) {
    for (var dot : entries.keySet()) {
      if (context.covers(dot)) {
        return true;
      }
    }
    return false;
  }

  /// This store with one more dot.
  public DotFun<V> with(Dot dot, V value) {
    if (entries.isEmpty()) {
      return of(dot, value);
    }
    var more = new TreeMap<>(entries);
    more.put(dot, value);
    return new DotFun<>(more);
  }
}
