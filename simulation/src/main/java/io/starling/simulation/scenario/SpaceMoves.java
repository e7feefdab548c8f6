package io.starling.simulation.scenario;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.port.StorageFailure;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.scenario.FaultOptions.Recurring;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SpaceNotes;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Operators who say which members are to host a space, each by what the `_system` of one member
/// says: so two who are apart may take each other's off.
final class SpaceMoves {

  private static final Duration CRASH_MOST = Duration.ofSeconds(1);

  private final World world;
  private final SpaceTurnover.Operator operator;
  private final boolean isAny;
  private final Draws draws;

  /// @param often how often one does
  SpaceMoves(World world, SpaceTurnover.Operator operator, Recurring often, Draws draws) {
    this.world = world;
    this.operator = operator;
    this.isAny = often.comes();
    this.draws = draws;
  }

  Draws draws() {
    return draws;
  }

  /// Names other hosts for a space; often at two members that may not know of each other. Who says
  /// so, or another member, often stops soon after.
  ///
  /// @param crash stops a node at some point of its work, and starts it again
  void move(Consumer<SimulatedNode> crash, Later later) {
    var name = draws.pick(SpaceNotes.NAMES);
    int times = draws.perMille(400) ? 2 : 1;
    for (int i = 0; i < times; i++) {
      var at = draws.pick(world.nodes());
      var other = draws.pick(world.nodes());
      long wait = draws.wait(Duration.ZERO, CRASH_MOST);
      boolean crashes = draws.perMille(300);
      if (SpaceTurnover.takesStatements(at)) {
        move(name, at);
        if (crashes) {
          later.run(wait, () -> crash.accept(other));
        }
      }
    }
  }

  private void move(String name, SimulatedNode at) {
    try {
      var notes = at.hosting().notes(name);
      if (notes.isCreated()) {
        world.counts().add("fault: move");
        name(at, notes, changed(at, notes.named()));
      }
    } catch (StorageFailure unreadable) {
      at.foundDamaged(String.valueOf(unreadable.getMessage()));
    }
  }

  private void name(SimulatedNode at, SpaceNotes notes, SortedSet<KeyFingerprint> hosts) {
    var who = hosts.stream().map(key -> "node" + world.keys().node(key)).toList();
    world.note("plan", notes.name() + " " + notes.generation() + " is for " + who + " at " + at);
    operator.write(at.system(), notes.seen(), world.statements().move(notes, hosts));
  }

  /// Whom an operator names as hosts of a space to be created; nobody, where it is to be where
  /// spaces of the name are.
  SortedSet<KeyFingerprint> hosts(SimulatedNode at) {
    return isAny && draws.perMille(500) ? some(at.members()) : new TreeSet<>();
  }

  /// One more, one fewer, one in the place of another, others, or nobody by name.
  private SortedSet<KeyFingerprint> changed(SimulatedNode at, SortedSet<KeyFingerprint> named) {
    var members = at.members();
    var now = new TreeSet<>(named.isEmpty() ? members : named);
    int how = draws.below(10);
    if (how == 0) {
      return new TreeSet<>();
    }
    if (how < 4 || members.isEmpty()) {
      return some(members);
    }
    if (how < 8 && now.size() > 1) {
      now.remove(draws.pick(new ArrayList<>(now)));
    }
    if (how > 5) {
      now.add(draws.pick(new ArrayList<>(members)));
    }
    return now;
  }

  private SortedSet<KeyFingerprint> some(SortedSet<KeyFingerprint> members) {
    var some = new TreeSet<>(members);
    some.removeIf(_ -> draws.perMille(500));
    if (some.isEmpty() && !members.isEmpty()) {
      some.add(draws.pick(new ArrayList<>(members)));
    }
    return some;
  }

  /// A list of members of which none is there for good is never handed over to.
  void nameHostsWhereNoneIs() {
    for (var name : SpaceNotes.NAMES) {
      world.remaining().stream()
          .filter(SpaceTurnover::takesStatements)
          .filter(at -> isWithoutHosts(at.hosting().notes(name)))
          .findFirst()
          .ifPresent(at -> {
            world.counts().add("operators named hosts where none was left");
            name(at, at.hosting().notes(name), remaining());
          });
    }
  }

  private boolean isWithoutHosts(SpaceNotes notes) {
    var id = world.spaceId(notes.name(), notes.generation());
    return notes.isCreated()
        && world.remaining().stream().anyMatch(node -> node.find(id).isPresent())
        && world.remaining().stream().noneMatch(node -> world.statements().isHost(node, id));
  }

  /// What others would have to give it first, who makes its store anew, goes to hosts alone.
  void putOnWhoCannotHandOver() {
    for (var name : SpaceNotes.NAMES) {
      world.remaining().stream()
          .filter(SpaceTurnover::takesStatements)
          .filter(at -> at.hosting().notes(name).isCreated() && isAnyStuck(at, name))
          .findFirst()
          .ifPresent(at -> {
            world.counts().add("operators put on again who could not hand over");
            name(at, at.hosting().notes(name), remaining());
          });
    }
  }

  private boolean isAnyStuck(SimulatedNode at, String name) {
    var id = world.spaceId(name, at.hosting().notes(name).generation());
    return world.remaining().stream()
        .filter(SimulatedNode::isRebuilding)
        .flatMap(node -> node.find(id).stream())
        .anyMatch(space -> space.isMoving());
  }

  private SortedSet<KeyFingerprint> remaining() {
    var keys = new TreeSet<KeyFingerprint>();
    world.remaining().forEach(node -> keys.add(node.key()));
    return keys;
  }
}
