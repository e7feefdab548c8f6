package io.starling.crdt.model;

import io.starling.crdt.causal.CausalContext;
import io.starling.crdt.causal.Dot;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/// A causal context with holes: the context of a delta.
public record Dots(SortedSet<Dot> dots) implements CausalContext {

  public static final Dots NONE = new Dots(new TreeSet<>());

  public Dots {
    dots = Collections.unmodifiableSortedSet(new TreeSet<>(dots));
  }

  @Override
  public boolean covers(Dot dot) {
    return dots.contains(dot);
  }

  @Override
  public CausalContext or(CausalContext that) {
    if (!(that instanceof Dots(var others))) {
      return CausalContext.super.or(that);
    }
    var all = new TreeSet<>(dots);
    all.addAll(others);
    return new Dots(all);
  }
}
