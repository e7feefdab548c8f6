package io.starling.replica.apply;

import io.starling.replica.batch.SignedBatch;
import java.util.SortedSet;

/// What became of a batch that came from elsewhere.
public sealed interface Verdict {

  /// Its effects are staged.
  ///
  /// @param batch as its author would have written it had it known of all forks known here
  /// @param keys with a value that may have changed
  record Applied(SignedBatch batch, SortedSet<String> keys) implements Verdict {}

  /// Its causes are not here yet.
  record Waits() implements Verdict {}

  /// It contradicts what is applied: another branch of its replica, or built upon one.
  record Forked(String message) implements Verdict {}

  /// It can never be applied, on any node; nor can what is chained to it.
  record Invalid(String message) implements Verdict {}
}
