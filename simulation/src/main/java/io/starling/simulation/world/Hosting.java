package io.starling.simulation.world;

import io.starling.replica.Event;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.port.StorageFailure;
import io.starling.simulation.chance.Draws;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;

/// The spaces on a node beside `_system` and `main`: as its own `_system` lists them, in the way of
/// a node of the product (ADR 20).
///
/// What is listed is opened a while after that is durable, if this node is a host. What was dropped
/// is found by nobody from then on: what waits is refused, the loop ends, and after a while the
/// store is deleted. A process that stops in between finds it at its next start, from the
/// statements and what is stored.
public final class Hosting {

  private static final Duration LOOK_MOST = Duration.ofMillis(200);
  private static final Duration DELETE_MOST = Duration.ofMillis(500);
  private static final Duration DELETE_AGAIN = Duration.ofMillis(50);

  private final World world;
  private final SimulatedNode node;
  private final Draws draws;
  private final TreeMap<SpaceId, Hosted> stored = new TreeMap<>();
  private final TreeMap<String, Hosted> open = new TreeMap<>();
  private boolean mustLook;

  /// A space of one generation, which is open or only stored.
  private record Hosted(String name, long generation, SimulatedSpace space) {}

  /// What was stored at a moment.
  public record Backup(SortedMap<SpaceId, Stored> all) {

    /// Nothing.
    static final Backup NOTHING = new Backup(Collections.emptySortedMap());

    Optional<SimulatedSpace.Backup> find(SpaceId id) {
      return Optional.ofNullable(all.get(id)).map(Stored::state);
    }

    /// One space of that.
    record Stored(String name, long generation, SimulatedSpace.Backup state) {}
  }

  Hosting(World world, SimulatedNode node, Draws draws) {
    this.world = world;
    this.node = node;
    this.draws = draws;
  }

  /// The spaces that are open, by name.
  List<SimulatedSpace> spaces() {
    return open.values().stream().map(Hosted::space).toList();
  }

  /// What this node's `_system` says of a name.
  public SpaceNotes notes(String name) {
    return world.notes(node.system(), name);
  }

  /// Copies what is durable.
  Backup backup() {
    var all = new TreeMap<SpaceId, Backup.Stored>();
    stored.forEach((id, one) ->
        all.put(id, new Backup.Stored(one.name(), one.generation(), one.space().backup())));
    return new Backup(all);
  }

  /// Stores just what was stored then.
  void restore(Backup backup) {
    empty();
    backup
        .all()
        .forEach((id, was) -> {
          var one = hosted(was.name(), was.generation(), id);
          one.space().restore(was.state());
          stored.put(id, one);
        });
  }

  /// Stores nothing any more.
  void empty() {
    stored.clear();
    open.clear();
  }

  /// Whether `_system` says that a space is not to be here any more. That it is not listed says
  /// nothing: the news may not have come.
  boolean isGone(SpaceId id) {
    for (var name : SpaceNotes.NAMES) {
      var notes = notes(name);
      for (long generation = 0; generation < notes.generation(); generation++) {
        if (world.spaceId(name, generation).equals(id)) {
          return true;
        }
      }
    }
    return false;
  }

  /// Whether just those are open and stored here that are to be.
  public boolean isSettled() {
    var wanted = new TreeSet<SpaceId>();
    for (var name : SpaceNotes.NAMES) {
      var notes = notes(name);
      if (isToBeHere(notes)) {
        wanted.add(world.spaceId(name, notes.generation()));
      }
    }
    var here = new TreeSet<SpaceId>();
    open.values().forEach(one -> here.add(one.space().id()));
    return here.equals(wanted) && stored.keySet().equals(wanted);
  }

  /// The process has started, and `_system` is open.
  void started() {
    if (!world.statements().isAnySpaceStated()) {
      return;
    }
    for (var one : new ArrayList<>(stored.values())) {
      if (one.generation() < notes(one.name()).generation()) {
        world.counts().add("spaces deleted after a crash");
        world.observers(one.space().node()).forEach(observer -> observer.dropped(one.space()));
        delete(one);
      }
    }
    settle();
  }

  /// The process has stopped.
  ///
  /// @param survive whether writes that were being synced are durable after all
  /// @param tears whether that of the next space is so without its rows of fresh tables
  void stopped(boolean survive, BooleanSupplier tears) {
    stored.values().forEach(one -> one.space().stop(survive, tears.getAsBoolean()));
    open.clear();
    mustLook = false;
  }

  /// More of `_system` is durable. Opening takes a while and holds nothing up.
  void systemAdvanced() {
    spaces().forEach(space -> space.offer(new Event.SystemAdvanced()));
    if (world.statements().isAnySpaceStated() && !mustLook) {
      mustLook = true;
      whileUp(draws.wait(Duration.ZERO, LOOK_MOST), this::look);
    }
  }

  private void look() {
    try {
      settle();
    } catch (StorageFailure unreadable) {
      node.foundDamaged(String.valueOf(unreadable.getMessage()));
    }
  }

  private void settle() {
    mustLook = false;
    for (var name : SpaceNotes.NAMES) {
      var notes = notes(name);
      Optional.ofNullable(open.get(name))
          .filter(one -> one.generation() < notes.generation())
          .ifPresent(this::drop);
      if (isToBeHere(notes) && !open.containsKey(name)) {
        open(name, notes.generation());
      }
    }
  }

  private boolean isToBeHere(SpaceNotes notes) {
    return notes.isCreated()
        && SpaceNotes.isHost(notes.name(), notes.generation(), world.keys().node(node.key()));
  }

  private void open(String name, long generation) {
    var one =
        stored.computeIfAbsent(
            world.spaceId(name, generation),
            id -> {
              world.counts().add(generation == 0 ? "spaces begun" : "spaces begun again");
              return hosted(name, generation, id);
            });
    world.note(node, "opens " + one.space().name());
    open.put(name, one);
    one.space().open(node.setup(one.space()));
    node.rebuild(one.space());
    world.connections().tell(node.number(), one.space());
  }

  private Hosted hosted(String name, long generation, SpaceId id) {
    var label = generation == 0 ? name : name + "#" + generation;
    var space =
        new SimulatedSpace(
            world, node, label, id, member -> SpaceNotes.isHost(name, generation, member));
    return new Hosted(name, generation, space);
  }

  private void drop(Hosted one) {
    world.note(node, "drops " + one.space().name());
    world.counts().add("spaces dropped");
    open.remove(one.name());
    world.observers(one.space().node()).forEach(observer -> observer.dropped(one.space()));
    one.space().dismiss("the space was dropped");
    deleteLater(one, draws.wait(Duration.ZERO, DELETE_MOST));
  }

  private void deleteLater(Hosted one, long nanos) {
    whileUp(
        nanos,
        () -> {
          if (one.space().isIdle()) {
            delete(one);
          } else {
            deleteLater(one, DELETE_AGAIN.toNanos());
          }
        });
  }

  private void delete(Hosted one) {
    world.note(node, "deletes " + one.space().name());
    one.space().stop(false, false);
    stored.remove(one.space().id());
  }

  /// Not if the process stands still then: it does so when it goes on.
  private void whileUp(long nanos, Runnable what) {
    int start = node.starts();
    world
        .agenda()
        .after(
            nanos,
            () -> {
              if (!node.isUp() || node.starts() != start) {
                return;
              }
              if (node.isPaused()) {
                whileUp(node.pausedNanos(), what);
              } else {
                what.run();
              }
            });
  }

  /// The generations that are stored, deleted ones not included.
  public List<SimulatedSpace> stored() {
    return Collections.unmodifiableList(
        new ArrayList<>(stored.values().stream().map(Hosted::space).toList()));
  }
}
