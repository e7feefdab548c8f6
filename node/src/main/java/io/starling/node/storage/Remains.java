package io.starling.node.storage;

import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.StatePort;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/// What is left of a damaged store. Nothing in it is to be believed but what is signed; reads of
/// what cannot be read throw [io.starling.replica.port.StorageFailure].
public interface Remains extends AutoCloseable {

  /// Where the store is.
  Path place();

  /// The spaces that the store had.
  Set<SpaceId> spaces();

  /// The state of a space; empty if the store never had it.
  Optional<StatePort> space(SpaceId id);

  @Override
  void close();
}
