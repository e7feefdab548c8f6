package io.starling.node.loop;

import io.starling.replica.Replica;
import io.starling.replica.port.StatePort;
import java.time.Instant;

/// Opens a replica of one space over its store, each time under a new incarnation.
@FunctionalInterface
public interface EngineFactory {

  /// @throws io.starling.replica.port.StorageFailure if the store cannot be read, or must not be
  Replica open(StatePort state, Instant now);
}
