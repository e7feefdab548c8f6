package io.starling.simulation.world;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// How often things happened in a run, by name.
public final class Counts {

  private final TreeMap<String, Long> counts = new TreeMap<>();

  public void add(String what) {
    add(what, 1);
  }

  public void add(String what, long more) {
    counts.merge(what, more, Long::sum);
  }

  /// Keeps the largest of the numbers given.
  public void max(String what, long candidate) {
    counts.merge(what, candidate, Math::max);
  }

  public long of(String what) {
    return counts.getOrDefault(what, 0L);
  }

  public SortedMap<String, Long> all() {
    return Collections.unmodifiableSortedMap(counts);
  }
}
