package io.starling.faults.history;

import io.starling.faults.history.Operation.Write;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Function;

/// What an object has to read as, whatever order its writes came in: the declared semantics,
/// evaluated over the writes that a read shows.
final class Meaning {

  private final List<Write> shown;

  Meaning(Map<Integer, Write> writes, Writes shown) {
    this.shown = shown.stream().mapToObj(writes::get).toList();
  }

  /// What must be there, and what may be: they differ where it is not known how much of what its
  /// client had seen the node that took a write had.
  record Bounds(SortedSet<Integer> least, SortedSet<Integer> most) {

    boolean allows(SortedSet<Integer> read) {
      return read.containsAll(least) && most.containsAll(read);
    }

    @Override
    public String toString() {
      return least.equals(most) ? "" + least : least + " to " + most;
    }
  }

  long count() {
    return shown.stream()
        .mapToLong(write -> write.change() instanceof Change.Count(long amount) ? amount : 0)
        .sum();
  }

  /// An addition stands until someone who has seen it removes the element.
  Bounds items() {
    return standing(
        write ->
            write.change() instanceof Change.Add(int element)
                ? OptionalInt.of(element)
                : OptionalInt.empty(),
        (element, later) -> later.change() instanceof Change.Remove(int it) && it == element);
  }

  /// A value stands until someone who has seen it assigns another.
  Bounds values() {
    return standing(
        write ->
            write.change() instanceof Change.Assign
                ? OptionalInt.of(write.number())
                : OptionalInt.empty(),
        (_, later) -> later.change() instanceof Change.Assign);
  }

  /// @param entry what a write puts there
  /// @param mayEnd whether a write, if it has seen that, takes it away
  private Bounds standing(Function<Write, OptionalInt> entry, BiPredicate<Integer, Write> mayEnd) {
    var least = new TreeSet<Integer>();
    var most = new TreeSet<Integer>();
    for (var write : shown) {
      entry
          .apply(write)
          .ifPresent(put -> {
            var ending =
                shown.stream().filter(it -> mayEnd.test(put, it) && sees(it, write)).toList();
            if (ending.isEmpty()) {
              least.add(put);
            }
            if (ending.stream().noneMatch(it -> it.seen().orElseThrow().isExact())) {
              most.add(put);
            }
          });
    }
    return new Bounds(least, most);
  }

  private static boolean sees(Write later, Write earlier) {
    return later.seen().filter(it -> it.writes().contains(earlier.number())).isPresent();
  }
}
