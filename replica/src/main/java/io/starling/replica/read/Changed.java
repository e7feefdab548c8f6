package io.starling.replica.read;

import java.util.SortedSet;

/// What changed between a token and a snapshot.
public sealed interface Changed {

  /// @param keys with a value that may have changed; the snapshot shows what they read now
  record Keys(SortedSet<String> keys) implements Changed {}

  /// More keys than were asked for have changed.
  record TooMany() implements Changed {}

  /// More of the log would have to be read than is allowed.
  record OverBudget() implements Changed {}

  /// The log does not reach back to the token.
  record BehindLog() implements Changed {}
}
