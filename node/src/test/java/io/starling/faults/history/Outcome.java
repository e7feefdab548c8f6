package io.starling.faults.history;

/// What whoever asked knows in the end.
public enum Outcome {
  /// It was acknowledged.
  DONE,
  /// It was said not to have happened.
  REFUSED,
  /// No answer: it may have happened, once.
  UNKNOWN
}
