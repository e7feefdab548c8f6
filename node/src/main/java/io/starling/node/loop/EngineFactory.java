package io.starling.node.loop;

import io.starling.node.storage.SpaceStore;
import io.starling.replica.Replica;
import java.time.Instant;

/// Opens a replica of one space over its store, each time under a new incarnation.
@FunctionalInterface
public interface EngineFactory {

  /// @throws io.starling.replica.port.StorageFailure if the store cannot be read, or must not be
  Replica open(SpaceStore store, Instant now);
}
