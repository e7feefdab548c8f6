package io.starling.simulation.scenario;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.message.Token;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.request.Mutation;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.SpaceNotes;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;

/// Operators who create spaces and drop them, each by what the `_system` of one member says: so two
/// who are apart may do the same, or one the opposite of the other.
public final class SpaceTurnover {

  private static final Duration CRASH_MOST = Duration.ofMillis(700);

  private final World world;
  private final Operator operator;
  private final Function<SimulatedNode, SortedSet<KeyFingerprint>> hosts;
  private final Draws draws;

  /// Writes to a space in an operator's name, by what it has read before.
  @FunctionalInterface
  public interface Operator {
    void write(SimulatedSpace space, Token seen, List<Mutation> mutations);
  }

  /// @param hosts whom an operator names as hosts of a space to be created; nobody, where it is to
  ///   be where spaces of the name are
  SpaceTurnover(
      World world,
      Operator operator,
      Function<SimulatedNode, SortedSet<KeyFingerprint>> hosts,
      Draws draws) {
    this.hosts = hosts;
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
      if (takesStatements(at)) {
        var stated = turnOver(name, at);
        if (!stated.isEmpty() && stated.equals(before)) {
          world.counts().add("fault: said twice");
        }
        before = stated;
        if (crashes) {
          later.run(wait, () -> crash.accept(at));
        }
      }
    }
  }

  /// Drops the spaces of which some node waits for more, and none has anything. Who hosts one alone
  /// waits for nobody; members that have lapsed are hosts as well.
  void dropWhatIsNowhere() {
    for (var name : SpaceNotes.NAMES) {
      world.remaining().stream()
          .filter(SpaceTurnover::takesStatements)
          .filter(at -> at.hosting().notes(name).isCreated())
          .filter(at -> isNowhere(at, at.hosting().notes(name)))
          .findFirst()
          .ifPresent(at -> {
            world.counts().add("operators dropped a space that is nowhere");
            turnOver(name, at);
          });
    }
  }

  private boolean isNowhere(SimulatedNode at, SpaceNotes notes) {
    var there =
        world.remaining().stream()
            .flatMap(node -> node.find(world.spaceId(notes.name(), notes.generation())).stream())
            .toList();
    return (there.size() > 1 || there.stream().anyMatch(it -> isOfTheLapsed(at, it)))
        && there.stream().anyMatch(SimulatedSpace::isRebuilding)
        && there.stream().allMatch(space -> space.ledger().size() == 0);
  }

  private boolean isOfTheLapsed(SimulatedNode at, SimulatedSpace space) {
    return world.lapsed(at).stream().anyMatch(space::isHostedBy);
  }

  static boolean takesStatements(SimulatedNode at) {
    return at.isUp() && !at.isPaused() && !at.leaving().isUnderWay() && !at.system().isRebuilding();
  }

  /// @return what was stated; nothing, if what was stated before cannot be read
  private String turnOver(String name, SimulatedNode at) {
    try {
      return turnOver(at, at.hosting().notes(name));
    } catch (StorageFailure unreadable) {
      at.foundDamaged(String.valueOf(unreadable.getMessage()));
      return "";
    }
  }

  private String turnOver(SimulatedNode at, SpaceNotes notes) {
    boolean isDrop = notes.isCreated();
    world.counts().add(isDrop ? "fault: drop" : "fault: creation");
    var stated = (isDrop ? "drop of " : "creation of ") + notes.name() + " " + notes.generation();
    world.note("plan", stated + " at " + at);
    var named = isDrop ? new TreeSet<KeyFingerprint>() : hosts.apply(at);
    operator.write(at.system(), notes.seen(), world.statements().turnOver(notes, named));
    return stated;
  }
}
