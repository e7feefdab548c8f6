package io.starling.simulation.scenario;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.cell.Path;
import io.starling.replica.request.Mutation;
import io.starling.simulation.chance.Draws;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/// Machines that are set back with their memory while their node runs, as when a snapshot of a
/// running virtual machine is put back. The node goes on as the replica it was, and numbers batches
/// as it had numbered others, unless it hears of those before it writes.
final class RollBacks {

  private static final String COUNTED = "count/0";

  private final World world;
  private final BiConsumer<SimulatedSpace, Mutation> client;
  private final Draws draws;
  private final TreeMap<Integer, Integer> rollBacks = new TreeMap<>();

  /// A machine as it was, and who its node was then.
  private record Snapshot(
      SimulatedNode.Backup backup, int starts, int rollBacks, List<ReplicaId> selves) {}

  /// @param client writes to a space
  RollBacks(World world, BiConsumer<SimulatedSpace, Mutation> client, Draws draws) {
    this.world = world;
    this.client = client;
    this.draws = draws;
  }

  Draws draws() {
    return draws;
  }

  /// Takes a snapshot, and puts it back a while later if the node is still what it was then. What
  /// it has written meanwhile others may have; and it is written to at once.
  ///
  /// @param lasting how long after, on average
  void rollBack(Duration lasting, Later later) {
    var node = draws.pick(world.nodes());
    long wait = draws.wait(lasting);
    if (!node.isUp() || node.isPaused() || !node.hosting().stored().isEmpty()) {
      return;
    }
    var snapshot = new Snapshot(node.backup(), node.starts(), times(node), selves(node));
    write(node);
    later.run(wait, () -> putBack(node, snapshot));
  }

  private void putBack(SimulatedNode node, Snapshot snapshot) {
    boolean isSame =
        node.isUp()
            && !node.isPaused()
            && node.starts() == snapshot.starts()
            && times(node) == snapshot.rollBacks()
            && selves(node).equals(snapshot.selves());
    if (isSame) {
      world.counts().add("fault: roll-back");
      rollBacks.merge(node.number(), 1, Integer::sum);
      node.rollBack(snapshot.backup());
      write(node);
    }
  }

  private void write(SimulatedNode node) {
    boolean isOfMembers = draws.perMille(300);
    var space = isOfMembers ? node.system() : node.main();
    client.accept(space, new Mutation.Increment(Path.of(COUNTED), 1));
  }

  private int times(SimulatedNode node) {
    return rollBacks.getOrDefault(node.number(), 0);
  }

  private static List<ReplicaId> selves(SimulatedNode node) {
    return List.of(node.system().status().self(), node.main().status().self());
  }
}
