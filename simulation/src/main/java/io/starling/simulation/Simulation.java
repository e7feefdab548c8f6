package io.starling.simulation;

import io.starling.replica.batch.SpaceId;
import io.starling.replica.limits.LogRetention;
import io.starling.replica.status.SpaceStatus;
import io.starling.replica.status.SpaceStatus.Revoked;
import io.starling.simulation.check.Checks;
import io.starling.simulation.check.Model;
import io.starling.simulation.scenario.FaultPlan;
import io.starling.simulation.scenario.Runbook;
import io.starling.simulation.scenario.Setting;
import io.starling.simulation.scenario.Upgrades;
import io.starling.simulation.script.ScriptPlayer;
import io.starling.simulation.trace.Trace;
import io.starling.simulation.workload.Workload;
import io.starling.simulation.workload.WorkloadKind;
import io.starling.simulation.workload.WorkloadOptions;
import io.starling.simulation.world.DiskOptions;
import io.starling.simulation.world.Lie;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.Violation;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// One run, in two phases. First safety: clients work while things go wrong, and whatever a node
/// does is checked at once. Then liveness: all faults end, and within a bounded number of rounds
/// all nodes are the same, with nothing left waiting; then everything is checked once more.
public final class Simulation {

  /// The check that nothing is thrown that nobody expects.
  public static final String UNBROKEN = "nothing breaks";

  private static final String OURS = "io.starling.";
  private static final int FRAMES_MAX = 6;
  private static final int REST_ROUNDS = 4;
  private static final int COPY_ROUNDS = 10;
  private static final int GONE_ROUNDS = 4;
  private static final int CLIENTS_PER_NODE = 2;
  private static final DiskOptions REAL_DISKS =
      new DiskOptions(Duration.ofMillis(1), Duration.ofMillis(4), 0);
  private static final int TRUNCATED_ROUNDS_MAX = 400;

  private static final int HELPED_ROUNDS = 150;

  /// After which an operator looks at who does not get on by itself.
  private static final int PATIENCE_ROUNDS = 60;

  private final Plan plan;
  private final Trace trace;
  private final World world;
  private final Workload workload;
  private final FaultPlan faults;
  private final Runbook runbook;
  private final Upgrades upgrades;
  private final ScriptPlayer script;
  private final Checks checks;
  private boolean isConverged;
  private long rounds;

  /// Sees a run from its inside.
  public interface Spectator {
    /// The run is about to begin.
    ///
    /// @param model knows all that was ever written
    void begin(World world, Workload workload, Model model);
  }

  private Simulation(Plan plan, Consumer<String> listener) {
    this.plan = plan;
    var draws = plan.draws();
    Setting setting = plan.setting();
    trace = new Trace(listener);
    world =
        new World(
            new World.Setup(
                plan.nodes(),
                setting.faults().members().joinersMost(),
                setting.limits(),
                setting.proof(),
                setting.links(),
                plan.script().isNone() ? setting.disks() : REAL_DISKS,
                plan.engines(),
                plan.signatures(),
                trace,
                draws.split("world")));
    world.haveLie(setting.lies(), draws.split("lies"));
    workload = new Workload(world, workload(plan, setting), draws.split("workload"));
    script = new ScriptPlayer(world, plan.script(), workload::operate);
    faults =
        new FaultPlan(
            world, setting.faults(), workload::operate, workload::operate, draws.split("faults"));
    upgrades = new Upgrades(world, draws.split("upgrades"));
    runbook = new Runbook(world, draws.split("runbook"));
    checks = new Checks(world, workload);
    world.observe(workload);
    world.observe(runbook);
    world.writeBy(workload::administer);
  }

  /// In regions clients go to no node but their own.
  private static WorkloadOptions workload(Plan plan, Setting setting) {
    var options = clients(plan, setting);
    return plan.rate() == 0 ? options : options.at(plan.rate(), plan.nodes());
  }

  private static WorkloadOptions clients(Plan plan, Setting setting) {
    var options = setting.workload().about(plan.workload());
    if (plan.workload() == WorkloadKind.NONE) {
      return options.atHome(0);
    }
    if (plan.script().isNone()) {
      return options;
    }
    int most = plan.reduction().clientsMost();
    int clients = CLIENTS_PER_NODE * plan.nodes();
    return options.atHome(most == 0 ? clients : Math.min(most, clients));
  }

  /// Runs a plan to its end, or to the first violation. What is thrown in it is one, too
  /// ([#UNBROKEN]).
  public static Report run(Plan plan) {
    return run(plan, _ -> {});
  }

  /// Runs a plan.
  ///
  /// @param listener sees each line of the trace
  public static Report run(Plan plan, Consumer<String> listener) {
    return run(plan, listener, (_, _, _) -> {});
  }

  /// Runs a plan.
  ///
  /// @param listener sees each line of the trace
  public static Report run(Plan plan, Consumer<String> listener, Spectator spectator) {
    var simulation = new Simulation(plan, listener);
    spectator.begin(simulation.world, simulation.workload, simulation.checks.model());
    try {
      simulation.perform();
      return simulation.report(Optional.empty());
    } catch (Violation violation) {
      return simulation.ended(violation);
    } catch (RuntimeException | AssertionError broken) {
      return simulation.ended(new Violation(UNBROKEN, where(broken), broken));
    }
  }

  private Report ended(Violation violation) {
    trace.line(world.agenda().nowNanos(), violation.check(), violation.finding());
    return report(Optional.of(violation));
  }

  /// What went wrong and where, on one line.
  private static String where(Throwable broken) {
    return Arrays.stream(broken.getStackTrace())
        .map(StackTraceElement::toString)
        .filter(frame -> frame.contains(OURS))
        .limit(FRAMES_MAX)
        .collect(Collectors.joining("; ", broken + ", at ", ""));
  }

  private void perform() {
    upgrades.start(plan.setting().upgrades());
    faults.start();
    world.liars().start();
    script.start();
    world.nodes().forEach(SimulatedNode::start);
    workload.start();
    elapse(plan.duration());
    workload.stop();
    script.stop();
    world.liars().end();
    faults.mend();
    upgrades.mend();
    elapse(world.limits().round());
    evictLiars();
    if (world.copy().isUp()) {
      elapse(world.limits().round().multipliedBy(COPY_ROUNDS));
      faults.endCopies();
    }
    if (!world.evicted().isEmpty()) {
      // So that all have heard, and what is to be held is.
      elapse(world.limits().round().multipliedBy(COPY_ROUNDS));
      adopt(world.systemId());
      adopt(world.mainId());
      world.statements().spaces().forEach(this::adopt);
    }
    settle();
    workload.writeOnceMore();
    converge();
    checks.converged(world);
    rest();
  }

  private void adopt(SpaceId space) {
    faults.adopt(space);
    elapse(world.limits().round());
  }

  /// In some runs: at a member that is honest, as far as that has applied what they wrote.
  private void evictLiars() {
    if (plan.setting().lies().isEvicted()) {
      for (var liar : world.nodes().stream().filter(world.liars()::has).toList()) {
        faults.evict(liar, world.remaining().getFirst());
      }
      elapse(world.limits().round());
    }
  }

  /// Lets those end what they have begun who leave, or whose store is being made anew.
  private void settle() {
    int round = 0;
    while (isUnsettled()) {
      if (++round > TRUNCATED_ROUNDS_MAX + roundsForHelp()) {
        throw new Violation(
            Checks.CONVERGENCE, "somebody still leaves, or makes its store anew: " + differences());
      }
      elapse(world.limits().round());
      world.joining().help();
      faults.letGoOfTheLost();
      if (round % PATIENCE_ROUNDS == PATIENCE_ROUNDS / 2) {
        faults.nameHostsWhereNoneIs();
      }
      if (round > PATIENCE_ROUNDS) {
        faults.dropWhatIsNowhere();
      }
      if (round % PATIENCE_ROUNDS == 0) {
        faults.putOnWhoCannotHandOver();
      }
      runbook.look();
    }
    if (world.nodes().stream().anyMatch(SimulatedNode::isGone)) {
      // So that all have noticed.
      elapse(world.limits().round().multipliedBy(GONE_ROUNDS));
      faults.letGoOfTheLost();
      elapse(world.limits().round().multipliedBy(GONE_ROUNDS));
    }
  }

  /// Who is evicted is given nothing, so its store stays what it is.
  private boolean isUnsettled() {
    var remaining = world.remaining();
    return world.joining().isUnderWay()
        || world.versions().isUnderWay()
        || world.nodes().stream().anyMatch(node -> node.isUp() == node.isGone())
        || world.nodes().stream().anyMatch(node -> node.isUp() && node.leaving().isUnderWay())
        || remaining.stream().anyMatch(node -> node.hosting().isMoving())
        || remaining.stream()
            .flatMap(node -> node.spaces().stream())
            .anyMatch(SimulatedSpace::isRebuilding);
  }

  /// Where logs are truncated, members may have to take over state: they wait for proof of it, and
  /// a donor that had nobody to prove it rests.
  private int roundsMax() {
    boolean isTruncated =
        !world.limits().retention().equals(LogRetention.DEFAULT)
            || world.liars().tell(Lie.TRANSFERS);
    boolean areListed = plan.setting().faults().spaces().turnovers().comes();
    int usual = plan.scenario().roundsMax();
    return isTruncated || areListed ? Math.max(usual, TRUNCATED_ROUNDS_MAX) : usual;
  }

  /// Whom an operator has helped tries for a minute to have state confirmed, and others after it.
  private int roundsForHelp() {
    return runbook.helped() * HELPED_ROUNDS;
  }

  private void converge() {
    int most = roundsMax();
    while (!isConverged && rounds < most + roundsForHelp()) {
      elapse(world.limits().round());
      runbook.look();
      rounds++;
      isConverged = isSame();
      if (!isConverged && rounds % PATIENCE_ROUNDS == 0) {
        adoptWhatIsWaitedFor();
        faults.nameHostsWhereNoneIs();
        faults.putOnWhoCannotHandOver();
      }
    }
    if (!isConverged) {
      throw new Violation(Checks.CONVERGENCE, "not after " + rounds + " rounds: " + differences());
    }
  }

  /// Of one that is gone nobody may have what it wrote last but who is evicted, whose word for that
  /// is none: what it names is held, and it waits. An operator sees that and adopts what is held.
  private void adoptWhatIsWaitedFor() {
    if (world.nodes().stream().noneMatch(SimulatedNode::isGone)) {
      return;
    }
    for (var node : world.remaining()) {
      for (var space : node.spaces()) {
        var status = space.status();
        if (held(status) > 0 && status.buffered() > held(status)) {
          world.counts().add("operators adopted what is waited for");
          world.evicted().forEach(key -> world.adopt(node, space.id(), key));
        }
      }
    }
  }

  /// A beacon a round for each replica, and now and then an answer to one, is all there is to say;
  /// what is gone for good is asked for once a round by whoever waits for it. Of a batch that waits
  /// since a liar has it follow on what nobody has, it is shown to all what it names, too.
  private void rest() {
    long before = world.counts().of("messages");
    for (int round = 0; round < REST_ROUNDS; round++) {
      elapse(world.limits().round());
    }
    long messages = world.counts().of("messages") - before;
    int peers = world.nodes().size() - 1;
    long replicas = world.nodes().stream().mapToLong(node -> node.spaces().size()).sum();
    boolean isAsked = checks.hasLost() || !world.evicted().isEmpty() || world.liars().areThere();
    long asks = isAsked ? 2L * peers : 0;
    long shows = world.liars().areThere() ? 2L * peers : 0;
    long each = 2 + asks + shows;
    if (messages > REST_ROUNDS * replicas * each) {
      throw new Violation(
          Checks.QUIET, messages + " messages in " + REST_ROUNDS + " rounds without any news");
    }
  }

  private void elapse(Duration duration) {
    long until = world.agenda().nowNanos() + duration.toNanos();
    while (world.agenda().step(until)) {
      world.counts().add("steps");
    }
  }

  private boolean isSame() {
    var seen = new TreeMap<SpaceId, SpaceStatus>();
    return world.remaining().stream()
        .allMatch(node ->
            node.hosting().isSettled() && node.spaces().stream().allMatch(it -> isSame(it, seen)));
  }

  /// @param seen what the first node has of each space
  private boolean isSame(SimulatedSpace space, SortedMap<SpaceId, SpaceStatus> seen) {
    var status = space.status();
    var first = seen.putIfAbsent(space.id(), status);
    var other = first == null ? status : first;
    return space.isIdle()
        && status.token().equals(other.token())
        && status.closed().equals(other.closed())
        && status.digest().equals(other.digest())
        && (status.buffered() == held(status) || checks.hasLost() || world.liars().areThere());
  }

  /// Batches of evicted members that nobody has named wait for ever.
  private static int held(SpaceStatus status) {
    return status.revocation().revoked().stream().mapToInt(Revoked::held).sum();
  }

  private String differences() {
    var text = new StringBuilder();
    for (var node : world.remaining()) {
      for (var space : node.spaces()) {
        var status = space.status();
        text.append(space)
            .append(" at ")
            .append(status.active())
            .append(" buffers ")
            .append(status.buffered())
            .append("; ");
      }
    }
    return text.toString();
  }

  private Report report(Optional<Violation> violation) {
    return new Report(
        plan,
        trace.hash(),
        trace.lines(),
        Duration.ofNanos(world.agenda().nowNanos()),
        rounds,
        checks.findings(violation.map(Violation::check), isConverged),
        world.counts().all(),
        violation.map(one -> one.check() + ": " + one.finding()),
        trace.tail());
  }
}
