package io.starling.simulation.scenario;

import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.SpaceNotes;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/// Operators who create spaces and drop them, each by what the `_system` of one member says: so two
/// who are apart may do the same, or one the opposite of the other.
public final class SpaceTurnover {

  private static final Duration CRASH_MOST = Duration.ofMillis(700);

  private final World world;
  private final Operator operator;
  private final Draws draws;

  /// Writes to a space in an operator's name, by what it has read before.
  @FunctionalInterface
  public interface Operator {
    void write(SimulatedSpace space, Token seen, List<Mutation> mutations);
  }

  SpaceTurnover(World world, Operator operator, Draws draws) {
    this.world = world;
    this.operator = operator;
    this.draws = draws;
  }

  Draws draws() {
    return draws;
  }

  /// Creates a space, or drops one; now and then at two members that may not know of each other.
  ///
  /// @param crash stops a node at some point of its work, and starts it again
  void turnOver(Consumer<SimulatedNode> crash, Later later) {
    var name = draws.pick(SpaceNotes.NAMES);
    boolean isDouble = draws.perMille(300);
    var before = "";
    for (int i = 0; i < (isDouble ? 2 : 1); i++) {
      var at = draws.pick(world.nodes());
      long wait = draws.wait(Duration.ZERO, CRASH_MOST);
      boolean crashes = draws.perMille(300);
      if (at.isUp() && !at.isPaused()) {
        var stated = turnOver(name, at);
        if (stated.equals(before)) {
          world.counts().add("fault: said twice");
        }
        before = stated;
        if (crashes) {
          later.run(wait, () -> crash.accept(at));
        }
      }
    }
  }

  /// @return what was stated
  private String turnOver(String name, SimulatedNode at) {
    var notes = at.hosting().notes(name);
    boolean isDrop = notes.isCreated();
    world.counts().add(isDrop ? "fault: drop" : "fault: creation");
    var stated = (isDrop ? "drop of " : "creation of ") + name + " " + notes.generation();
    world.note("plan", stated + " at " + at);
    operator.write(at.system(), notes.seen(), world.statements().turnOver(notes));
    return stated;
  }
}
