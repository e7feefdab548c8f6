package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.Event;
import io.starling.replica.Replica;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.catchup.Proof;
import io.starling.replica.membership.Revocations;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.port.SystemPort;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.disk.DamagedState;
import io.starling.simulation.time.NodeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// A machine with a key, a clock, a disk, and the process on it when it is up.
public final class SimulatedNode {

  /// That of an empty disk.
  public static final Backup NOTHING =
      new Backup(
          SimulatedSpace.Backup.NOTHING,
          SimulatedSpace.Backup.NOTHING,
          Hosting.Backup.NOTHING,
          new Rebuilt(0, List.of()));

  private static final int ENTROPY_BYTES = 32;
  private static final Duration RESTART_AFTER = Duration.ofSeconds(1);
  private static final Duration REBUILD_EVERY = Duration.ofMillis(500);

  private final World world;
  private final int number;
  private final String name;
  private final NodeClock clock;
  private final Draws draws;
  private final Draws tears;
  private final SimulatedSpace system;
  private final SimulatedSpace main;
  private final Hosting hosting;
  private int identity;
  private Optional<CrashPoint> armed = Optional.empty();
  private boolean isUp;
  private long pausedUntilNanos;
  private int starts;
  private int systemBatches;
  // As its operator has set it.
  private Optional<Proof> proof = Optional.empty();
  private final HeardMembers heard;
  private final Leaving leaving;
  private boolean isLost;
  // The mark of damage, and the stores that were set aside: files, which a restart finds.
  private Optional<String> damage = Optional.empty();
  private final List<SortedMap<SpaceId, DamagedState>> asides = new ArrayList<>();
  private final TreeMap<SpaceId, List<SignedBatch>> kept = new TreeMap<>();
  private int setAsides;
  private final TreeSet<SpaceId> rebuilt = new TreeSet<>();

  /// A copy of everything a node keeps, and of what the world knows of it.
  public record Backup(
      SimulatedSpace.Backup system,
      SimulatedSpace.Backup main,
      Hosting.Backup listed,
      Rebuilt rebuilt) {

    /// What it has of a space, if it was stored there.
    public Optional<SimulatedSpace.Backup> find(SimulatedSpace space) {
      return switch (space.name()) {
        case SpaceId.SYSTEM -> Optional.of(system);
        case SpaceId.MAIN -> Optional.of(main);
        default -> listed.find(space.id());
      };
    }
  }

  /// Which spaces are made anew, as it stands in the store that has them.
  ///
  /// @param setAsides how many stores had been set aside when that was so
  record Rebuilt(int setAsides, List<SpaceId> spaces) {}

  SimulatedNode(World world, int number, String name, Draws draws) {
    this.world = world;
    this.number = number;
    this.name = name;
    // Of the copy, until it is made, that of the first.
    this.identity = number % world.keys().size();
    this.draws = draws;
    this.tears = draws.split("tears");
    clock = new NodeClock(world.agenda());
    system = new SimulatedSpace(world, this, SpaceId.SYSTEM, world.systemId(), _ -> true);
    main = new SimulatedSpace(world, this, SpaceId.MAIN, world.mainId(), _ -> true);
    hosting = new Hosting(world, this, draws.split("hosting"));
    heard = new HeardMembers(world, system);
    leaving = new Leaving(world, this);
  }

  /// From 0.
  public int number() {
    return number;
  }

  public KeyFingerprint key() {
    return world.keys().key(identity);
  }

  public NodeClock clock() {
    return clock;
  }

  public SimulatedSpace system() {
    return system;
  }

  public SimulatedSpace main() {
    return main;
  }

  /// `_system`, then `main`, then those that `_system` lists, as far as they are open here.
  public List<SimulatedSpace> spaces() {
    return Stream.concat(Stream.of(system, main), hosting.spaces().stream()).toList();
  }

  /// One that is stored here, be it open or not.
  public Optional<SimulatedSpace> find(SpaceId id) {
    return stored().stream().filter(space -> space.id().equals(id)).findFirst();
  }

  /// `_system`, `main`, and all others that are stored here, be they open or not.
  public List<SimulatedSpace> stored() {
    return Stream.concat(Stream.of(system, main), hosting.stored().stream()).toList();
  }

  /// The spaces that `_system` lists.
  public Hosting hosting() {
    return hosting;
  }

  public boolean isUp() {
    return isUp;
  }

  /// Whether the process stands still for a while, as in a long garbage collection.
  public boolean isPaused() {
    return world.agenda().nowNanos() < pausedUntilNanos;
  }

  /// How much longer it stands still.
  long pausedNanos() {
    return Math.max(0, pausedUntilNanos - world.agenda().nowNanos());
  }

  /// How often it was started.
  public int starts() {
    return starts;
  }

  /// Its leaving of the cluster for good.
  public Leaving leaving() {
    return leaving;
  }

  /// Whether it has left, or its machine is lost: it does not come back.
  public boolean isGone() {
    return isLost || leaving.isOver();
  }

  /// Loses the machine with all that is on it.
  public void lose() {
    if (isUp) {
      stop();
    }
    isLost = true;
    world.observers(this).forEach(observer -> observer.lost(this));
  }

  /// What its `_system` says of members.
  HeardMembers heard() {
    return heard;
  }

  /// The members on which it counts, as its engines are told.
  public SortedSet<KeyFingerprint> members() {
    return new Membership(this, world.versions(), _ -> true).members();
  }

  /// Whether it knows that the holder of a key has left.
  public boolean knowsLeft(KeyFingerprint key) {
    return heard.left().contains(key);
  }

  /// Starts the process: opens both replicas with fresh entropy. One that is gone does not start. A
  /// store that is marked as damaged is set aside first.
  public void start() {
    if (isGone()) {
      return;
    }
    starts++;
    isUp = true;
    armed = Optional.empty();
    pausedUntilNanos = 0;
    damage.ifPresent(this::setAside);
    systemBatches = system.ledger().size();
    heard.forget();
    hosting.forget();
    world.note(this, "start " + starts);
    try {
      system.open(setup(system));
      main.open(setup(main));
      hosting.started();
    } catch (StorageFailure unreadable) {
      foundDamaged(String.valueOf(unreadable.getMessage()));
      return;
    }
    tickLater(starts);
    if (isRebuilding()) {
      rebuild(system);
      rebuild(main);
      rebuildLater(starts);
    }
    world.connections().nodeStarted(number);
    leaving.started();
    takeBackLapse();
    // Who is to leave does not write first that it is there.
    if (!leaving.isUnderWay()) {
      world.joining().describe(this);
      world.versions().announce(this);
    }
  }

  /// Marks the store as damaged: the next start sets it aside.
  ///
  /// @param what was found
  public void mark(String what) {
    damage = Optional.of(what);
  }

  /// Whether the store is marked as damaged.
  public boolean isMarked() {
    return damage.isPresent();
  }

  /// The process has met damage in its store: it stops, and starts again where the store is set
  /// aside.
  public void foundDamaged(String what) {
    if (!isSpoiled()) {
      throw new Violation("engine", this + " takes its store for damaged: " + what);
    }
    world.counts().add("damage met while running");
    mark(what);
    stop();
    world.agenda().after(RESTART_AFTER.toNanos(), this::startAgain);
  }

  /// Whether rows of its store have rotted.
  public boolean isSpoiled() {
    return stored().stream().anyMatch(space -> space.disk().isSpoiled());
  }

  /// What can be read of a space in stores that were set aside: as the world knows, who has seen
  /// what was written.
  public List<SignedBatch> kept(SpaceId space) {
    return Collections.unmodifiableList(kept.getOrDefault(space, List.of()));
  }

  /// How many stores are kept that were set aside and are still being read.
  public int keptAside() {
    return asides.size();
  }

  /// How often a store was set aside.
  public int setAsides() {
    return setAsides;
  }

  /// Whether its store is being made anew.
  public boolean isRebuilding() {
    return !asides.isEmpty();
  }

  private void setAside(String what) {
    world.note(this, "sets its store aside: " + what);
    world.counts().add("stores set aside");
    damage = Optional.empty();
    setAsides++;
    rebuilt.clear();
    for (var space : stored()) {
      kept.computeIfAbsent(space.id(), _ -> new ArrayList<>()).addAll(space.whole());
    }
    world.observers(this).forEach(observer -> observer.settingAside(this));
    var aside = new TreeMap<SpaceId, DamagedState>();
    stored().forEach(space -> aside.put(space.id(), space.setAside()));
    hosting.empty();
    asides.addFirst(aside);
  }

  /// Has a space that was opened be made anew, if the store is; also one that the damaged stores
  /// did not have: others may have more of it.
  void rebuild(SimulatedSpace space) {
    if (isRebuilding() && !rebuilt.contains(space.id())) {
      space.rebuild(
          asides.stream()
              .flatMap(aside -> Optional.ofNullable(aside.get(space.id())).stream())
              .toList());
    }
  }

  /// Whether all that can be had of `_system` is here again.
  boolean isSystemRebuilt() {
    return rebuilt.contains(system.id());
  }

  /// Whether a damaged store that is set aside has a space that is not made anew yet.
  boolean isSetAside(SpaceId space) {
    return !rebuilt.contains(space) && asides.stream().anyMatch(it -> it.containsKey(space));
  }

  /// Goes on with the making anew of the store, until all of it is.
  private void rebuildLater(int start) {
    world
        .agenda()
        .after(
            REBUILD_EVERY.toNanos(),
            () -> {
              if (isUp && starts == start && isRebuilding()) {
                try {
                  if (!isPaused()) {
                    rebuildOn();
                  }
                } catch (StorageFailure unreadable) {
                  foundDamaged(String.valueOf(unreadable.getMessage()));
                }
                rebuildLater(start);
              }
            });
  }

  private void rebuildOn() {
    boolean wasRefusing = system.isRebuilding();
    for (var space : spaces()) {
      // What is given to it then may be what it stops at.
      if (isUp && !rebuilt.contains(space.id()) && space.isRebuilt() && isUp) {
        rebuilt.add(space.id());
      }
    }
    if (wasRefusing && !system.isRebuilding()) {
      takeBackLapse();
    }
    if (isUp && isAllRebuilt()) {
      world.counts().add("stores made anew");
      world.note(this, "has made its store anew");
      // Its operator removes the damaged ones.
      asides.clear();
      kept.clear();
      takeBackLapse();
    }
  }

  /// Whether each space is made anew, also of those that the damaged stores had: they may not be
  /// listed here yet.
  private boolean isAllRebuilt() {
    var all = new TreeSet<SpaceId>();
    asides.forEach(aside -> all.addAll(aside.keySet()));
    spaces().forEach(space -> all.add(space.id()));
    all.removeAll(rebuilt);
    return all.stream().allMatch(hosting::isGone);
  }

  /// More of `_system` is durable.
  void systemAdvanced() {
    main.offer(new Event.SystemAdvanced());
    hosting.systemAdvanced();
    takeBackLapse();
    world.connections().heard(number, heard.left());
    world.connections().met(number);
  }

  /// Who hears that it has lapsed is there again.
  private void takeBackLapse() {
    if (isUp && heard.lapsed().contains(key())) {
      world.counts().add("lapses taken back");
      world.write(system, HeardMembers.lapseEnd(this));
    }
  }

  /// Stops the process as it should be stopped.
  void end() {
    isUp = false;
    armed = Optional.empty();
    world.note(this, "stops");
    spaces().forEach(space -> space.stop(false, false));
    hosting.stopped(false, () -> false);
    leaving.stopped();
    world.connections().nodeStopped(number);
    world.observers(this).forEach(observer -> observer.crashed(this));
  }

  /// Its operator says what it takes for state to be taken over, and starts it again.
  public void set(Proof other) {
    proof = Optional.of(other);
    restart();
  }

  /// Stops the process as it should be stopped, and starts it again.
  public void restart() {
    end();
    start();
  }

  /// Crashes the process at a point in its work, at once or later.
  public void crash(CrashPoint point) {
    if (!isUp) {
      return;
    }
    if (point == CrashPoint.NOW) {
      stop();
    } else {
      armed = Optional.of(point);
    }
  }

  /// Takes back a crash that waits for its point.
  public void disarm() {
    armed = Optional.empty();
  }

  /// Freezes the process.
  public void pause(long nanos) {
    pausedUntilNanos = Math.max(pausedUntilNanos, world.agenda().nowNanos() + nanos);
    world.agenda().after(pausedNanos(), this::resume);
  }

  /// Copies its disk.
  public Backup backup() {
    return new Backup(
        system.backup(),
        main.backup(),
        hosting.backup(),
        new Rebuilt(setAsides, List.copyOf(rebuilt)));
  }

  /// Puts an older disk into a node that is down.
  public void restore(Backup backup) {
    if (isUp) {
      throw new IllegalStateException(this + " is up");
    }
    world.observers(this).forEach(observer -> observer.restoring(this, backup));
    restoreAll(backup);
    // What was read of a damaged store since then is not in this one: it is read again.
    rebuilt.clear();
    if (backup.rebuilt().setAsides() == setAsides) {
      rebuilt.addAll(backup.rebuilt().spaces());
    }
    world.note(this, "restored an older store");
  }

  private void restoreAll(Backup backup) {
    system.restore(backup.system());
    main.restore(backup.main());
    hosting.restore(backup.listed());
  }

  /// Becomes a copy of another node as it is on its disk now, or was; this one is down. What it has
  /// as the copy of one before is thrown away: its disk had failed, and it was yet to start again.
  public void become(SimulatedNode original, Backup backup) {
    if (isUp) {
      throw new IllegalStateException(this + " is up");
    }
    if (stored().stream().anyMatch(space -> !space.ledger().applied().isEmpty())) {
      // So the checks hear which acknowledged batches were on this disk alone; no others are
      // excused.
      retire();
    }
    identity = original.number();
    world.network().replace(number);
    restoreAll(backup);
    world.note(this, "is a copy of " + original);
    world.observers(this).forEach(observer -> observer.copied(this));
  }

  /// Stops for good, and its disk is thrown away.
  public void retire() {
    if (isUp) {
      stop();
    }
    restore(NOTHING);
  }

  /// Sets the machine back to an older state, memory and all, while its process runs: it goes on as
  /// the same incarnations. Only to a state of the same start, before any incarnation had ended.
  public void rollBack(Backup backup) {
    if (!isUp) {
      throw new IllegalStateException(this + " is down");
    }
    spaces().forEach(space -> space.stop(false, false));
    world.observers(this).forEach(observer -> observer.crashed(this));
    isUp = false;
    restore(backup);
    isUp = true;
    systemBatches = system.ledger().size();
    heard.forget();
    hosting.forget();
    world.note(this, "was set back while it ran");
    world.observers(this).forEach(observer -> observer.rolledBack(this));
    system.open(setup(system));
    main.open(setup(main));
    world.connections().tell(number);
  }

  /// Crashes if a crash at this point was ordered.
  boolean crashes(CrashPoint point) {
    boolean due = isUp && armed.filter(point::equals).isPresent();
    if (due) {
      stop();
    }
    return due;
  }

  /// Crashes if the write fails; a write that fails is not durable.
  boolean failsToWrite() {
    boolean fails = draws.perMille(world.disks().failurePerMille());
    if (fails) {
      world.counts().add("fault: disk failure");
      stop();
      world.agenda().after(RESTART_AFTER.toNanos(), this::startAgain);
    }
    return fails;
  }

  /// Whether more of `_system` is durable than when this was last asked.
  boolean systemMoved() {
    int now = system.ledger().size();
    boolean moved = now > systemBatches;
    systemBatches = now;
    return moved;
  }

  long syncNanos() {
    return world.disks().syncLeast().toNanos() + draws.wait(world.disks().syncMean());
  }

  void offer(SpaceId space, Event event) {
    for (var each : spaces()) {
      if (each.id().equals(space)) {
        each.offer(event);
      }
    }
  }

  /// Starts the process, unless it runs again already.
  public void startAgain() {
    if (!isUp) {
      start();
    }
  }

  private void stop() {
    isUp = false;
    armed = Optional.empty();
    boolean survives = draws.perMille(500);
    world.note(this, survives ? "crash, what was being written survives" : "crash");
    world.counts().add("fault: crash");
    List.of(system, main).forEach(space -> space.stop(survives, tears.perMille(500)));
    hosting.stopped(survives, () -> tears.perMille(500));
    leaving.stopped();
    world.connections().nodeStopped(number);
    world.observers(this).forEach(observer -> observer.crashed(this));
  }

  /// What the replica of a space is opened with.
  Replica.Setup setup(SimulatedSpace space) {
    boolean isSystem = space == system;
    return new Replica.Setup(
        world.cluster(),
        space.id(),
        key(),
        draws.split("entropy/" + space.name() + "/" + starts + again(space)).bytes(ENTROPY_BYTES),
        world.limits(),
        space.disk().live(),
        space.disk()::snapshot,
        world.keys().signer(identity),
        isSystem ? Optional.<SystemPort>empty() : Optional.of(system.port()),
        new Membership(this, world.versions(), space::isHostedBy),
        proof.orElse(world.proof()));
  }

  /// What makes another incarnation of one that was given up, or nearly, in the same process.
  private String again(SimulatedSpace space) {
    int openings = hosting.openings(space.id());
    return openings == 0 ? "" : "/" + openings;
  }

  /// The revocations that this node has heard of.
  public Revocations revocations() {
    return heard.revocations();
  }

  private void tickLater(int start) {
    // Timers of real machines are never in step.
    long jitter = draws.wait(Duration.ZERO, Duration.ofMillis(10));
    world
        .agenda()
        .after(
            world.limits().tick().toNanos() + jitter,
            () -> {
              if (isUp && starts == start) {
                if (!isPaused()) {
                  spaces().forEach(space -> space.offer(new Event.Tick()));
                }
                tickLater(start);
              }
            });
  }

  private void resume() {
    if (isUp && !isPaused()) {
      spaces().forEach(SimulatedSpace::drain);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
