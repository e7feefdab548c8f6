package io.starling.simulation.world;

/// Where in its work a node stops.
public enum CrashPoint {
  /// At once, whatever it is doing.
  NOW,
  /// When the next write is ordered; the write is lost.
  BEFORE_SYNC,
  /// When the next write is durable and nobody has heard of it yet.
  AFTER_SYNC,
  /// After the next message or answer has left, before those that follow it.
  BETWEEN_EFFECTS
}
