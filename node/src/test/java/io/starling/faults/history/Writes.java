package io.starling.faults.history;

import java.util.BitSet;
import java.util.Collection;
import java.util.stream.IntStream;

/// Writes to one object, by their numbers there. Immutable.
public final class Writes {

  public static final Writes NONE = new Writes(new BitSet());

  private final BitSet numbers;

  private Writes(BitSet numbers) {
    this.numbers = numbers;
  }

  public static Writes of(Collection<Integer> numbers) {
    var set = new BitSet();
    numbers.forEach(set::set);
    return new Writes(set);
  }

  public static Writes of(Integer... numbers) {
    return of(java.util.List.of(numbers));
  }

  public boolean contains(int number) {
    return numbers.get(number);
  }

  public boolean covers(Writes others) {
    return others.without(this).numbers.isEmpty();
  }

  public Writes without(Writes others) {
    var left = (BitSet) numbers.clone();
    left.andNot(others.numbers);
    return new Writes(left);
  }

  public Writes and(Writes others) {
    var all = (BitSet) numbers.clone();
    all.or(others.numbers);
    return new Writes(all);
  }

  public IntStream stream() {
    return numbers.stream();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Writes writes && numbers.equals(writes.numbers);
  }

  @Override
  public int hashCode() {
    return numbers.hashCode();
  }

  @Override
  public String toString() {
    return numbers.toString();
  }
}
