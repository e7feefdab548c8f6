package io.starling.node.transport;

import io.starling.replica.Effect;
import io.starling.replica.batch.SpaceId;

/// Where the transport says what an operator should know. Called from any thread; must not block.
@FunctionalInterface
public interface PeerAlarms {

  /// Takes an alarm about a space.
  void raise(SpaceId space, Effect.Kind kind, String message);
}
