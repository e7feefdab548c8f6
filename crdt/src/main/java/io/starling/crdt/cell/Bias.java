package io.starling.crdt.cell;

/// Which of two concurrent operations on a flag or on one element of a set wins.
public enum Bias {
  /// The one that enables or adds. What was taken away leaves no trace.
  ADD,
  /// The one that disables or removes. A removal leaves a dot of a second kind ([Mark#REMOVED]),
  /// which stays until an operation on the same flag or element that has seen it takes its place.
  REMOVE;

  /// The kind of a flag with this bias.
  public CellKind flag() {
    return this == ADD ? CellKind.FLAG : CellKind.DISABLE_WINS_FLAG;
  }

  /// The kind of a set's elements with this bias.
  public CellKind set() {
    return this == ADD ? CellKind.SET : CellKind.REMOVE_WINS_SET;
  }
}
