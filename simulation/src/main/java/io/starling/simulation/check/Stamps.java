package io.starling.simulation.check;

import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.SignedBatch;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/// The stamps of a node grow from batch to batch, follow what it has seen, and are never pushed by
/// others further ahead of its own clock than the drift.
final class Stamps implements Check {

  private final Model model;
  private final World world;
  private final TreeMap<String, HybridTime> last = new TreeMap<>();
  // Batches that were too far ahead when they were taken in: they need not be followed.
  private final TreeSet<String> far = new TreeSet<>();
  private final Evaluations evaluations =
      new Evaluations("I14 stamps grow and stay near the clock");

  Stamps(Model model, World world) {
    this.model = model;
    this.world = world;
  }

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  /// A store that lost its tail may have lost its highest stamp with it.
  @Override
  public void crashed(SimulatedNode node) {
    last.keySet().removeIf(space -> space.startsWith(node + " "));
  }

  @Override
  public void opened(SimulatedSpace space) {
    // Who hosts a space again has another store, in which nothing of its own is.
    last.remove(space.toString());
    KeyFingerprint own = space.node().key();
    for (var signed : space.ledger().applied()) {
      var batch = signed.batch();
      noteFar(space, batch);
      // Nor its own, if its clock was ahead then and was set right since.
      boolean isFar = far.contains(place(space, batch.replica(), batch.seq()));
      if (batch.replica().key().equals(own) && !isFar) {
        last.put(space.toString(), batch.time());
      }
    }
  }

  @Override
  public void handled(SimulatedSpace space, Event event, List<Effect> effects) {
    for (var effect : effects) {
      if (effect instanceof Effect.Applied applied) {
        var batch = applied.batch().batch();
        if (event instanceof Event.Submitted) {
          require(space, applied.batch());
        } else {
          noteFar(space, batch);
        }
      }
    }
  }

  private void require(SimulatedSpace space, SignedBatch signed) {
    var batch = signed.batch();
    var before = last.getOrDefault(space.toString(), HybridTime.ZERO);
    boolean isNear = nearestBound(space).compareTo(batch.time()) >= 0;
    evaluations.require(
        before.compareTo(batch.time()) < 0,
        () -> space + " stamps " + batch.time() + " after " + before);
    evaluations.require(
        isNear, () -> space + " stamps " + batch.time() + ", beyond " + nearestBound(space));
    var entry = model.chronicle(space).entry(signed);
    entry
        .context()
        .entries()
        .forEach(seen -> requireAfter(space, batch, seen.replica(), seen.seq()));
    last.put(space.toString(), batch.time());
  }

  private void requireAfter(SimulatedSpace space, Batch batch, ReplicaId replica, long seq) {
    var seen = model.chronicle(space).find(replica, seq).orElseThrow().batch().time();
    evaluations.require(
        far.contains(place(space, replica, seq))
            || seen.compareTo(nearestBound(space)) > 0
            || seen.compareTo(batch.time()) < 0,
        () -> space + " stamps " + batch.time() + " after it has seen " + seen);
  }

  private void noteFar(SimulatedSpace space, Batch batch) {
    long reach = space.node().clock().now().plus(world.limits().drift()).toEpochMilli();
    if (batch.time().millis() >= reach) {
      far.add(place(space, batch.replica(), batch.seq()));
    }
  }

  private static String place(SimulatedSpace space, ReplicaId replica, long seq) {
    return space + " " + replica + ":" + seq;
  }

  /// The latest its own clock ever said, the drift, and a second for the counter to run over.
  private HybridTime nearestBound(SimulatedSpace space) {
    long own = space.node().clock().latestMillis();
    return HybridTime.ofMillis(own + world.limits().drift().toMillis() + 1_000);
  }
}
