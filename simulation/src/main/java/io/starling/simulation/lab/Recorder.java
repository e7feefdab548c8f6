package io.starling.simulation.lab;

import io.starling.crdt.causal.VersionVector;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import io.starling.simulation.Plan;
import io.starling.simulation.Report;
import io.starling.simulation.Simulation;
import io.starling.simulation.check.Model;
import io.starling.simulation.script.Regions;
import io.starling.simulation.script.Step;
import io.starling.simulation.workload.Workload;
import io.starling.simulation.world.Observer;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// Watches a run from its inside and writes down what there is to see. Changes nothing in it.
final class Recorder implements Simulation.Spectator, Observer {

  private static final int SAMPLES = 240;
  private static final Duration SAMPLE_LEAST = Duration.ofMillis(100);

  /// What happens after the end is of interest only until all are the same.
  private static final Duration AFTERMATH = Duration.ofSeconds(5);

  private final Plan plan;
  private final Regions regions;
  private final long everyNanos;
  private final List<Sample> samples = new ArrayList<>();
  private final List<Parting> partings = new ArrayList<>();
  private final TreeMap<Long, Open> open = new TreeMap<>();
  private final long[] written;
  private final long[] refused;
  private final long[] writtenEver;
  private final TreeMap<String, Long> bytesBefore = new TreeMap<>();
  private long slowestNanos;
  private Optional<Parting.Surroundings> watched = Optional.empty();

  /// A write of a client that is not answered yet.
  private record Open(int node, long sinceNanos) {}

  Recorder(Plan plan) {
    this.plan = plan;
    this.regions = plan.script().regions();
    this.everyNanos =
        Math.max(SAMPLE_LEAST.toNanos(), plan.duration().dividedBy(SAMPLES).toNanos());
    written = new long[plan.nodes()];
    refused = new long[plan.nodes()];
    writtenEver = new long[plan.nodes()];
  }

  @Override
  public void begin(World world, Workload workload, Model model) {
    watched = Optional.of(new Parting.Surroundings(world, model));
    world.observe(this);
    for (var step : plan.script().steps()) {
      sides(step).ifPresent(sides -> watch(world, step, sides));
    }
    // When the nodes have started.
    world.agenda().after(0, () -> sampleAgain(world));
  }

  /// Who cannot reach whom in a step.
  private static Optional<List<List<Integer>>> sides(Step step) {
    return switch (step) {
      case Step.Split(_, var groups, _) -> Optional.of(groups);
      case Step.OneWay(_, var from, var to, _) -> Optional.of(List.of(from, to));
      case Step.Stop _, Step.Pause _, Step.Slow _, Step.Write _ -> Optional.empty();
    };
  }

  private void watch(World world, Step step, List<List<Integer>> sides) {
    var parting = new Parting(step, sides);
    partings.add(parting);
    // Before the script does it, since it was asked first.
    world.agenda().after(step.span().from().toNanos(), () -> parting.begin(around(), writtenEver));
    world.agenda().after(step.span().until().toNanos(), () -> parting.end(around(), writtenEver));
  }

  private Parting.Surroundings around() {
    return watched.orElseThrow();
  }

  private void sampleAgain(World world) {
    long end = plan.duration().plus(AFTERMATH).toNanos();
    if (world.agenda().nowNanos() <= end) {
      sample(world);
      world.agenda().after(everyNanos, () -> sampleAgain(world));
    }
  }

  private void sample(World world) {
    var all = union(world);
    var nodes = new ArrayList<Sample.NodeSample>();
    for (int node = 0; node < plan.nodes(); node++) {
      var one = world.nodes().get(node);
      long lacks = missing(all, vector(one));
      nodes.add(new Sample.NodeSample(state(one), lacks, written[node], refused[node]));
      written[node] = 0;
      refused[node] = 0;
    }
    long atMillis = world.agenda().nowNanos() / 1_000_000;
    samples.add(new Sample(atMillis, nodes, cutLinks(world), bytes(world)));
  }

  private static Sample.State state(SimulatedNode node) {
    if (!node.isUp()) {
      return Sample.State.DOWN;
    }
    return node.isPaused() ? Sample.State.PAUSED : Sample.State.UP;
  }

  private List<Integer> cutLinks(World world) {
    return LabResult.pairs(regions.names().size()).stream()
        .map(pair -> cutLinks(world, regions.nodesOf(pair.one()), regions.nodesOf(pair.other())))
        .toList();
  }

  private static int cutLinks(World world, List<Integer> ones, List<Integer> others) {
    int links = 0;
    int cut = 0;
    for (int one : ones) {
      for (int other : others) {
        if (one != other) {
          links += 2;
          cut += world.network().isCut(one, other) ? 1 : 0;
          cut += world.network().isCut(other, one) ? 1 : 0;
        }
      }
    }
    return links == 0 ? 0 : 1_000 * cut / links;
  }

  private TreeMap<String, Long> bytes(World world) {
    var now = new TreeMap<String, Long>();
    world
        .counts()
        .all()
        .forEach((what, count) -> {
          if (what.startsWith(World.BYTES_OF)) {
            var kind = what.substring(World.BYTES_OF.length());
            long more = count - bytesBefore.getOrDefault(kind, 0L);
            bytesBefore.put(kind, count);
            now.put(kind, more);
          }
        });
    return now;
  }

  static VersionVector vector(SimulatedNode node) {
    return node.main().ledger().vector();
  }

  static VersionVector union(World world) {
    return world.nodes().stream()
        .map(Recorder::vector)
        .reduce(VersionVector.EMPTY, VersionVector::join);
  }

  /// Batches that one vector covers and another does not.
  static long missing(VersionVector all, VersionVector some) {
    return all.entries().stream()
        .mapToLong(entry -> Math.max(0, entry.seq() - some.seq(entry.replica())))
        .sum();
  }

  @Override
  public void submitted(SimulatedSpace space, Submission submission) {
    int node = space.node().number();
    boolean isInTime = now() <= plan.duration().toNanos();
    if (isInTime && space.equals(space.node().main()) && node < plan.nodes()) {
      open.put(submission.id(), new Open(node, now()));
    }
  }

  @Override
  public void answered(SimulatedSpace space, long submission, Outcome outcome) {
    var one = open.remove(submission);
    if (one == null) {
      return;
    }
    if (outcome instanceof Outcome.Committed) {
      written[one.node()]++;
      writtenEver[one.node()]++;
      slowestNanos = Math.max(slowestNanos, now() - one.sinceNanos());
    } else {
      refused[one.node()]++;
    }
  }

  /// What it had not answered yet it never will.
  @Override
  public void crashed(SimulatedNode node) {
    open.values()
        .removeIf(one -> {
          boolean isLost = one.node() == node.number();
          if (isLost) {
            refused[one.node()]++;
          }
          return isLost;
        });
  }

  private long now() {
    return around().world().agenda().nowNanos();
  }

  LabResult result(Report report) {
    return new LabResult(
        report,
        everyNanos / 1_000_000,
        List.copyOf(samples),
        partings.stream().flatMap(parting -> parting.healing(regions).stream()).toList(),
        slowestNanos / 1_000_000);
  }
}
