package io.starling.node.storage;

import io.starling.replica.batch.SpaceId;

/// The store of a node: the state of all its spaces. Safe to use from any thread.
public interface NodeStore extends AutoCloseable {

  /// The store of a space; created empty if it is not there.
  ///
  /// @throws io.starling.replica.port.StorageFailure if that cannot be written
  SpaceStore space(SpaceId id);

  /// Closes the store. Reads and writes fail from then on, those of open snapshots too.
  @Override
  void close();
}
