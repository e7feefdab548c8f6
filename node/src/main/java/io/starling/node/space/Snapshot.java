package io.starling.node.space;

import io.starling.replica.read.SpaceReader;

/// A snapshot of a space, to be closed after use. Not thread-safe.
public interface Snapshot extends AutoCloseable {

  /// Reads this snapshot.
  SpaceReader reader();

  @Override
  void close();
}
