package io.starling.simulation.check;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.membership.Revocations;
import io.starling.simulation.world.SimulatedSpace;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a revoked member wrote beyond its cut-off is applied by nobody who has heard of that,
/// unless a batch that stands by itself has it in its past, or an operator says so.
final class CutOffs implements Check {

  private final Model model;
  private final TreeSet<KeyFingerprint> adopted = new TreeSet<>();
  private final Evaluations evaluations =
      new Evaluations("I15 beyond a cut-off stands only what others had applied");

  CutOffs(Model model) {
    this.model = model;
  }

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  @Override
  public void handled(SimulatedSpace space, Event event, List<Effect> effects) {
    if (event instanceof Event.Adopting(_, var key)) {
      adopted.add(key);
    }
    var revocations = space.node().revocations();
    if (revocations.isRevoked(space.node().key())) {
      return;
    }
    for (var effect : effects) {
      if (effect instanceof Effect.Applied(var signed, _, _)) {
        require(space, revocations, signed);
      }
    }
  }

  private void require(SimulatedSpace space, Revocations revocations, SignedBatch signed) {
    var batch = signed.batch();
    var replica = batch.replica();
    boolean stands =
        revocations.stands(space.id(), replica, batch.seq(), signed.hash())
            || isCutLater(space, revocations, signed)
            || adopted.contains(replica.key())
            || isVouchedFor(space, revocations, signed);
    evaluations.require(
        stands,
        () ->
            space
                + " applied "
                + replica
                + ":"
                + batch.seq()
                + ", which is beyond the cut-off and in the past of nothing that stands");
  }

  private boolean isVouchedFor(SimulatedSpace space, Revocations revocations, SignedBatch signed) {
    var batch = signed.batch();
    return space.node().spaces().stream()
        .anyMatch(of ->
            model.chronicle(of).entries().stream()
                .filter(entry -> !entry.batch().replica().key().equals(batch.replica().key()))
                .filter(entry -> stands(of, revocations, entry))
                .anyMatch(entry -> seen(of, space, entry, model.name(signed)) >= batch.seq()));
  }

  /// Whether a batch lies in the past of each cut-off of its key, whatever that calls its replica.
  private boolean isCutLater(SimulatedSpace space, Revocations revocations, SignedBatch signed) {
    return revocations.byKey().getOrDefault(signed.batch().replica().key(), List.of()).stream()
        .allMatch(statement ->
            statement.cuts().getOrDefault(space.id(), new TreeMap<>()).values().stream()
                .anyMatch(cut -> model.chronicle(space).leadsTo(signed, cut.hash())));
  }

  private static boolean stands(SimulatedSpace of, Revocations revocations, Chronicle.Entry entry) {
    var batch = entry.batch();
    return revocations.stands(of.id(), batch.replica(), batch.seq(), entry.signed().hash());
  }

  /// Up to where a batch of one space has a replica of the same or of `_system` in its past.
  private long seen(
      SimulatedSpace of, SimulatedSpace space, Chronicle.Entry entry, ReplicaId replica) {
    if (of == space) {
      return entry.context().seq(replica);
    }
    return space == space.node().system()
        ? model.chronicle(space).expand(entry.system()).seq(replica)
        : 0;
  }
}
