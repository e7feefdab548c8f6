package io.starling.faults;

import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/// The objects that clients work on at the moment, and the numbers of the writes to each. Safe to
/// use from any thread.
final class Objects {

  /// Clients meet on so many.
  private static final int AT_ONCE = 4;

  /// After so many writes to one there are new ones: a read shows all that were made to an object.
  private static final int WRITES_MAX = 150;

  private final Set<String> all = new TreeSet<>();
  private final int[] written = new int[AT_ONCE];
  private int generation;

  /// A write that is about to be made.
  record Next(String object, int number) {}

  synchronized String some(Random random) {
    return name(random.nextInt(AT_ONCE));
  }

  /// A number for a write to an object of these, even if there are newer ones by now.
  synchronized Next next(Random random) {
    int slot = random.nextInt(AT_ONCE);
    var next = new Next(name(slot), written[slot]++);
    all.add(next.object());
    if (written[slot] == WRITES_MAX) {
      generation++;
      java.util.Arrays.fill(written, 0);
    }
    return next;
  }

  private String name(int slot) {
    return "object/%d/%d".formatted(generation, slot);
  }

  /// All that were ever written to.
  synchronized Set<String> all() {
    return new TreeSet<>(all);
  }
}
