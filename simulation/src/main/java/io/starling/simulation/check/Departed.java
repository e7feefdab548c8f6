package io.starling.simulation.check;

import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.batch.Batch;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/// A member that leaves has handed over all that it has before it says so, writes nothing of
/// clients after that, and is waited for by nobody; nor is one of whom the others have let go. Who
/// comes back is waited for again.
final class Departed implements Check {

  /// What a member writes of itself at a start, also while it leaves: a node of the product has all
  /// of it in one document under `members/`.
  private static final List<String> OF_ONESELF = List.of("left/", "members/", "forms/");

  private final World world;
  // By the first bytes of their hashes.
  private final TreeSet<Long> forgotten = new TreeSet<>();
  private final Evaluations evaluations =
      new Evaluations("I19 who goes takes nothing along and is waited for by nobody");

  Departed(World world) {
    this.world = world;
  }

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  /// Whom it was acknowledged by may have it no longer then.
  @Override
  public void restoring(SimulatedNode node, SimulatedNode.Backup backup) {
    forget(node, space -> backup.find(space).map(it -> it.applied().size()).orElse(0));
  }

  @Override
  public void settingAside(SimulatedNode node) {
    forget(node, _ -> 0);
  }

  @Override
  public void lost(SimulatedNode node) {
    forget(node, _ -> 0);
  }

  private void forget(SimulatedNode node, ToIntFunction<SimulatedSpace> kept) {
    for (var space : node.stored()) {
      space.ledger().applied().stream()
          .skip(kept.applyAsInt(space))
          .forEach(signed -> forgotten.add(signed.hash().first()));
    }
  }

  @Override
  public void handedOver(SimulatedNode node) {
    world.counts().add("handed over");
    requireElsewhere(node, node.leaving().copies(), _ -> true);
  }

  /// What each host has that gives it up is with another then.
  @Override
  public void gaveUp(SimulatedSpace space) {
    requireElsewhere(space, 1, _ -> true);
  }

  /// What came in after that others have anyhow; of its statement one other knows. Who has stated
  /// it again, for its store had not shown that it had, may take that along.
  @Override
  public void left(SimulatedNode node) {
    world.counts().add("left");
    boolean isKnown =
        world.nodes().stream().anyMatch(other -> other != node && other.knowsLeft(node.key()));
    requireElsewhere(node, 1, batch -> !isKnown || !isStatement(node, batch));
  }

  /// Whether a batch says nothing but what its author has to say of members in its own name.
  static boolean isStatement(SimulatedNode node, Batch batch) {
    var own = OF_ONESELF.stream().map(prefix -> prefix + node.number()).toList();
    var keys =
        batch.transactions().stream()
            .flatMap(transaction -> transaction.operations().stream())
            .map(operation -> operation.path().key())
            .toList();
    return batch.replica().key().equals(node.key()) && !keys.isEmpty() && own.containsAll(keys);
  }

  /// What others have dropped meanwhile goes there as well as here.
  private void requireElsewhere(SimulatedNode node, int copies, Predicate<Batch> required) {
    var spaces = new ArrayList<>(node.spaces());
    spaces.removeIf(space -> world.statements().isDropped(space.id()));
    spaces.forEach(space -> requireElsewhere(space, copies, required));
  }

  private void requireElsewhere(SimulatedSpace space, int copies, Predicate<Batch> required) {
    for (var signed : space.ledger().applied()) {
      var batch = signed.batch();
      if (!required.test(batch) || forgotten.contains(signed.hash().first())) {
        continue;
      }
      long elsewhere =
          world.nodes().stream()
              .filter(other -> other != space.node())
              .flatMap(other -> other.find(space.id()).stream())
              .filter(other -> other.ledger().has(signed))
              .count();
      evaluations.require(
          elsewhere >= copies || world.statements().isDropped(space.id()),
          () -> space + " leaves with " + signed.head() + ", which " + elsewhere + " others have");
    }
  }

  @Override
  public void handled(SimulatedSpace space, Event event, List<Effect> effects) {
    if (!(event instanceof Event.Submitted) || !space.node().leaving().hasStated()) {
      return;
    }
    for (var effect : effects) {
      if (effect instanceof Effect.Applied applied) {
        evaluations.require(
            isAboutMembers(applied.batch().batch()),
            () -> space + " has left and writes " + applied.batch().head());
      }
    }
  }

  private static boolean isAboutMembers(Batch batch) {
    return batch.transactions().stream()
        .flatMap(transaction -> transaction.operations().stream())
        .map(operation -> operation.path().key())
        .allMatch(Departed::isAboutMembers);
  }

  private static boolean isAboutMembers(String key) {
    return key.startsWith("lapsed/") || OF_ONESELF.stream().anyMatch(key::startsWith);
  }

  @Override
  public void converged(World converged) {
    for (var node : world.remaining()) {
      var lapsed = world.lapsed(node);
      for (var other : world.nodes()) {
        boolean isThere = world.remaining().contains(other);
        evaluations.require(
            !isThere || !lapsed.contains(other.key()),
            () -> node + " still keeps no log for " + other + ", which is there");
      }
      node.spaces().forEach(this::requireNobodyIsWaitedFor);
    }
  }

  private void requireNobodyIsWaitedFor(SimulatedSpace space) {
    var gone =
        world.nodes().stream()
            .filter(SimulatedNode::isGone)
            .map(SimulatedNode::key)
            .collect(Collectors.toCollection(TreeSet::new));
    for (var holder : space.status().log().holders()) {
      evaluations.require(
          !gone.contains(holder.member()),
          () -> space + " keeps its log for " + holder.member() + ", which is gone");
    }
  }
}
