package io.starling.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.Path;
import io.starling.crdt.value.Value;
import io.starling.replica.Effect;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Transfer.Row;
import io.starling.replica.port.StatePort;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Submission;
import io.starling.replica.state.SpaceState;
import io.starling.replica.state.StoredSpace;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.network.LinkOptions;
import io.starling.simulation.network.Signatures;
import io.starling.simulation.trace.Trace;
import io.starling.simulation.world.CrashPoint;
import io.starling.simulation.world.DiskOptions;
import io.starling.simulation.world.Engine;
import io.starling.simulation.world.Observer;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Machines that are set back with their memory again and again, while the network falls apart and
/// loses, and nodes stop. In the end the logs are lost, and one node begins anew with an empty
/// store.
///
/// The checks of a [Simulation] name batches by replica and number, which is what a fork takes
/// away; so what is looked at here is what clients see.
final class ForkSweepTest {

  private static final int SEEDS = 60;
  private static final int STEPS = 120;
  private static final int ROUNDS_MAX = 400;

  @Test
  void whateverAnyNodeHadIsOnAllNodesInTheEnd() {
    var counts = new TreeMap<String, Long>();
    for (long seed = 1; seed <= SEEDS; seed++) {
      new Run(seed, counts).run();
    }
    assertThat(counts.keySet())
        .as("a sweep in which this never happens has shown nothing: %s", counts)
        .contains(
            "set back",
            "crash",
            "partition",
            "fork",
            "third branch of a place",
            "branch of a branch",
            "log lost",
            "state with branches taken over");
  }

  /// A machine as it was.
  private record Kept(
      SimulatedNode.Backup backup, int starts, Object mainSelf, Object systemSelf) {}

  private static final class Run {
    private final long seed;
    private final TreeMap<String, Long> counts;
    private final Draws draws;
    private final World world;
    private final TreeMap<Integer, Kept> kept = new TreeMap<>();
    private final List<String> written = new ArrayList<>();
    private final List<String> alarms = new ArrayList<>();
    private long submissions;

    private Run(long seed, TreeMap<String, Long> counts) {
      this.seed = seed;
      this.counts = counts;
      draws = Draws.ofSeed(seed).split("forks");
      world =
          new World(
              new World.Setup(
                  draws.between(3, 5),
                  0,
                  Limits.DEFAULT,
                  Proof.WAIVED,
                  new LinkOptions(
                      draws.between(0, 200),
                      draws.between(0, 200),
                      0,
                      500,
                      0,
                      Duration.ofMillis(1),
                      Duration.ofMillis(draws.between(2, 200)),
                      Duration.ZERO),
                  DiskOptions.GOOD,
                  Engine.Factory.PRODUCTION,
                  Signatures.KEYED_HASHES,
                  new Trace(_ -> {}),
                  draws.split("world")));
      world.observe(
          new Observer() {
            @Override
            public void alarmed(SimulatedSpace space, Effect.Alarm alarm) {
              alarms.add(space + " " + alarm.kind() + " " + alarm.message());
            }
          });
    }

    private void run() {
      world.nodes().forEach(SimulatedNode::start);
      var empty = world.nodes().getLast().backup();
      for (int step = 0; step < STEPS; step++) {
        step();
        elapse(Duration.ofMillis(draws.between(1, 300)));
      }
      world.connections().mendAll();
      world.nodes().stream().filter(node -> !node.isUp()).forEach(SimulatedNode::start);
      // What one had alone before it was set back is nowhere.
      var had = new TreeSet<String>();
      world.nodes().forEach(node -> had.addAll(seen(node)));
      converge("what was written before and after is everywhere", had);
      count("fork", new SpaceState(world.mainId(), disk()).forks().all().size());
      count("third branch of a place", thirds());
      count("branch of a branch", nested());
      // What was built on a batch that is nowhere any more waits, and one without hashes of earlier
      // batches would go by the number (ADR 24).
      boolean isAllApplied =
          world.nodes().stream().allMatch(node -> node.main().status().buffered() == 0);
      if (isAllApplied) {
        takeOver(empty, had);
      } else {
        count("what was built on a lost batch", 1);
      }
    }

    private StatePort disk() {
      return world.nodes().getFirst().main().disk().durable();
    }

    private void step() {
      var node = world.nodes().get(draws.below(world.nodes().size()));
      switch (draws.below(12)) {
        case 0 -> crash(node);
        case 1 -> cut();
        case 2 -> world.connections().mendAll();
        case 3, 4 -> keep(node);
        case 5, 6, 7 -> setBack(node);
        default -> write(node);
      }
    }

    private void crash(SimulatedNode node) {
      if (node.isUp()) {
        count("crash", 1);
        node.crash(CrashPoint.NOW);
      } else {
        node.start();
      }
    }

    private void cut() {
      count("partition", 1);
      int size = world.nodes().size();
      int sides = draws.between(1, (1 << size) - 2);
      for (int from = 0; from < size; from++) {
        for (int to = 0; to < size; to++) {
          boolean isApart = (sides >> from & 1) != (sides >> to & 1);
          if (isApart) {
            world.connections().cut(from, to, true, draws.perMille(500));
          }
        }
      }
    }

    private void keep(SimulatedNode node) {
      if (node.isUp()) {
        kept.put(
            node.number(),
            new Kept(
                node.backup(),
                node.starts(),
                node.main().status().self(),
                node.system().status().self()));
      }
    }

    private void setBack(SimulatedNode node) {
      var before = Optional.ofNullable(kept.get(node.number()));
      boolean isPossible =
          node.isUp()
              && before
                  .filter(it ->
                      it.starts() == node.starts()
                          && it.mainSelf().equals(node.main().status().self())
                          && it.systemSelf().equals(node.system().status().self()))
                  .isPresent();
      if (isPossible) {
        count("set back", 1);
        write(node);
        elapse(Duration.ofMillis(draws.between(1, 60)));
        boolean isSame =
            before.get().mainSelf().equals(node.main().status().self())
                && before.get().systemSelf().equals(node.system().status().self());
        if (isSame) {
          node.rollBack(before.get().backup());
          write(node);
        }
      }
    }

    private void write(SimulatedNode node) {
      if (node.isUp()) {
        var key = "w/" + written.size();
        written.add(key);
        submit(node, new Mutation.Increment(Path.of(key), 1));
        submit(node, new Mutation.AddElement(Path.of("all"), new Value.Text(key)));
      }
    }

    private void submit(SimulatedNode node, Mutation mutation) {
      node.main()
          .submit(new Submission(++submissions, "test", Optional.empty(), List.of(mutation)));
    }

    /// The logs are lost, and one node is to begin with nothing.
    private void takeOver(SimulatedNode.Backup empty, TreeSet<String> had) {
      var last = world.nodes().getLast();
      last.crash(CrashPoint.NOW);
      last.restore(empty);
      world.nodes().stream()
          .filter(node -> node != last && node.main().loseLog())
          .forEach(_ -> count("log lost", 1));
      last.start();
      converge("one that begins with nothing has all", had);
      var branches = new StoredSpace(last.main().disk().durable()).branchRows();
      assertThat(branches)
          .as("branches, seed %s", seed)
          .isEqualTo(new StoredSpace(disk()).branchRows());
      boolean isByState =
          alarms.stream().anyMatch(it -> it.contains("takes over that peer's state"));
      count("state with branches taken over", isByState && !branches.isEmpty() ? 1 : 0);
      world.nodes().forEach(this::write);
      elapse(world.limits().round());
      world.nodes().forEach(node -> had.addAll(seen(node)));
      converge("what is written then is everywhere", had);
      assertThat(alarms)
          .as("seed %s", seed)
          .noneMatch(it -> it.contains("DONOR_FAULT"))
          .noneMatch(it -> it.contains("DIGEST_MISMATCH"))
          .noneMatch(it -> it.contains("INVALID_BATCH"));
    }

    /// What clients of a node see of what was written.
    private TreeSet<String> seen(SimulatedNode node) {
      var reader = node.main().reader();
      var seen = new TreeSet<String>();
      for (var key : written) {
        var value = reader.view(Path.of(key), 1).toValue();
        if (!value.equals(new Value.Null())) {
          assertThat(value).as("%s at %s, seed %s", key, node, seed).isEqualTo(new Value.Int(1));
          seen.add(key);
        }
      }
      return seen;
    }

    private void converge(String what, TreeSet<String> had) {
      int rounds = 0;
      while (!isSame() && ++rounds < ROUNDS_MAX) {
        elapse(world.limits().round());
      }
      assertThat(isSame()).as("%s, seed %s: %s", what, seed, statuses()).isTrue();
      for (var node : world.nodes()) {
        assertThat(seen(node)).as("%s at %s, seed %s", what, node, seed).containsAll(had);
      }
    }

    /// A batch may wait for ever: what leads to it was on a machine alone that was set back.
    private boolean isSame() {
      var first = world.nodes().getFirst().main().status();
      return world.nodes().stream()
          .map(SimulatedNode::main)
          .allMatch(it ->
              it.isIdle()
                  && it.status().catchingUp().isEmpty()
                  && it.status().token().equals(first.token())
                  && it.status().closed().equals(first.closed())
                  && it.status().digest().equals(first.digest()));
    }

    private String statuses() {
      return world.nodes().stream()
          .map(node -> {
            var status = node.main().status();
            return "%s applied %s, %d wait, closed %s, digest %s, idle %s, %s"
                .formatted(
                    node,
                    status.active(),
                    status.buffered(),
                    status.closed(),
                    status.digest(),
                    node.main().isIdle(),
                    status.catchingUp());
          })
          .collect(Collectors.joining("; "));
    }

    private long thirds() {
      return new StoredSpace(disk())
          .branchRows().stream()
              .collect(Collectors.groupingBy(Row.BranchRow::parent, Collectors.counting()))
              .values()
              .stream()
              .filter(many -> many > 2)
              .count();
    }

    private long nested() {
      var rows = new StoredSpace(disk()).branchRows();
      var names = rows.stream().map(Row.BranchRow::name).toList();
      return rows.stream().filter(row -> names.contains(row.parent())).count();
    }

    private void count(String what, long times) {
      if (times > 0) {
        counts.merge(what, times, Long::sum);
      }
    }

    private void elapse(Duration duration) {
      long until = world.agenda().nowNanos() + duration.toNanos();
      while (world.agenda().step(until)) {
        // Until then.
      }
    }
  }
}
