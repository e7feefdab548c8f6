package io.starling.crdt.store;

import io.starling.crdt.causal.CausalContext;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Dot stores under keys; a key whose store is empty is absent.
///
/// @param entries ordered by key; unmodifiable
public record DotMap<K extends Comparable<K>, S extends DotStore<S>>(SortedMap<K, S> entries)
    implements DotStore<DotMap<K, S>> {

  public DotMap {
    // Not `new TreeMap<>(entries)`, which would take over an order that is not that of keys.
    var full = new TreeMap<K, S>();
    full.putAll(entries);
    full.values().removeIf(DotStore::isEmpty);
    entries = Collections.unmodifiableSortedMap(full);
  }

  /// The map without a key.
  public static <K extends Comparable<K>, S extends DotStore<S>> DotMap<K, S> empty() {
    return new DotMap<K, S>(new TreeMap<>());
  }

  /// The store under a key, if one is there.
  public Optional<S> get(K key) {
    return Optional.ofNullable(entries.get(key));
  }

  @Override
  public boolean isEmpty() {
    return entries.isEmpty();
  }

  @Override
  public DotMap<K, S> join(CausalContext mine, DotMap<K, S> that, CausalContext theirs) {
    var joined = new TreeMap<K, S>();
    // A key that only one side holds meets the other side's emptiness.
    entries.forEach((key, store) ->
        joined.put(
            key,
            that.get(key)
                .map(other -> store.join(mine, other, theirs))
                .orElseGet(() -> store.joinAbsent(theirs))));
    that.entries.forEach((key, store) -> {
      if (!entries.containsKey(key)) {
        joined.put(key, store.joinAbsent(mine));
      }
    });
    return new DotMap<>(joined);
  }

  @Override
  public DotMap<K, S> joinAbsent(CausalContext theirs) {
    var rest = new TreeMap<>(entries);
    rest.replaceAll((_, store) -> store.joinAbsent(theirs));
    return new DotMap<>(rest);
  }
}
