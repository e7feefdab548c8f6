package io.starling.replica.port;

/// Opens snapshots of a space's durable state, for work that spans several events.
@FunctionalInterface
public interface SnapshotPort {

  /// A snapshot of what every [Changes] ordered so far has left. To be closed.
  StateSnapshot open();
}
