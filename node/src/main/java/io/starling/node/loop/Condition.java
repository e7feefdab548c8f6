package io.starling.node.loop;

/// Whether a loop takes writes. Reads of the space go on in any condition.
public sealed interface Condition {

  record Running() implements Condition {}

  /// The store fails or is full. Writes are refused and messages dropped until it recovers, which
  /// is tried again and again.
  ///
  /// @param reason what the store says, for an operator
  record Degraded(String reason) implements Condition {}

  /// A bug was met. Nothing more is written until the node is started again.
  record Failed(String reason) implements Condition {}

  /// The node is stopping.
  record Stopped() implements Condition {}
}
