package io.starling.simulation.world;

import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.Replica;
import io.starling.replica.status.Position;
import io.starling.replica.status.SpaceStatus;
import java.time.Instant;
import java.util.List;

/// The engine of one space, as the world drives it: production's, or in tests one with a planted
/// bug.
public interface Engine {

  /// As [Replica#on].
  List<Effect> on(Event event, Instant now);

  /// As [Replica#status].
  SpaceStatus status();

  /// As [Replica#position].
  Position position();

  /// Opens an engine over its store, at each start of a node.
  @FunctionalInterface
  interface Factory {

    /// What production runs.
    Factory PRODUCTION =
        (setup, now) -> {
          var replica = Replica.open(setup, now);
          return new Engine() {
            @Override
            public List<Effect> on(Event event, Instant at) {
              return replica.on(event, at);
            }

            @Override
            public SpaceStatus status() {
              return replica.status();
            }

            @Override
            public Position position() {
              return replica.position();
            }
          };
        };

    Engine open(Replica.Setup setup, Instant now);
  }
}
