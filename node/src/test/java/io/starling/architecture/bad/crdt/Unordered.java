package io.starling.architecture.bad.crdt;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

final class Unordered {

  Object map() {
    return new HashMap<String, String>();
  }

  Object set() {
    return new HashSet<String>();
  }

  Object identity() {
    return new IdentityHashMap<String, String>();
  }

  Supplier<Collection<String>> reference() {
    return HashSet::new;
  }

  Object setOf() {
    return Set.of(1, 2);
  }

  Object mapOf() {
    return Map.of(1, 2, 3, 4);
  }

  Object setCopy() {
    return Set.copyOf(List.of(1));
  }

  Object mapCopy(Map<String, String> from) {
    return Map.copyOf(from);
  }

  Object entries() {
    return Map.ofEntries(Map.entry(1, 2));
  }

  Object toSet() {
    return Stream.of(1).collect(Collectors.toSet());
  }

  Object toMap() {
    return Stream.of(1).collect(Collectors.toMap(x -> x, x -> x));
  }

  Object grouping() {
    return Stream.of(1).collect(Collectors.groupingBy(x -> x));
  }

  Object parallel() {
    return Arrays.asList(1, 2).parallelStream();
  }
}
