package io.starling.node.storage;

import io.starling.replica.port.Changes;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.StateSnapshot;

/// The store of one space. Reads are safe from any thread; one thread writes.
///
/// All fail by throwing [io.starling.replica.port.StorageFailure].
public interface SpaceStore {

  /// The durable state as it is at each read.
  StatePort live();

  /// Opens a snapshot of the durable state. To be closed.
  StateSnapshot snapshot();

  /// Fails if a write would be refused: for want of room, or until [#recover()]. Nothing was tried
  /// then.
  void checkWritable();

  /// Makes changes durable and visible, together. When this returns they survive a loss of power.
  ///
  /// After a failure nothing of them is visible, no write succeeds until [#recover()], and whether
  /// they come to be visible then is not known.
  void persist(Changes changes);

  /// Notes durably that the store holds what was not written to it, so that it is made anew where
  /// that can be done.
  default void damaged(String what) {}

  /// Makes the store writable again after a failure, and proves it with a write. Harmless when
  /// nothing failed. What the live state shows afterwards is what is durable.
  void recover();
}
