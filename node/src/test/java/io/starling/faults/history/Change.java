package io.starling.faults.history;

/// What a write does to its object, beside telling its number there.
///
/// An object is a document with a field of each kind: `count`, a counter; `items`, a set; `value`,
/// a register; and `writes`, a set to which each write adds its own number in the same transaction.
/// So each read tells exactly which writes it shows.
public sealed interface Change {

  /// Counts up or down.
  record Count(long amount) implements Change {}

  /// Puts an element into the set, be it there or not.
  record Add(int element) implements Change {}

  /// Takes an element out of the set.
  record Remove(int element) implements Change {}

  /// Gives the register the number of this write.
  record Assign() implements Change {}
}
