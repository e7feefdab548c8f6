package io.starling.node.storage;

import io.starling.replica.batch.SpaceId;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// The store of a node: the state of all its spaces. Safe to use from any thread.
public interface NodeStore extends AutoCloseable {

  /// The store of a space; created empty if it is not there.
  ///
  /// @throws io.starling.replica.port.StorageFailure if that cannot be written
  SpaceStore space(SpaceId id);

  /// The spaces that are stored here.
  Set<SpaceId> spaces();

  /// Deletes a space with all that is stored of it, durably, in one step; harmless if it is not
  /// here. Nobody may write to its store any more. Snapshots that are open still show it. The room
  /// it took is given back by [#reclaimSome()], also after a restart.
  ///
  /// @throws io.starling.replica.port.StorageFailure if that cannot be written
  void drop(SpaceId id);

  /// Gives back a part of the room that dropped spaces took. One thread at a time.
  ///
  /// @return whether nothing more is to be given back
  /// @throws io.starling.replica.port.StorageFailure if it cannot be done; it may be tried again
  default boolean reclaimSome() {
    return true;
  }

  /// The making anew of this store, while it is under way.
  default Optional<Rebuilding> rebuilding() {
    return Optional.empty();
  }

  /// Has it said, once, that the store was found damaged while it was in use: from then on it is of
  /// no use until it is closed and opened again. Told on the thread that met the damage.
  default void whenDamaged(Consumer<String> told) {}

  /// Reads a further part of all that is stored, so that damage is found where nobody reads. One
  /// thread at a time.
  ///
  /// @return whether the end was reached; the next part is the first again
  /// @throws io.starling.replica.port.StorageFailure if it cannot be read
  default boolean checkSome() {
    return true;
  }

  /// Closes the store. Reads and writes fail from then on, those of open snapshots too.
  @Override
  void close();
}
