package io.starling.node.hosting;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// A value that is worked out once and kept until something it came from has changed. Safe to use
/// from any thread.
final class Remembered<T> {

  private final AtomicLong changes = new AtomicLong();
  private volatile Optional<Known<T>> known = Optional.empty();

  private record Known<T>(T value, long changes) {}

  /// The value, worked out now if it is not known.
  T get(Supplier<T> work) {
    long now = changes.get();
    var last = known;
    if (last.isPresent() && last.get().changes() == now) {
      return last.get().value();
    }
    // If something changes while this works, the number is old and nobody takes the value for new.
    var value = work.get();
    known = Optional.of(new Known<>(value, now));
    return value;
  }

  void forget() {
    changes.incrementAndGet();
  }
}
