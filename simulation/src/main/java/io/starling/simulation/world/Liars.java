package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.Effect;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.message.Message;
import io.starling.simulation.chance.Draws;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The members that lie: which they are, and on what the batches that they have signed were built.
public final class Liars implements Observer {

  private final World world;
  private final LieOptions options;
  private final TreeMap<Integer, Liar> liars = new TreeMap<>();
  private final TreeSet<KeyFingerprint> keys = new TreeSet<>();
  private final TreeMap<ChainHash, VersionVector> seen = new TreeMap<>();
  private boolean isOver;

  /// @param nodes of which some lie
  Liars(World world, LieOptions options, List<SimulatedNode> nodes, Draws draws) {
    this.world = world;
    this.options = options;
    int most = Math.min(options.most(), nodes.size() - 1);
    while (liars.size() < most) {
      var node = nodes.get(draws.below(nodes.size()));
      if (!liars.containsKey(node.number())) {
        liars.put(node.number(), new Liar(world, node, this, draws.split("liar/" + node.number())));
        keys.add(node.key());
      }
    }
    if (options.kinds().contains(Lie.EQUIVOCATION) && most > 0) {
      world.lineage().expect();
    }
  }

  /// Whether there are any.
  public boolean areThere() {
    return !liars.isEmpty();
  }

  /// Whether a node lies.
  public boolean has(SimulatedNode node) {
    return keys.contains(node.key());
  }

  /// Whether the holder of a key lies.
  public boolean has(KeyFingerprint key) {
    return keys.contains(key);
  }

  /// Their keys, ordered.
  public SortedSet<KeyFingerprint> keys() {
    return Collections.unmodifiableSortedSet(keys);
  }

  /// Whether they do something of a kind in this run.
  public boolean tell(Lie kind) {
    return areThere() && options.kinds().contains(kind);
  }

  LieOptions options() {
    return options;
  }

  /// Whether they make nothing up any more.
  boolean isOver() {
    return isOver;
  }

  /// Lets them begin.
  public void start() {
    liars.values().forEach(Liar::actLater);
  }

  /// Has them make nothing up any more.
  public void end() {
    isOver = true;
  }

  Optional<Liar> at(SimulatedNode node) {
    return Optional.ofNullable(liars.get(node.number())).filter(_ -> has(node));
  }

  /// The frames that go out in place of a message.
  List<byte[]> frames(SimulatedNode from, KeyFingerprint to, Message message, byte[] frame) {
    return at(from).map(liar -> liar.frames(to, message, frame)).orElseGet(() -> List.of(frame));
  }

  /// What the author of a batch had applied, by the names of [Lineage]; of one that was made up,
  /// what it says.
  public Optional<VersionVector> seen(SignedBatch batch) {
    return Optional.ofNullable(seen.get(batch.hash()));
  }

  /// Also gives it its name, which nodes would give it by what they know of forks.
  void built(SignedBatch batch, VersionVector on) {
    world.lineage().name(batch);
    seen.put(batch.hash(), on);
  }

  /// What a liar's own engine forms sees all that is applied there.
  @Override
  public void durable(SimulatedSpace space, List<Effect.Applied> applied) {
    if (!has(space.node())) {
      return;
    }
    for (var one : applied) {
      var batch = one.batch();
      boolean isOwn = batch.batch().replica().key().equals(space.node().key());
      if (isOwn && !seen.containsKey(batch.hash())) {
        var before = VersionVector.EMPTY;
        for (var earlier : space.ledger().applied()) {
          if (earlier.hash().equals(batch.hash())) {
            break;
          }
          var name = world.lineage().name(earlier);
          before = before.with(name, Math.max(before.seq(name), earlier.batch().seq()));
        }
        built(batch, before);
      }
    }
  }
}
