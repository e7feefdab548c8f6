package io.starling.replica.apply;

import java.util.SortedSet;

/// What became of a batch that came from elsewhere.
public sealed interface Verdict {

  /// Its effects are staged.
  ///
  /// @param keys with a value that may have changed
  record Applied(SortedSet<String> keys) implements Verdict {}

  /// Its causes are not here yet.
  record Waits() implements Verdict {}

  /// It contradicts what is applied: another branch of its replica, or built upon one.
  record Forked(String message) implements Verdict {}

  /// It can never be applied, on any node; nor can what is chained to it.
  record Invalid(String message) implements Verdict {}
}
