package io.starling.simulation.world;

import io.starling.replica.Event;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.hosting.Hosts;
import io.starling.replica.message.Token;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.request.Outcome;
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
  private static final Duration MOVE_EVERY = Duration.ofMillis(200);

  private final World world;
  private final SimulatedNode node;
  private final Draws draws;
  private final TreeMap<SpaceId, Hosted> stored = new TreeMap<>();
  private final TreeMap<String, Hosted> open = new TreeMap<>();
  // Moved away, and not deleted yet.
  private final TreeSet<SpaceId> departing = new TreeSet<>();
  // How often each was opened since the process started.
  private final TreeMap<SpaceId, Integer> openings = new TreeMap<>();
  private final TreeSet<SpaceId> givenUp = new TreeSet<>();
  private final NamedHosts named;
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
    named = new NamedHosts(world, node);
  }

  /// The spaces that are open, by name.
  List<SimulatedSpace> spaces() {
    return open.values().stream().map(Hosted::space).toList();
  }

  /// Whether a space is open here that others are to host.
  public boolean isMoving() {
    return !departing.isEmpty() || open.values().stream().anyMatch(one -> one.space().isMoving());
  }

  /// How often a space was opened since the process started.
  int openings(SpaceId id) {
    return openings.getOrDefault(id, 0);
  }

  /// The store is another one now.
  void forget() {
    named.forget();
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
      if (isHost(notes)) {
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
    if (isMoving()) {
      world.counts().add("crashes of hosts taken off");
    }
    stored.values().forEach(one -> one.space().stop(survive, tears.getAsBoolean()));
    departing.clear();
    openings.clear();
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
      Optional.ofNullable(open.get(name))
          .filter(_ -> notes.isCreated())
          .ifPresent(one -> place(one, isHost(notes)));
    }
  }

  private boolean isToBeHere(SpaceNotes notes) {
    var id = world.spaceId(notes.name(), notes.generation());
    return notes.isCreated()
        && !departing.contains(id)
        && hosts(notes.name(), notes.generation())
            .isOpenAt(node.key(), stored.containsKey(id) || node.isSetAside(id));
  }

  private boolean isHost(SpaceNotes notes) {
    return notes.isCreated() && hosts(notes.name(), notes.generation()).isHost(node.key());
  }

  private Hosts hosts(String name, long generation) {
    return world.hosts(key -> named.isHost(name, generation, key));
  }

  /// Has a space that is open be here, or move away.
  private void place(Hosted one, boolean isHost) {
    if (isHost) {
      if (one.space().stay()) {
        world.note(node, one.space().name() + " is to be here after all");
        world.counts().add("hosts put on again in time");
      }
    } else if (one.space().leave()) {
      world.note(node, one.space().name() + " is to be here no longer");
      world.counts().add("hosts taken off");
      moveLater(one, one.space().moving());
    }
  }

  private void moveLater(Hosted one, Optional<Moving> moving) {
    whileUp(
        MOVE_EVERY.toNanos(),
        () -> {
          if (one.equals(open.get(one.name())) && one.space().moving().equals(moving)) {
            try {
              move(one, moving.orElseThrow());
            } catch (StorageFailure unreadable) {
              node.foundDamaged(String.valueOf(unreadable.getMessage()));
            }
            moveLater(one, moving);
          }
        });
  }

  private void move(Hosted one, Moving moving) {
    if (mayGiveUp(one, moving)) {
      depart(one, moving);
    } else {
      moving.ask();
    }
  }

  private boolean mayGiveUp(Hosted one, Moving moving) {
    boolean isWhole = !node.isSetAside(one.space().id());
    return one.space().hosts().mayGiveUp(node.key(), moving.covered(), moving.applied(), isWhole);
  }

  /// Nobody finds it any more. What was still under way may be applied before its loop has ended:
  /// then it is opened again.
  private void depart(Hosted one, Moving moving) {
    var space = one.space();
    world.note(node, "moves " + space.name() + " away");
    open.remove(one.name());
    departing.add(space.id());
    space.dismiss(
        new Outcome.Refused(Outcome.Reason.FAILED_PRECONDITION, "the space is elsewhere"));
    giveUpLater(one, moving.applied(), draws.wait(Duration.ZERO, DELETE_MOST));
  }

  private void giveUpLater(Hosted one, Token covered, long nanos) {
    whileUp(
        nanos,
        () -> {
          if (one.space().isIdle()) {
            try {
              giveUp(one, covered);
            } catch (StorageFailure unreadable) {
              node.foundDamaged(String.valueOf(unreadable.getMessage()));
            }
          } else {
            giveUpLater(one, covered, DELETE_AGAIN.toNanos());
          }
        });
  }

  private void giveUp(Hosted one, Token covered) {
    var space = one.space();
    if (space.reader().token().equals(covered)) {
      world.counts().add("hosts taken off handed over");
      world.observers(node).forEach(observer -> observer.gaveUp(space));
      givenUp.add(space.id());
      delete(one);
    } else {
      world.counts().add("hosts taken off that opened again");
      space.stop(false, false);
    }
    departing.remove(space.id());
    settle();
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
    if (givenUp.remove(one.space().id())) {
      world.counts().add("hosts put on again");
    }
    open.put(name, one);
    one.space().open(node.setup(one.space()));
    openings.merge(one.space().id(), 1, Integer::sum);
    node.rebuild(one.space());
    world.connections().tell(node.number(), one.space());
  }

  private Hosted hosted(String name, long generation, SpaceId id) {
    var label = generation == 0 ? name : name + "#" + generation;
    var space = new SimulatedSpace(world, node, label, id, hosts(name, generation));
    return new Hosted(name, generation, space);
  }

  private void drop(Hosted one) {
    world.note(node, "drops " + one.space().name());
    world.counts().add("spaces dropped");
    open.remove(one.name());
    world.observers(one.space().node()).forEach(observer -> observer.dropped(one.space()));
    one.space().dismiss(new Outcome.Refused(Outcome.Reason.NOT_FOUND, "the space was dropped"));
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
