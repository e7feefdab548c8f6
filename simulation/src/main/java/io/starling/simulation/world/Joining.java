package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The joining of members while the cluster runs, as nodes of the product go about it:
///
/// 1. An invitation gives a machine with an empty disk a place in the cluster, and names peers for
///    it to dial. With its certificate every member takes its link; nobody else knows where it is.
/// 2. It starts, and at once describes itself in `_system`, as each node does at each start until
///    it reads there that it has.
/// 3. Whoever reads that there dials it and counts it as a member; and it dials and counts those of
///    whom it reads. So nodes are linked if one of the two knows of the other.
///
/// In a world in which nobody can join, all know all from the start.
public final class Joining {

  private static final Duration DESCRIBE_AGAIN = Duration.ofSeconds(5);

  private final World world;
  private final int founders;
  private final int places;
  private final TreeMap<Integer, SortedSet<KeyFingerprint>> invitations = new TreeMap<>();

  /// @param places for those who join
  Joining(World world, int founders, int places) {
    this.world = world;
    this.founders = founders;
    this.places = places;
  }

  /// Whether anybody can join in this run.
  public boolean isPossible() {
    return places > 0;
  }

  /// Whether one more can.
  public boolean hasRoom() {
    return invitations.size() < places;
  }

  /// How many are members or were, founders included.
  int members() {
    return founders + invitations.size();
  }

  /// Starts a machine that nobody knows.
  ///
  /// @param peers whom it knows
  /// @throws IllegalStateException if there is no room
  public SimulatedNode join(List<SimulatedNode> peers) {
    if (!hasRoom()) {
      throw new IllegalStateException("all places are taken");
    }
    int number = members();
    invitations.put(number, new TreeSet<>(peers.stream().map(SimulatedNode::key).toList()));
    var node = world.at(number);
    world.note(node, "joins by " + peers);
    world.observers(node).forEach(observer -> observer.joined(node, peers));
    node.start();
    return node;
  }

  /// An operator names further peers for a member that does not reach all, not even by others,
  /// because those it knew of are gone.
  public void help() {
    for (int number : invitations.keySet()) {
      var node = world.at(number);
      var others = world.remaining();
      if (!others.remove(node)) {
        continue;
      }
      if (!isAmong(node, others)) {
        world.counts().add("joiners that knew nobody any more");
        world.note(node, "is told of other peers");
        var known = invitations.getOrDefault(number, Collections.emptySortedSet());
        others.forEach(other -> known.add(other.key()));
        world.connections().met(number);
      }
    }
  }

  /// Whether a member finds all of the others, or they find it, by those that they know of.
  private boolean isAmong(SimulatedNode node, List<SimulatedNode> others) {
    var left = new ArrayList<>(others);
    var found = new ArrayDeque<>(List.of(node));
    while (!found.isEmpty()) {
      var at = found.removeFirst();
      var next = left.stream().filter(other -> areAcquainted(at.number(), other.number())).toList();
      left.removeAll(next);
      found.addAll(next);
    }
    return left.isEmpty();
  }

  /// Whether somebody has not described itself yet.
  public boolean isUnderWay() {
    return isPossible() && world.remaining().stream().anyMatch(it -> !it.heard().hasDescribed(it));
  }

  /// The process of a node has started, or runs for a while.
  void describe(SimulatedNode node) {
    if (!isPossible()) {
      return;
    }
    int start = node.starts();
    if (!node.isPaused() && !node.heard().hasDescribed(node)) {
      world.write(node.system(), HeardMembers.description(node));
    }
    world
        .agenda()
        .after(
            DESCRIBE_AGAIN.toNanos(),
            () -> {
              boolean isStill = node.isUp() && node.starts() == start;
              if (isStill && !node.heard().hasDescribed(node)) {
                describe(node);
              }
            });
  }

  /// Whether one of the machines at two places can find the other.
  boolean areAcquainted(int a, int b) {
    return !isPossible() || knows(a, b) || knows(b, a);
  }

  private boolean knows(int a, int b) {
    var key = world.keyAt(b);
    int self = world.keys().node(world.keyAt(a));
    boolean haveFounded = self < founders && world.keys().node(key) < founders;
    return haveFounded
        || invitations.getOrDefault(self, Collections.emptySortedSet()).contains(key)
        || world.at(a).heard().members().contains(key);
  }
}
