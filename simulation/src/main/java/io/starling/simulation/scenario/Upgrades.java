package io.starling.simulation.scenario;

import io.starling.simulation.chance.Draws;
import io.starling.simulation.world.World;
import java.time.Duration;

/// Some founders are of the older version, and an operator upgrades one after the other.
public final class Upgrades {

  private final World world;
  private final Draws draws;

  public Upgrades(World world, Draws draws) {
    this.world = world;
    this.draws = draws;
  }

  /// Before any node starts.
  ///
  /// @param after how long it takes until a node is upgraded, on average; zero if all are of the
  ///   newer version
  public void start(Duration after) {
    if (after.isZero()) {
      return;
    }
    var founders = world.nodes();
    int one = draws.below(founders.size());
    for (var node : founders) {
      if (node.number() == one || draws.perMille(500)) {
        world.versions().begin(node);
        world.agenda().after(draws.wait(after), () -> world.versions().upgrade(node));
      }
    }
  }

  /// The last ones, too.
  public void mend() {
    world.nodes().forEach(world.versions()::upgrade);
  }
}
