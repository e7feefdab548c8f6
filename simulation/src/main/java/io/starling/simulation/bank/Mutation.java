package io.starling.simulation.bank;

import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.Replica;
import io.starling.replica.status.Position;
import io.starling.replica.status.SpaceStatus;
import io.starling.simulation.world.Engine;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// What a planted bug does to what goes into an engine and what comes out of it.
interface Mutation {

  /// Changes what the engine is made of.
  default Replica.Setup setup(Replica.Setup setup) {
    return setup;
  }

  /// Changes what the engine is told.
  default Event event(Event event) {
    return event;
  }

  /// Changes the time it is told.
  default Instant time(Instant now) {
    return now;
  }

  /// Changes what it answers.
  default List<Effect> effects(Event event, List<Effect> effects, SpaceStatus status) {
    return effects;
  }

  /// One that changes what the engine is made of.
  static Mutation ofSetup(UnaryOperator<Replica.Setup> change) {
    return new Mutation() {
      @Override
      public Replica.Setup setup(Replica.Setup setup) {
        return change.apply(setup);
      }
    };
  }

  /// One that changes what it is told.
  static Mutation ofEvents(UnaryOperator<Event> change) {
    return new Mutation() {
      @Override
      public Event event(Event event) {
        return change.apply(event);
      }
    };
  }

  /// One that changes what it answers.
  static Mutation ofEffects(UnaryOperator<List<Effect>> change) {
    return new Mutation() {
      @Override
      public List<Effect> effects(Event event, List<Effect> effects, SpaceStatus status) {
        return change.apply(effects);
      }
    };
  }

  /// An engine with a new mutation at each start.
  static Engine.Factory factory(Supplier<Mutation> mutations) {
    return (setup, now) -> {
      var mutation = mutations.get();
      var engine = Engine.Factory.PRODUCTION.open(mutation.setup(setup), mutation.time(now));
      return new Engine() {
        @Override
        public List<Effect> on(Event event, Instant at) {
          var effects = engine.on(mutation.event(event), mutation.time(at));
          return mutation.effects(event, effects, engine.status());
        }

        @Override
        public SpaceStatus status() {
          return engine.status();
        }

        @Override
        public Position position() {
          return engine.position();
        }
      };
    };
  }
}
