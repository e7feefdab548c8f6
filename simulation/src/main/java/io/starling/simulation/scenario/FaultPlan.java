package io.starling.simulation.scenario;

import io.starling.replica.batch.SpaceId;
import io.starling.replica.request.Mutation;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.network.LinkOptions;
import io.starling.simulation.scenario.FaultOptions.Recurring;
import io.starling.simulation.world.CrashPoint;
import io.starling.simulation.world.DiskOptions;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/// Injects faults into a world until it is told to stop, and then mends everything.
public final class FaultPlan {

  private static final Recurring BACKUPS = new Recurring(Duration.ofMillis(500), Duration.ZERO);
  private static final Duration FLAP_LEAST = Duration.ofMillis(200);
  private static final Duration FLAP_MOST = Duration.ofSeconds(2);

  private final World world;
  private final FaultOptions options;
  private final Draws partitions;
  private final Draws crashes;
  private final Draws backupDraws;
  private final Draws clocks;
  private final Draws stalls;
  private final Draws copies;
  private final Draws evictions;
  private final Turnover turnover;
  private final Newcomers newcomers;
  private final SpaceTurnover spaces;
  private final Rot rot;
  private final RollBacks rollBacks;
  private final BiConsumer<SimulatedSpace, Mutation> operator;
  private final TreeMap<Integer, SimulatedNode.Backup> backups = new TreeMap<>();
  private boolean isOver;
  private long partitionNumber;

  /// @param operator writes to a space in an operator's name
  /// @param lister writes what it makes of what it has read
  public FaultPlan(
      World world,
      FaultOptions options,
      BiConsumer<SimulatedSpace, Mutation> operator,
      SpaceTurnover.Operator lister,
      Draws draws) {
    this.operator = operator;
    this.world = world;
    this.options = options;
    partitions = draws.split("partitions");
    crashes = draws.split("crashes");
    backupDraws = draws.split("backups");
    clocks = draws.split("clocks");
    stalls = draws.split("stalls");
    copies = draws.split("copies");
    evictions = draws.split("evictions");
    turnover = new Turnover(world, operator, draws.split("turnover"));
    newcomers = new Newcomers(world, draws.split("newcomers"));
    spaces = new SpaceTurnover(world, lister, draws.split("spaces"));
    world.observe(turnover.crashing(this::crashUnlessOver, this::setBack));
    rot = new Rot(world, draws.split("rot"));
    rollBacks = new RollBacks(world, operator, draws.split("roll-backs"));
  }

  /// Sets the clocks as the scenario has them, and lets faults come.
  public void start() {
    world.nodes().forEach(this::setClock);
    recur(options.partitions(), partitions, this::partition);
    recur(options.crashes().stops(), crashes, this::crash);
    recur(options.clocks().jumps(), clocks, this::jump);
    recur(options.pauses(), stalls, this::pause);
    recur(options.clogs(), stalls, this::clog);
    recur(options.stores().logLosses(), stalls, this::loseLog);
    recur(options.copies(), copies, this::copy);
    recur(options.members().evictions(), evictions, this::evict);
    recur(options.members().departures(), turnover.draws(), this::leave);
    recur(options.members().absences(), turnover.draws(), this::goAway);
    recur(options.members().joins(), newcomers.draws(), this::join);
    recur(options.spaces(), spaces.draws(), this::turnSpacesOver);
    recur(options.stores().damages(), rot.draws(), () -> rot.damage(this::later));
    if (options.stores().rollBacks().comes()) {
      world.lineage().expect();
      recur(options.stores().rollBacks(), rollBacks.draws(), this::rollBack);
    }
    if (options.stores().damages().comes()) {
      recur(BACKUPS, rot.draws(), rot::backup);
    }
    if (options.crashes().restorePerMille() > 0 || options.copies().comes()) {
      recur(BACKUPS, backupDraws, this::backup);
    }
  }

  /// Ends the copy that still runs, if there is one. What it has told others is told by then.
  public void endCopies() {
    endCopy();
  }

  /// Ends all faults but a running copy: the network is whole and good, disks are good, clocks are
  /// right, all nodes are up.
  public void mend() {
    isOver = true;
    world.note("plan", "all faults end");
    world.network().mend(LinkOptions.GOOD);
    world.connections().mendAll();
    world.disks(DiskOptions.GOOD);
    rot.findAll();
    for (var node : world.nodes()) {
      node.clock().correct();
      node.disarm();
      if (!node.isUp()) {
        node.start();
      }
    }
    world.copy().clock().correct();
    world.copy().disarm();
    turnover.letGoOfTheLost();
    world.joining().help();
  }

  /// An operator drops the spaces of which nothing can be had any more, and for which nodes wait
  /// that make their stores anew.
  public void dropWhatIsNowhere() {
    spaces.dropWhatIsNowhere();
  }

  /// An operator lets go of members that do not come back.
  public void letGoOfTheLost() {
    turnover.letGoOfTheLost();
  }

  private void setClock(SimulatedNode node) {
    long skew = options.clocks().skewMost().toNanos();
    node.clock().jump(spread(clocks, skew));
    node.clock().drift(spread(clocks, options.clocks().driftMost()));
  }

  private void recur(Recurring recurring, Draws draws, Runnable fault) {
    if (recurring.comes()) {
      world
          .agenda()
          .after(
              draws.wait(recurring.every()),
              () -> {
                if (!isOver) {
                  fault.run();
                  recur(recurring, draws, fault);
                }
              });
    }
  }

  /// Runs something later, unless the faults are over by then.
  private void later(long nanos, Runnable what) {
    world
        .agenda()
        .after(
            nanos,
            () -> {
              if (!isOver) {
                what.run();
              }
            });
  }

  private void partition() {
    var partition = Partition.draw(world.nodes().size(), partitions);
    long number = ++partitionNumber;
    count("partition");
    world.note("plan", "partition: " + partition.what() + " " + partition.cuts());
    world.connections().mendAll();
    apply(partition, true);
    long lasting = partitions.wait(options.partitions().lasting());
    long end = world.agenda().nowNanos() + lasting;
    if (partition.flaps()) {
      count("flapping");
      flap(partition, number, end, false);
    }
    later(
        lasting,
        () -> {
          if (partitionNumber == number) {
            world.note("plan", "partition heals");
            world.connections().mendAll();
          }
        });
  }

  private void flap(Partition partition, long number, long end, boolean isCut) {
    later(
        partitions.wait(FLAP_LEAST, FLAP_MOST),
        () -> {
          boolean goesOn = partitionNumber == number && world.agenda().nowNanos() < end;
          if (goesOn) {
            apply(partition, isCut);
            flap(partition, number, end, !isCut);
          }
        });
  }

  private void apply(Partition partition, boolean isCut) {
    for (var cut : partition.cuts()) {
      world.connections().cut(cut.from(), cut.to(), isCut, partition.isSilent());
    }
  }

  private void crash() {
    crash(anyNode(crashes));
  }

  private void crash(SimulatedNode node) {
    var point = crashes.pick(List.of(CrashPoint.values()));
    world.note("plan", "crash of " + node + " " + point);
    int start = node.starts();
    node.crash(point);
    later(crashes.wait(options.crashes().stops().lasting()), () -> restart(node, start));
  }

  private void crashUnlessOver(SimulatedNode node) {
    if (!isOver) {
      crash(node);
    }
  }

  /// A node that is leaving is stopped, and finds another store when it is started again.
  private void setBack(SimulatedNode node, SimulatedNode.Backup backup) {
    if (!isOver && node.isUp() && !node.isGone() && !node.isRebuilding()) {
      count("store set back while leaving");
      node.crash(CrashPoint.NOW);
      node.restore(backup);
      node.start();
    }
  }

  private void restart(SimulatedNode node, int start) {
    // The crash may be waiting for its point; then it has to happen now.
    if (node.isUp() && node.starts() == start) {
      node.crash(CrashPoint.NOW);
    }
    if (node.isUp()) {
      return;
    }
    var backup = Optional.ofNullable(backups.get(node.number()));
    if (crashes.perMille(options.crashes().restorePerMille()) && backup.isPresent()) {
      count("restore");
      node.restore(backup.get());
    }
    node.start();
  }

  private void leave() {
    turnover.leave(options.members().departures().lasting());
  }

  private void goAway() {
    turnover.goAway(options.members().absences().lasting(), this::later);
  }

  private void turnSpacesOver() {
    spaces.turnOver(this::crashUnlessOver, this::later);
  }

  private void rollBack() {
    rollBacks.rollBack(options.stores().rollBacks().lasting(), this::later);
  }

  private void join() {
    newcomers.join(this::setClock, this::crashUnlessOver, this::later);
  }

  /// As when a directory is copied, or a virtual machine is cloned: of what is on the disk now, or
  /// was before.
  private void copy() {
    var copy = world.copy();
    if (copy.isUp()) {
      return;
    }
    var original = anyNode(copies);
    if (original.isMarked()) {
      return;
    }
    var older = Optional.ofNullable(backups.get(original.number()));
    boolean isOld = copies.perMille(500) && older.isPresent();
    count("copy");
    world.note("plan", "a copy of " + original + " is started beside it");
    copy.become(original, isOld ? older.get() : original.backup());
    copy.start();
    later(copies.wait(options.copies().lasting()), this::endCopy);
  }

  /// The operator stops the copy and throws its directory away.
  private void endCopy() {
    if (world.copy().isUp()) {
      world.note("plan", "the copy is thrown away");
      world.copy().retire();
    }
  }

  /// An operator revokes the key of a member at another, which has of it what it has.
  private void evict() {
    var victim = anyNode(evictions);
    var at = anyNode(evictions);
    boolean isPossible =
        at.isUp() && at != victim && world.remaining().size() > 2 && world.remaining().contains(at);
    if (isPossible) {
      evict(victim, at);
    }
  }

  /// An operator revokes the key of a member at another.
  public void evict(SimulatedNode victim, SimulatedNode at) {
    count("eviction");
    world.note("plan", victim + " is evicted at " + at);
    operator.accept(at.system(), world.statements().revoke(victim, at));
  }

  /// In some runs, an operator has what is held of evicted members stand.
  public void adopt(SpaceId space) {
    var honest = world.remaining();
    honest.removeIf(node -> node.find(space).isEmpty());
    if (honest.isEmpty()) {
      return;
    }
    var node = honest.get(evictions.below(honest.size()));
    for (var evicted : world.evicted()) {
      if (evictions.perMille(500)) {
        count("adoption");
        world.note("plan", "what is held of " + evicted + " is adopted at " + node);
        world.adopt(node, space, evicted);
      }
    }
  }

  private void backup() {
    var node = anyNode(backupDraws);
    // Files that do not fit together are found by whoever starts over them.
    if (!node.isMarked()) {
      backups.put(node.number(), node.backup());
    }
  }

  private void jump() {
    var node = anyNode(clocks);
    long by = spread(clocks, options.clocks().jumpMost().toNanos());
    count("clock jump");
    world.note("plan", "clock of " + node + " jumps by " + Duration.ofNanos(by).toMillis() + " ms");
    node.clock().jump(by);
    later(
        clocks.wait(options.clocks().jumps().lasting()),
        () -> {
          node.clock().correct();
          world.note("plan", "clock of " + node + " is set right");
        });
  }

  private void pause() {
    var node = anyNode(stalls);
    long nanos = stalls.wait(options.pauses().lasting());
    count("pause");
    world.note("plan", node + " stands still");
    node.pause(nanos);
  }

  private void loseLog() {
    for (var space : anyNode(stalls).spaces()) {
      if (space.loseLog()) {
        count("log lost");
        world.note("plan", space + " loses its log");
      }
    }
  }

  private void clog() {
    int from = anyNode(stalls).number();
    int to = anyNode(stalls).number();
    count("clog");
    world.note("plan", "link " + from + ">" + to + " clogs");
    world.network().clog(from, to, stalls.wait(options.clogs().lasting()));
  }

  private void count(String fault) {
    world.counts().add("fault: " + fault);
  }

  private SimulatedNode anyNode(Draws draws) {
    return world.nodes().get(draws.below(world.nodes().size()));
  }

  /// A number from `-most` to `most`, of any magnitude alike.
  private static long spread(Draws draws, long most) {
    long range = most >> draws.below(Math.max(1, Long.SIZE - Long.numberOfLeadingZeros(most)));
    long number = range == 0 ? 0 : (draws.bits() >>> 1) % (range + 1);
    return draws.perMille(500) ? number : -number;
  }
}
