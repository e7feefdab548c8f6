package io.starling.fuzz;

import java.util.List;
import java.util.Set;

/// Something that reads what comes from outside.
///
/// @param name of the method, as [Readers#name] makes it
/// @param refusals what it may throw instead
/// @param seeds files of frozen encodings, below a module's `src/test/resources`, or examples
///   themselves after `=`
record Reader(
    String name, Body body, Set<Class<? extends Throwable>> refusals, List<String> seeds) {

  Reader {
    refusals = Set.copyOf(refusals);
    seeds = List.copyOf(seeds);
  }

  /// Reads, and compares with what was read what it writes, if there is one form only.
  @FunctionalInterface
  interface Body {
    void read(byte[] bytes) throws Throwable;
  }

  /// Reads made-up bytes.
  ///
  /// @throws AssertionError if that ends in any way but those it may, or takes too much memory
  void take(byte[] bytes) {
    long allocated = reading(bytes);
    // Classes are loaded, and instrumented, at their first use: only what it takes again counts.
    for (int again = 0; again < 3 && allocated > Allocated.max(bytes.length); again++) {
      allocated = reading(bytes);
    }
    if (allocated > Allocated.max(bytes.length)) {
      throw new AssertionError(name + " took " + allocated + " bytes to read " + bytes.length);
    }
  }

  private long reading(byte[] bytes) {
    long before = Allocated.bytes();
    try {
      body.read(bytes);
    } catch (Throwable thrown) {
      if (refusals.stream().noneMatch(it -> it.isInstance(thrown))) {
        throw new AssertionError(name + " met " + thrown, thrown);
      }
    }
    return Allocated.bytes() - before;
  }
}
