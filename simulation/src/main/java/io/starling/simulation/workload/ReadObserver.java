package io.starling.simulation.workload;

import io.starling.crdt.read.View;
import io.starling.replica.message.Token;
import io.starling.simulation.world.SimulatedSpace;

/// Sees what clients read.
@FunctionalInterface
public interface ReadObserver {

  /// A node claims to have all that the session has seen, and showed it a value.
  void read(Session session, SimulatedSpace space, String key, View view, Token token);
}
