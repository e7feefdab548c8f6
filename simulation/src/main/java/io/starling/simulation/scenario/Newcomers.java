package io.starling.simulation.scenario;

import io.starling.simulation.chance.Draws;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Members that join while the cluster runs: by one or two members that may be down or cut off
/// themselves, often two at once; either end may stop in the midst of it.
final class Newcomers {

  private static final Duration CRASH_MOST = Duration.ofSeconds(2);
  private static final int PEERS_MOST = 2;

  private final World world;
  private final Draws draws;

  Newcomers(World world, Draws draws) {
    this.world = world;
    this.draws = draws;
  }

  Draws draws() {
    return draws;
  }

  /// One or two join, if there is room.
  ///
  /// @param begin sees each before it starts
  /// @param crash stops a node at some point of its work, and starts it again
  void join(Consumer<SimulatedNode> begin, Consumer<SimulatedNode> crash, Later later) {
    int count = draws.perMille(300) ? 2 : 1;
    for (int i = 0; i < count; i++) {
      if (world.joining().hasRoom()) {
        joinOne(begin, crash, later);
      }
    }
  }

  private void joinOne(Consumer<SimulatedNode> begin, Consumer<SimulatedNode> crash, Later later) {
    var peers = peers();
    world.counts().add("fault: join");
    var node = world.joining().join(peers);
    begin.accept(node);
    if (draws.perMille(500)) {
      standBeside(node, peers.getFirst());
    }
    crashSoon(node, 600, crash, later);
    crashSoon(peers.getFirst(), 300, crash, later);
  }

  /// Those whom the invitation names.
  private List<SimulatedNode> peers() {
    var others = new ArrayList<>(world.remaining());
    int count = draws.between(1, PEERS_MOST);
    var peers = new ArrayList<SimulatedNode>();
    while (peers.size() < count && !others.isEmpty()) {
      peers.add(others.remove(draws.below(others.size())));
    }
    return peers;
  }

  /// Who is cut off from a peer is cut off from the new one, until the network heals.
  private void standBeside(SimulatedNode node, SimulatedNode peer) {
    for (var other : world.nodes()) {
      if (other != node && other != peer) {
        int number = other.number();
        boolean isCutThere = world.network().isCut(peer.number(), number);
        boolean isCutBack = world.network().isCut(number, peer.number());
        world.connections().cut(node.number(), number, isCutThere, false);
        world.connections().cut(number, node.number(), isCutBack, false);
      }
    }
  }

  private void crashSoon(
      SimulatedNode node, int perMille, Consumer<SimulatedNode> crash, Later later) {
    long wait = draws.wait(Duration.ZERO, CRASH_MOST);
    if (draws.perMille(perMille)) {
      later.run(wait, () -> crash.accept(node));
    }
  }
}
