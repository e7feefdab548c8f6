package io.starling.simulation.scenario;

import io.starling.replica.request.Mutation;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.world.CrashPoint;
import io.starling.simulation.world.Observer;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// Members that leave for good, are away for long, or whose machine is lost; and operators who let
/// go of those.
final class Turnover {

  private static final Duration LAPSE_MOST = Duration.ofSeconds(3);
  private static final Duration TIMEOUT_LEAST = Duration.ofSeconds(1);
  private static final int STAYING_LEAST = 2;
  private static final int COPIES_MOST = 2;

  private final World world;
  private final BiConsumer<SimulatedSpace, Mutation> operator;
  private final Draws draws;

  Turnover(World world, BiConsumer<SimulatedSpace, Mutation> operator, Draws draws) {
    this.world = world;
    this.operator = operator;
    this.draws = draws;
  }

  Draws draws() {
    return draws;
  }

  /// A member is asked to leave.
  ///
  /// @param timeout how long it has, on average
  void leave(Duration timeout) {
    var node = draws.pick(world.nodes());
    int copies = draws.between(1, COPIES_MOST);
    var within = TIMEOUT_LEAST.plusNanos(draws.wait(timeout));
    boolean mayLeave = mayGo(node) && staying().size() > copies;
    if (mayLeave && node.leaving().begin(copies, within)) {
      count("departure");
      world.note("plan", node + " is to leave, when " + copies + " others have all");
    }
  }

  /// Has some of those who leave stop right when they come to say so.
  ///
  /// @param crash stops a node at some point of its work, and starts it again
  Observer crashing(Consumer<SimulatedNode> crash) {
    return new Observer() {
      @Override
      public void handedOver(SimulatedNode node) {
        crashPerhaps(node);
      }

      @Override
      public void leavingNoted(SimulatedNode node) {
        crashPerhaps(node);
      }

      private void crashPerhaps(SimulatedNode node) {
        if (draws.perMille(300)) {
          crash.accept(node);
        }
      }
    };
  }

  /// A member goes down for long, perhaps for ever; after a while an operator lets go of it.
  ///
  /// @param lasting how long it is away, on average
  void goAway(Duration lasting, Later later) {
    var node = draws.pick(world.nodes());
    boolean isLost = draws.perMille(300);
    long away = draws.wait(lasting);
    long lapse = draws.wait(Duration.ZERO, LAPSE_MOST);
    if (!mayGo(node)) {
      return;
    }
    if (isLost) {
      count("lost machine");
      world.note("plan", "the machine of " + node + " is lost");
      node.lose();
    } else {
      count("absence");
      world.note("plan", node + " is away");
      node.crash(CrashPoint.NOW);
      later.run(away, node::startAgain);
    }
    later.run(lapse, () -> lapse(node, draws.pick(world.nodes())));
  }

  /// In the end an operator lets go of all whose machine is lost.
  void letGoOfTheLost() {
    for (var node : world.nodes()) {
      if (node.isGone() && !node.leaving().isOver()) {
        staying().stream().filter(SimulatedNode::isUp).findFirst().ifPresent(at -> lapse(node, at));
      }
    }
  }

  private void lapse(SimulatedNode node, SimulatedNode at) {
    if (at.isUp() && at != node && !node.isUp()) {
      count("lapse");
      world.note("plan", "at " + at + " no log is to be kept for " + node);
      operator.accept(at.system(), world.statements().lapse(node));
    }
  }

  private boolean mayGo(SimulatedNode node) {
    var staying = staying();
    return node.isUp() && staying.contains(node) && staying.size() > STAYING_LEAST;
  }

  private List<SimulatedNode> staying() {
    return world.remaining().stream()
        .filter(node -> !node.leaving().isUnderWay() && !node.leaving().hasStated())
        .toList();
  }

  private void count(String what) {
    world.counts().add("fault: " + what);
  }
}
