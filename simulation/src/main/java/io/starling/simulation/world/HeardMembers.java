package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.membership.Revocation;
import io.starling.replica.membership.Revocations;
import io.starling.replica.request.Mutation;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/// What a node's `_system` says of members: whose key is revoked, who has left, and who has lapsed.
///
/// Looked up when more of `_system` is durable, as production's documents are; not at all in runs
/// in which nothing of the kind was ever stated.
final class HeardMembers {

  private final World world;
  private final SimulatedSpace system;
  private int heardAt = -1;
  private Revocations revocations = Revocations.NONE;
  private SortedSet<KeyFingerprint> left = Collections.emptySortedSet();
  private SortedSet<KeyFingerprint> lapsed = Collections.emptySortedSet();

  HeardMembers(World world, SimulatedSpace system) {
    this.world = world;
    this.system = system;
  }

  /// Where it is written that a node has left.
  static Mutation departure(SimulatedNode node) {
    return stated(left(node));
  }

  /// Where it is written that a node has lapsed.
  static Mutation lapse(SimulatedNode node) {
    return stated(lapsed(node));
  }

  /// Takes a lapse back.
  static Mutation lapseEnd(SimulatedNode node) {
    return new Mutation.Remove(lapsed(node));
  }

  private static Mutation stated(Path path) {
    return new Mutation.Set(path, new Value.Text("stated"), ReadRule.LATEST);
  }

  private static Path left(SimulatedNode node) {
    return Path.of("left/" + node.number());
  }

  private static Path lapsed(SimulatedNode node) {
    return Path.of("lapsed/" + node.number());
  }

  /// The store is another one now.
  void forget() {
    heardAt = -1;
  }

  Revocations revocations() {
    refresh();
    return revocations;
  }

  /// Who has left for good.
  SortedSet<KeyFingerprint> left() {
    refresh();
    return left;
  }

  /// For whom nobody keeps log any more.
  SortedSet<KeyFingerprint> lapsed() {
    refresh();
    return lapsed;
  }

  private void refresh() {
    int size = system.ledger().size();
    if (size == heardAt || !world.hasStatements()) {
      return;
    }
    heardAt = size;
    var all = new ArrayList<Revocation>();
    for (int number = 1; number <= world.revocations(); number++) {
      var value = system.reader().view(World.revocation(number), 1).toValue();
      if (value instanceof Value.Text(var text)) {
        all.add(revocation(text));
      }
    }
    var now = Revocations.of(all);
    revocations = now.equals(revocations) ? revocations : now;
    var gone = new TreeSet<KeyFingerprint>();
    var away = new TreeSet<KeyFingerprint>();
    for (var node : world.nodes()) {
      if (isStated(left(node))) {
        gone.add(node.key());
      }
      if (isStated(lapsed(node))) {
        away.add(node.key());
      }
    }
    left = Collections.unmodifiableSortedSet(gone);
    lapsed = Collections.unmodifiableSortedSet(away);
  }

  private boolean isStated(Path path) {
    return !(system.reader().view(path, 1) instanceof View.Absent);
  }

  private static Revocation revocation(String text) {
    try {
      return Revocation.fromBytes(Base64.getDecoder().decode(text));
    } catch (MalformedException impossible) {
      throw new AssertionError("a revocation that the world has made", impossible);
    }
  }
}
