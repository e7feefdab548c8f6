package io.starling.faults;

/// What goes wrong.
enum FaultKind {
  /// Two groups that do not reach each other.
  HALVES(true),
  /// One node that reaches nobody.
  ISOLATION(true),
  /// What one node sends to another does not arrive; the other way it does.
  ONE_WAY(true),
  /// Two groups that do not reach each other, and one node that reaches both.
  BRIDGE(true),
  /// Packets are dropped at random on all links.
  LOSS(true),
  /// All links are slow.
  LATENCY(true),
  /// A process stands still, and goes on.
  PAUSE(false),
  /// `kill -9`, and a new start.
  KILL(false),
  /// A clean stop, and a new start.
  RESTART(false),
  /// A disk has no room.
  DISK_FULL(false),
  /// What a node answers does not reach its clients, though what they ask reaches it.
  ANSWERS_LOST(false);

  private final boolean isOfTheNetwork;

  FaultKind(boolean isOfTheNetwork) {
    this.isOfTheNetwork = isOfTheNetwork;
  }

  /// One of these, and one of the others, may go on at the same time.
  boolean isOfTheNetwork() {
    return isOfTheNetwork;
  }
}
