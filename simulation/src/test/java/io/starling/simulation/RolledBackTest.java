package io.starling.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.starling.crdt.cell.Path;
import io.starling.replica.Effect;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.catchup.Proof;
import io.starling.replica.limits.Limits;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Submission;
import io.starling.replica.state.SpaceState;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.network.LinkOptions;
import io.starling.simulation.network.Signatures;
import io.starling.simulation.trace.Trace;
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
import java.util.function.BooleanSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A machine that is set back with its memory while its node runs: what no node can prevent, and
/// all find out.
final class RolledBackTest {

  private static final int NODES = 4;
  private static final int ROUNDS_MAX = 30;

  /// A fifth of all frames is lost, a fifth comes twice, half come out of order.
  private static final LinkOptions LOSSY =
      new LinkOptions(
          200, 200, 0, 500, 0, Duration.ofMillis(1), Duration.ofMillis(50), Duration.ZERO);

  private final List<String> alarms = new ArrayList<>();
  private long submissions;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void whatItWritesUnderAUsedNumberIsProvenToAllAndAllHaveWhatWasWrittenBeforeAndAfter(long seed) {
    var world = started(seed);
    var node = world.nodes().getFirst();
    write(node, "before");
    require(world, "what was written before is everywhere", () -> isSame(world, 0));
    var backup = node.backup();
    write(node, "lost");
    require(world, "what will be lost is everywhere else", () -> isSame(world, 0));

    node.rollBack(backup);
    write(node, "again");
    require(
        world,
        "all keep the proof",
        () -> world.nodes().stream().allMatch(it -> proofs(it).size() == 1));

    var place = proofs(node).getFirst().place();
    assertThat(place.replica().key()).isEqualTo(node.key());
    for (var other : world.nodes()) {
      assertThat(proofs(other).getFirst().place()).isEqualTo(place);
      assertThat(alarms)
          .anyMatch(it -> it.startsWith(other + " main FORK two batches " + place.seq() + " of "));
    }
    world.nodes().subList(1, NODES).forEach(other -> write(other, "goes on"));
    require(world, "all are the same", () -> isSame(world, 0));
    for (var one : world.nodes()) {
      for (var key : List.of("before", "lost", "again")) {
        assertThat(one.main().reader().view(Path.of(key), 1).toValue())
            .as(key)
            .hasToString("Int[value=1]");
      }
      assertThat(one.main().reader().view(Path.of("goes on"), 1).toValue())
          .hasToString("Int[value=" + (NODES - 1) + "]");
      assertThat(one.main().status().digest())
          .isEqualTo(world.nodes().getFirst().main().status().digest());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void oneThatHearsOfItBeforeItWritesGoesOnAsAnotherAndIsAccusedByNobody(long seed) {
    var world = started(seed);
    var node = world.nodes().getFirst();
    var backup = node.backup();
    write(node, "lost");
    require(world, "what will be lost is everywhere else", () -> isSame(world, 0));

    var before = node.main().status().self();
    node.rollBack(backup);
    require(world, "it has ended", () -> !node.main().status().self().equals(before));
    write(node, "again");
    require(world, "all are the same", () -> isSame(world, 0));
    assertThat(alarms)
        .noneMatch(it -> it.contains("FORK"))
        .anyMatch(it -> it.contains("LOST_TAIL"));
  }

  private World started(long seed) {
    var world =
        new World(
            new World.Setup(
                NODES,
                0,
                Limits.DEFAULT,
                Proof.WAIVED,
                LOSSY,
                DiskOptions.GOOD,
                Engine.Factory.PRODUCTION,
                Signatures.KEYED_HASHES,
                new Trace(_ -> {}),
                Draws.ofSeed(seed)));
    world.observe(
        new Observer() {
          @Override
          public void alarmed(SimulatedSpace space, Effect.Alarm alarm) {
            alarms.add(space + " " + alarm.kind() + " " + alarm.message());
          }
        });
    world.nodes().forEach(SimulatedNode::start);
    return world;
  }

  private void write(SimulatedNode node, String key) {
    var increment = new Mutation.Increment(Path.of(key), 1);
    node.main().submit(new Submission(++submissions, "test", Optional.empty(), List.of(increment)));
  }

  private static void require(World world, String what, BooleanSupplier condition) {
    for (int round = 0; round < ROUNDS_MAX && !condition.getAsBoolean(); round++) {
      long until = world.agenda().nowNanos() + world.limits().round().toNanos();
      while (world.agenda().step(until)) {
        // Until the round is over.
      }
    }
    assertThat(condition.getAsBoolean()).as(what).isTrue();
  }

  private static boolean isSame(World world, int first) {
    var nodes = world.nodes().subList(first, NODES);
    var token = nodes.getFirst().main().status().token();
    return !token.heads().isEmpty()
        && nodes.stream().allMatch(it -> it.main().isIdle())
        && nodes.stream().allMatch(it -> it.main().status().token().equals(token));
  }

  private static List<ForkProof> proofs(SimulatedNode node) {
    return new SpaceState(node.main().id(), node.main().disk().durable()).forks().all();
  }
}
