package io.starling.architecture.bad.crdt;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What the rules must leave alone.
public final class AllowedAlgebra {

  byte[] digest(byte[] of) throws NoSuchAlgorithmException {
    return MessageDigest.getInstance("SHA-256").digest(of);
  }

  Object collections() {
    var one = Set.of("a");
    var entry = Map.of("a", 1);
    var ordered = new LinkedHashMap<>(new TreeMap<>(entry));
    return List.of(one, Map.of(), Set.of(), ordered, new TreeSet<>(one));
  }

  Object collectors() {
    var sorted = Stream.of("a").collect(Collectors.toCollection(TreeSet::new));
    return sorted.stream()
        .collect(Collectors.groupingBy(String::length, TreeMap::new, Collectors.toList()));
  }

  long seeded(long[] from) {
    var to = new long[1];
    System.arraycopy(from, 0, to, 0, 1);
    return new SplittableRandom(to[0]).nextLong();
  }
}
