package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.value.Value;
import io.starling.replica.Event;
import io.starling.replica.Replica;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.catchup.Proof;
import io.starling.replica.membership.MembershipPort;
import io.starling.replica.membership.Revocation;
import io.starling.replica.membership.Revocations;
import io.starling.replica.port.SystemPort;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.disk.SimulatedDisk;
import io.starling.simulation.time.NodeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/// A machine with a key, a clock, a disk, and the process on it when it is up.
public final class SimulatedNode {

  private static final int ENTROPY_BYTES = 32;
  private static final Duration RESTART_AFTER = Duration.ofSeconds(1);

  private final World world;
  private final int number;
  private final NodeClock clock;
  private final Draws draws;
  private final SimulatedSpace system;
  private final SimulatedSpace main;
  private int identity;
  private Optional<CrashPoint> armed = Optional.empty();
  private boolean isUp;
  private long pausedUntilNanos;
  private int starts;
  private int systemBatches;
  private int heardAt = -1;
  private Revocations heard = Revocations.NONE;

  /// A copy of everything a node keeps, and of what the world knows of it.
  public record Backup(
      SimulatedDisk.Backup system, int systemBatches, SimulatedDisk.Backup main, int mainBatches) {}

  SimulatedNode(World world, int number, Draws draws) {
    this.world = world;
    this.number = number;
    // Of the copy, until it is made, that of the first.
    this.identity = number % world.keys().size();
    this.draws = draws;
    clock = new NodeClock(world.agenda());
    system = new SimulatedSpace(world, this, SpaceId.SYSTEM, world.systemId());
    main = new SimulatedSpace(world, this, SpaceId.MAIN, world.mainId());
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

  /// `_system`, then `main`.
  public List<SimulatedSpace> spaces() {
    return List.of(system, main);
  }

  SimulatedSpace space(SpaceId id) {
    return id.equals(main.id()) ? main : system;
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

  /// Starts the process: opens both replicas with fresh entropy.
  public void start() {
    starts++;
    isUp = true;
    armed = Optional.empty();
    pausedUntilNanos = 0;
    systemBatches = system.ledger().size();
    world.note(this, "start " + starts);
    system.open(setup(system, Optional.empty()));
    main.open(setup(main, Optional.of(system.port())));
    tickLater(starts);
    world.connections().nodeStarted(number);
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
        system.disk().backup(), system.ledger().size(), main.disk().backup(), main.ledger().size());
  }

  /// Puts an older disk into a node that is down.
  public void restore(Backup backup) {
    if (isUp) {
      throw new IllegalStateException(this + " is up");
    }
    world.observers().forEach(observer -> observer.restoring(this, backup));
    system.disk().restore(backup.system());
    system.ledger().rewind(backup.systemBatches());
    main.disk().restore(backup.main());
    main.ledger().rewind(backup.mainBatches());
    world.note(this, "restored an older store");
  }

  /// Becomes a copy of another node as it is on its disk now, or was; this one is down.
  public void become(SimulatedNode original, Backup backup) {
    if (isUp) {
      throw new IllegalStateException(this + " is up");
    }
    identity = original.number();
    system.copy(original.system, backup.system(), backup.systemBatches());
    main.copy(original.main, backup.main(), backup.mainBatches());
    world.note(this, "is a copy of " + original);
    world.observers().forEach(observer -> observer.copied(this));
  }

  /// Stops for good, and its disk is thrown away.
  public void retire() {
    if (isUp) {
      stop();
    }
    var nothing = new Backup(SimulatedDisk.EMPTY, 0, SimulatedDisk.EMPTY, 0);
    restore(nothing);
  }

  /// Sets the machine back to an older state, memory and all, while its process runs: it goes on as
  /// the same incarnations. Only to a state of the same start, before any incarnation had ended.
  public void rollBack(Backup backup) {
    if (!isUp) {
      throw new IllegalStateException(this + " is down");
    }
    spaces().forEach(space -> space.stop(false));
    world.observers().forEach(observer -> observer.crashed(this));
    isUp = false;
    restore(backup);
    isUp = true;
    system.open(setup(system, Optional.empty()));
    main.open(setup(main, Optional.of(system.port())));
    world.connections().tell(number);
    world.note(this, "was set back while it ran");
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

  private void startAgain() {
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
    spaces().forEach(space -> space.stop(survives));
    world.connections().nodeStopped(number);
    world.observers().forEach(observer -> observer.crashed(this));
  }

  private Replica.Setup setup(SimulatedSpace space, Optional<SystemPort> port) {
    return new Replica.Setup(
        world.cluster(),
        space.id(),
        key(),
        draws.split("entropy/" + space.name() + "/" + starts).bytes(ENTROPY_BYTES),
        world.limits(),
        space.disk().live(),
        space.disk()::snapshot,
        world.keys().signer(identity),
        port,
        new Membership(),
        Proof.WAIVED);
  }

  /// The revocations that this node has heard of.
  public Revocations revocations() {
    int size = system.ledger().size();
    if (world.revocations() > 0 && size != heardAt) {
      heardAt = size;
      var all = new ArrayList<Revocation>();
      for (int number = 1; number <= world.revocations(); number++) {
        var value = system.reader().view(World.revocation(number), 1).toValue();
        if (value instanceof Value.Text(var text)) {
          all.add(revocation(text));
        }
      }
      var now = Revocations.of(all);
      heard = now.equals(heard) ? heard : now;
    }
    return heard;
  }

  private static Revocation revocation(String text) {
    try {
      return Revocation.fromBytes(Base64.getDecoder().decode(text));
    } catch (MalformedException impossible) {
      throw new AssertionError("a revocation that the world has made", impossible);
    }
  }

  /// Who belongs to the cluster, as this node has heard.
  private final class Membership implements MembershipPort {
    @Override
    public SortedSet<KeyFingerprint> members() {
      var members = world.members();
      members.removeAll(SimulatedNode.this.revocations().keys());
      return members;
    }

    @Override
    public Revocations revocations() {
      return SimulatedNode.this.revocations();
    }

    @Override
    public SortedMap<KeyFingerprint, VersionVector> namedElsewhere() {
      return main.isOpen() ? main.status().revocation().namedOfSystem() : new TreeMap<>();
    }
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
    return this == world.copy() ? "copy" : "node" + number;
  }
}
