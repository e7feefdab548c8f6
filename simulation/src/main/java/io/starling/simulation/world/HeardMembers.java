package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.cell.Path;
import io.starling.crdt.cell.ReadRule;
import io.starling.crdt.encoding.MalformedException;
import io.starling.crdt.read.View;
import io.starling.crdt.value.Value;
import io.starling.replica.membership.Revocation;
import io.starling.replica.membership.Revocations;
import io.starling.replica.port.StorageFailure;
import io.starling.replica.request.Mutation;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a node's `_system` says of members: who they are, whose key is revoked, who has left, and
/// who has lapsed.
///
/// Looked up when more of `_system` is durable, as production's documents are; not at all in runs
/// in which nothing of the kind was ever stated and nobody can join.
final class HeardMembers {

  private static final int FIRST_FORM = 1;

  private final World world;
  private final SimulatedSpace system;
  private int heardAt = -1;
  private Revocations revocations = Revocations.NONE;
  private SortedSet<KeyFingerprint> described = Collections.emptySortedSet();
  private SortedMap<KeyFingerprint, Integer> announced = Collections.emptySortedMap();
  private SortedSet<KeyFingerprint> left = Collections.emptySortedSet();
  private SortedSet<KeyFingerprint> lapsed = Collections.emptySortedSet();

  HeardMembers(World world, SimulatedSpace system) {
    this.world = world;
    this.system = system;
  }

  /// By which a node describes itself.
  static Mutation description(SimulatedNode node) {
    return new Mutation.Increment(member(node), 1);
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

  /// By which a node announces in which form it reads what is said between peers.
  static Mutation announcement(SimulatedNode node, int form) {
    return new Mutation.Set(form(node), new Value.Text(String.valueOf(form)), ReadRule.LATEST);
  }

  private static Mutation stated(Path path) {
    return new Mutation.Set(path, new Value.Text("stated"), ReadRule.LATEST);
  }

  private static Path member(SimulatedNode node) {
    return Path.of("members/" + node.number());
  }

  private static Path form(SimulatedNode node) {
    return Path.of("forms/" + node.number());
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

  /// Those who have described themselves, without who has left or is evicted. Where nobody can
  /// join, all are known.
  SortedSet<KeyFingerprint> members() {
    refresh();
    var members = new TreeSet<>(world.joining().isPossible() ? described : world.members());
    members.removeAll(revocations.keys());
    members.removeAll(left);
    return members;
  }

  /// Whether a node has described itself.
  boolean hasDescribed(SimulatedNode node) {
    refresh();
    return described.contains(node.key());
  }

  /// What members read, as they have announced; 1 of who has not.
  SortedMap<KeyFingerprint, Integer> forms() {
    var forms = new TreeMap<KeyFingerprint, Integer>();
    members().forEach(key -> forms.put(key, announced.getOrDefault(key, FIRST_FORM)));
    return forms;
  }

  /// What one has announced to read; 0 if it has not.
  int form(KeyFingerprint key) {
    refresh();
    return announced.getOrDefault(key, 0);
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
    boolean isAnything =
        world.statements().isAnyMade()
            || world.joining().isPossible()
            || world.versions().areMixed();
    if (size == heardAt || !isAnything) {
      return;
    }
    try {
      read();
      heardAt = size;
    } catch (StorageFailure unreadable) {
      // Members are taken for what they were; whoever has to know finds the damage himself.
      world.counts().add("members that cannot be read");
    }
  }

  private void read() {
    var all = new ArrayList<Revocation>();
    for (int number = 1; number <= world.statements().revocations(); number++) {
      var value = system.reader().view(Statements.revocation(number), 1).toValue();
      if (value instanceof Value.Text(var text)) {
        all.add(revocation(text));
      }
    }
    var now = Revocations.of(all);
    revocations = now.equals(revocations) ? revocations : now;
    var there = new TreeSet<KeyFingerprint>();
    var gone = new TreeSet<KeyFingerprint>();
    var away = new TreeSet<KeyFingerprint>();
    var read = new TreeMap<KeyFingerprint, Integer>();
    for (var node : world.nodes()) {
      if (system.reader().view(form(node), 1).toValue() instanceof Value.Text(var form)) {
        read.put(node.key(), Integer.valueOf(form));
      }
      if (isStated(member(node))) {
        there.add(node.key());
      }
      if (isStated(left(node))) {
        gone.add(node.key());
      }
      if (isStated(lapsed(node))) {
        away.add(node.key());
      }
    }
    announced = Collections.unmodifiableSortedMap(read);
    described = Collections.unmodifiableSortedSet(there);
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
