package io.starling.simulation.lab;

import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.Path;
import io.starling.crdt.oracle.History;
import io.starling.crdt.read.View;
import io.starling.simulation.check.Model;
import io.starling.simulation.script.Regions;
import io.starling.simulation.script.Step;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/// One partition of a script, from its begin until all have heard of what happened meanwhile.
///
/// What a side has, and what both make together, is read of the history by the declared meaning of
/// the data types, not by the engine.
final class Parting {

  static final int CONFLICTS_MAX = 60;

  private static final Duration LOOK_EVERY = Duration.ofMillis(10);

  private final Step step;
  private final List<List<Integer>> sides;
  private final List<Healing.Conflict> conflicts = new ArrayList<>();
  private final List<Long> written = new ArrayList<>();
  private final List<Long> lacked = new ArrayList<>();
  private VersionVector before = VersionVector.EMPTY;
  private VersionVector all = VersionVector.EMPTY;
  private OptionalLong convergedMillis = OptionalLong.empty();
  private int conflictsAll;
  private boolean hasEnded;

  /// What there is to look at.
  record Surroundings(World world, Model model) {}

  Parting(Step step, List<List<Integer>> sides) {
    this.step = step;
    this.sides = sides;
  }

  void begin(Surroundings around, long[] writtenEver) {
    before = Recorder.union(around.world());
    sides.forEach(side -> written.add(-sum(writtenEver, side)));
  }

  void end(Surroundings around, long[] writtenEver) {
    hasEnded = true;
    var world = around.world();
    all = Recorder.union(world);
    var has = new ArrayList<VersionVector>();
    for (int side = 0; side < sides.size(); side++) {
      var vector = vector(world, sides.get(side));
      has.add(vector);
      written.set(side, written.get(side) + sum(writtenEver, sides.get(side)));
      lacked.add(Recorder.missing(all, vector));
    }
    compare(around, has);
    lookAgain(world, world.agenda().nowNanos());
  }

  private static long sum(long[] numbers, List<Integer> which) {
    return which.stream().mapToLong(node -> numbers[node]).sum();
  }

  private static VersionVector vector(World world, List<Integer> nodes) {
    return nodes.stream()
        .map(node -> Recorder.vector(world.nodes().get(node)))
        .reduce(VersionVector.EMPTY, VersionVector::join);
  }

  private void lookAgain(World world, long endedNanos) {
    boolean haveAll =
        world.nodes().stream()
            .filter(SimulatedNode::isUp)
            .allMatch(node -> Recorder.vector(node).covers(all));
    long since = world.agenda().nowNanos() - endedNanos;
    if (haveAll) {
      convergedMillis = OptionalLong.of(since / 1_000_000);
    } else {
      world.agenda().after(LOOK_EVERY.toNanos(), () -> lookAgain(world, endedNanos));
    }
  }

  private void compare(Surroundings around, List<VersionVector> has) {
    var main = around.world().nodes().getFirst().main();
    var history = around.model().chronicle(main).history();
    var authored = sides.stream().map(side -> authored(around.world(), side)).toList();
    var keys = new TreeSet<String>();
    authored.forEach(keys::addAll);
    for (var key : keys) {
      if (authored.stream().filter(of -> of.contains(key)).count() >= 2) {
        conflict(history, key, has).ifPresent(this::keep);
      }
    }
  }

  private void keep(Healing.Conflict conflict) {
    conflictsAll++;
    if (conflicts.size() < CONFLICTS_MAX) {
      conflicts.add(conflict);
    }
  }

  /// The keys that were written on a side since the partition began.
  private TreeSet<String> authored(World world, List<Integer> side) {
    var keys = new TreeSet<String>();
    for (int number : side) {
      var node = world.nodes().get(number);
      for (var signed : node.main().ledger().applied()) {
        var batch = signed.batch();
        boolean isOwn = batch.replica().key().equals(node.key());
        if (isOwn && batch.seq() > before.seq(batch.replica())) {
          batch.transactions().stream()
              .flatMap(transaction -> transaction.operations().stream())
              .forEach(operation -> keys.add(operation.path().key()));
        }
      }
    }
    return keys;
  }

  private Optional<Healing.Conflict> conflict(
      History history, String key, List<VersionVector> has) {
    var path = Path.of(key);
    var was = history.view(path, before);
    var ofSides = has.stream().map(vector -> history.view(path, vector)).toList();
    if (ofSides.stream().distinct().count() < 2) {
      return Optional.empty();
    }
    var merged = history.view(path, all);
    return Optional.of(
        new Healing.Conflict(
            key,
            type(merged, ofSides),
            ViewText.of(was),
            ofSides.stream().map(ViewText::of).toList(),
            ViewText.of(merged),
            ViewText.rule(merged, ofSides)));
  }

  private static String type(View merged, List<View> ofSides) {
    return merged instanceof View.Absent
        ? ofSides.stream()
            .filter(view -> !(view instanceof View.Absent))
            .findFirst()
            .map(View::typeLabel)
            .orElse("absent")
        : merged.typeLabel();
  }

  /// What came of it; empty if it never ended.
  Optional<Healing> healing(Regions regions) {
    if (!hasEnded) {
      return Optional.empty();
    }
    var told = new ArrayList<Healing.Side>();
    for (int side = 0; side < sides.size(); side++) {
      told.add(
          new Healing.Side(regions.names(sides.get(side)), written.get(side), lacked.get(side)));
    }
    return Optional.of(
        new Healing(
            step.text(),
            step.span().from().toMillis(),
            step.span().until().toMillis(),
            step instanceof Step.OneWay,
            told,
            convergedMillis,
            List.copyOf(conflicts),
            conflictsAll));
  }
}
