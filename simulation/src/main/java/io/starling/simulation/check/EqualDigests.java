package io.starling.simulation.check;

import io.starling.crdt.causal.VersionVector;
import io.starling.crdt.cell.CellDigest;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.status.Position;
import io.starling.simulation.world.SimulatedSpace;
import java.util.List;
import java.util.TreeMap;

/// After each event that applied something: the digest that the engine keeps is that of the naive
/// replica, which is that of every other replica at the same vector, ever; and the vector it names
/// is the one it should have.
final class EqualDigests implements Check {

  private final Model model;
  private final TreeMap<String, TreeMap<VersionVector, Seen>> byVector = new TreeMap<>();
  private final Evaluations evaluations = new Evaluations("I4 equal vectors, equal digests");

  private record Seen(CellDigest digest, String where) {}

  EqualDigests(Model model) {
    this.model = model;
  }

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  @Override
  public void opened(SimulatedSpace space) {
    compare(space);
  }

  @Override
  public void handled(SimulatedSpace space, Event event, List<Effect> effects) {
    if (effects.stream().anyMatch(Effect.Applied.class::isInstance)) {
      compare(space);
    }
  }

  /// Where there are forks: digests are those of all others that have the same and know of the same
  /// branches.
  @Override
  public void durable(SimulatedSpace space, List<Effect.Applied> applied) {
    boolean isComparable =
        model.chronicle(space).isForked() && space.isOpen() && space.disk().pending() == 0;
    if (isComparable && !space.position().isJoining()) {
      var position = space.position();
      var vector = model.chronicle(space).vector(position.token());
      var names = new NodeNames(model, space).branches();
      requireSameElsewhere(space, vector, names, position.digest());
    }
  }

  private void compare(SimulatedSpace space) {
    var position = space.position();
    if (position.isJoining()) {
      return;
    }
    var naive = model.replica(space);
    var chronicle = model.chronicle(space);
    var vector = chronicle.vector(position.token());
    evaluations.require(
        vector.equals(naive.vector()),
        () -> space + " says it is at " + vector + " and is at " + naive.vector());
    requireActive(space, position);
    if (chronicle.isForked()) {
      // Digests are of cells by the names that this node has for branches: see below.
      return;
    }
    evaluations.require(
        position.digest().equals(naive.digest()) && position.cells() == naive.cells().size(),
        () ->
            space
                + " keeps the digest "
                + position.digest()
                + " of "
                + position.cells()
                + " cells; the same batches give "
                + naive.digest()
                + " of "
                + naive.cells().size());
    requireSameElsewhere(space, vector, "", position.digest());
  }

  private void requireActive(SimulatedSpace space, Position position) {
    evaluations.require(
        position.token().vector().equals(position.active()),
        () -> space + " gives a token that is not its active vector");
  }

  private void requireSameElsewhere(
      SimulatedSpace space, VersionVector vector, String names, CellDigest digest) {
    var before =
        byVector
            .computeIfAbsent(space.name() + names, _ -> new TreeMap<>(VersionVector.ORDER))
            .putIfAbsent(vector, new Seen(digest, space.toString()));
    evaluations.require(
        before == null || before.digest().equals(digest),
        () -> space + " and " + before + " are at one vector with two digests: " + vector);
  }
}
