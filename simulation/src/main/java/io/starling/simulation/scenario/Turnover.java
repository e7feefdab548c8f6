package io.starling.simulation.scenario;

import io.starling.replica.Effect;
import io.starling.replica.request.Mutation;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.world.CrashPoint;
import io.starling.simulation.world.Observer;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/// Members that leave for good, are away for long, or whose machine is lost; and operators who let
/// go of those.
final class Turnover {

  private static final Duration LAPSE_MOST = Duration.ofSeconds(3);
  private static final Duration TIMEOUT_LEAST = Duration.ofSeconds(1);
  private static final Duration SET_BACK_MOST = Duration.ofMillis(100);
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

  /// Has some of those who leave stop right when they come to say so, and some lose their store
  /// then, or get back one of right before: before they have said so, or when others may have heard
  /// it. Of some who have left, the only machine that had heard it is lost.
  ///
  /// @param crash stops a node at some point of its work, and starts it again
  /// @param setBack stops a node, and starts it again over another store
  Observer crashing(
      Consumer<SimulatedNode> crash, BiConsumer<SimulatedNode, SimulatedNode.Backup> setBack) {
    return new Observer() {
      private final TreeMap<Integer, SimulatedNode.Backup> before = new TreeMap<>();
      private final TreeMap<Integer, SimulatedNode.Backup> awaited = new TreeMap<>();

      @Override
      public void handedOver(SimulatedNode node) {
        before.put(node.number(), node.backup());
        crashPerhaps(node);
      }

      @Override
      public void leavingNoted(SimulatedNode node) {
        boolean isSetBack = draws.perMille(300);
        var other = draws.perMille(300) ? SimulatedNode.NOTHING : before.get(node.number());
        long wait = draws.wait(Duration.ZERO, SET_BACK_MOST);
        if (!isSetBack || other == null || !node.hosting().stored().isEmpty()) {
          crashPerhaps(node);
        } else if (draws.perMille(300)) {
          setBackLater(node, other, wait);
        } else {
          awaited.put(node.number(), other);
        }
      }

      @Override
      public void left(SimulatedNode node) {
        var knowing =
            world.remaining().stream().filter(other -> other.knowsLeft(node.key())).toList();
        boolean isLost = knowing.size() == 1 && draws.perMille(400);
        if (isLost && mayGo(knowing.getFirst())) {
          count("lost with what only it had heard");
          lose(knowing.getFirst());
        }
      }

      @Override
      public void durable(SimulatedSpace space, List<Effect.Applied> applied) {
        var node = space.node();
        if (awaited.containsKey(node.number()) && node.leaving().hasStated()) {
          setBackLater(
              node, awaited.remove(node.number()), draws.wait(Duration.ZERO, SET_BACK_MOST));
        }
      }

      private void setBackLater(SimulatedNode node, SimulatedNode.Backup other, long nanos) {
        int start = node.starts();
        world
            .agenda()
            .after(
                nanos,
                () -> {
                  if (node.starts() == start) {
                    setBack.accept(node, other);
                  }
                });
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
      lose(node);
    } else {
      count("absence");
      world.note("plan", node + " is away");
      node.crash(CrashPoint.NOW);
      later.run(away, node::startAgain);
    }
    later.run(lapse, () -> lapse(node, draws.pick(world.nodes())));
  }

  private void lose(SimulatedNode node) {
    count("lost machine");
    world.note("plan", "the machine of " + node + " is lost");
    node.lose();
  }

  /// In the end an operator lets go of all that do not come back and are not said to have left:
  /// whose machine is lost, and who has left and told it to none whose store is still there.
  void letGoOfTheLost() {
    for (var node : world.nodes()) {
      if (node.isGone() && !node.isUp() && !isKnownToHaveLeft(node)) {
        staying().stream()
            .filter(at -> at.isUp() && !at.system().isRebuilding())
            .findFirst()
            .filter(at -> !world.lapsed(at).contains(node.key()))
            .ifPresent(at -> lapse(node, at));
      }
    }
  }

  private boolean isKnownToHaveLeft(SimulatedNode node) {
    boolean isKnown = world.remaining().stream().anyMatch(other -> other.knowsLeft(node.key()));
    if (node.leaving().isOver() && !isKnown) {
      world.counts().add("departures that nobody knows of");
    }
    return isKnown;
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
