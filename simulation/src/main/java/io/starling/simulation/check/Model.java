package io.starling.simulation.check;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.simulation.workload.Request;
import io.starling.simulation.world.Lie;
import io.starling.simulation.world.Observer;
import io.starling.simulation.world.SimulatedNode;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/// What the checks know: of each space every batch, and of each replica what it should hold.
///
/// It observes before all checks do. Adding a batch is itself a check: a number is used once, for
/// one content, and what is applied was formed by its author.
public final class Model implements Observer {

  private final TreeMap<SpaceId, Chronicle> chronicles = new TreeMap<>();
  private final TreeMap<String, NaiveReplica> replicas = new TreeMap<>();
  private final TreeSet<String> endangered = new TreeSet<>();
  private final TreeSet<String> givenUp = new TreeSet<>();
  private final TreeMap<SpaceId, TreeMap<String, SignedBatch>> leftToOthers = new TreeMap<>();
  private final World world;
  private boolean hasRestored;
  private final TreeSet<KeyFingerprint> copied = new TreeSet<>();
  private final TreeMap<KeyFingerprint, Integer> rolledBack = new TreeMap<>();
  private final Evaluations unique = new Evaluations("I1 dots are unique");
  private final Evaluations formed = new Evaluations("I8 nothing is there that nobody wrote");
  private final Evaluations causal = new Evaluations("I3 causal order, each batch once");

  public Model(World world) {
    this.world = world;
  }

  List<Evaluations> evaluations() {
    return List.of(unique, causal, formed);
  }

  /// All batches of a space.
  public Chronicle chronicle(SimulatedSpace space) {
    return chronicle(space.id());
  }

  private Chronicle chronicle(SpaceId space) {
    return chronicles.computeIfAbsent(space, id -> new Chronicle(id, world.lineage()));
  }

  /// What a replica should hold, changes that are not durable yet included.
  NaiveReplica replica(SimulatedSpace space) {
    return replicas.computeIfAbsent(space.toString(), _ -> new NaiveReplica());
  }

  @Override
  public void opened(SimulatedSpace space) {
    var replayed = new NaiveReplica();
    var chronicle = chronicle(space);
    for (var signed : space.ledger().applied()) {
      replayed.apply(chronicle, chronicle.entry(signed));
    }
    replicas.put(space.toString(), replayed);
  }

  @Override
  public void handled(SimulatedSpace space, Event event, List<Effect> effects) {
    for (var effect : effects) {
      switch (effect) {
        case Effect.Applied applied -> apply(space, applied.batch());
        case Effect.Adopted adopted ->
            world
                .formed()
                .missing(space.id(), space.ledger(), adopted.theirs())
                .forEach(batch -> apply(space, batch));
        default -> {}
      }
    }
  }

  @Override
  public void restoring(SimulatedNode node, SimulatedNode.Backup backup) {
    hasRestored = true;
    for (var space : node.stored()) {
      endangerBut(space, backup.find(space).map(SimulatedSpace.Backup::applied).orElse(List.of()));
    }
    endangerKept(node, space -> vector(backup.find(space)));
  }

  private VersionVector vector(Optional<SimulatedSpace.Backup> backup) {
    var vector = VersionVector.EMPTY;
    for (var signed : backup.map(SimulatedSpace.Backup::applied).orElse(List.of())) {
      vector = vector.with(world.lineage().name(signed), signed.batch().seq());
    }
    return vector;
  }

  @Override
  public void lost(SimulatedNode node) {
    endangerWithout(node);
  }

  /// What another member has, and what can be read of a damaged store with all that it follows on,
  /// must be there in the end.
  @Override
  public void settingAside(SimulatedNode node) {
    hasRestored = true;
    endangerWithout(node);
  }

  /// Who leaves takes along what was set aside there, its statement, if it made it again and others
  /// knew of the first, and what others had acknowledged and have lost again.
  @Override
  public void left(SimulatedNode node) {
    endangerWithout(node);
    node.system().ledger().applied().stream()
        .filter(signed -> Departed.isStatement(node, signed.batch()))
        .filter(signed -> !isElsewhere(node.system(), signed))
        .forEach(signed -> endangered.add(place(signed)));
  }

  /// So does who is to host a space no longer.
  @Override
  public void gaveUp(SimulatedSpace space) {
    givenUp.add(space.node().key() + " " + space.id());
    space.ledger().applied().forEach(signed -> leaveToOthers(space.id(), signed));
    endanger(
        space.ledger().applied(),
        available(
            space.node(), space, VersionVector.EMPTY, space.node().system().ledger().vector()));
  }

  /// A disk has a batch no longer. Others may, who may be evicted in the end.
  private void leaveToOthers(SpaceId space, SignedBatch signed) {
    leftToOthers.computeIfAbsent(space, _ -> new TreeMap<>()).put(place(signed), signed);
  }

  private void endangerWithout(SimulatedNode node) {
    var system = available(node, node.system(), VersionVector.EMPTY, VersionVector.EMPTY);
    for (var space : node.stored()) {
      var available =
          space == node.system() ? system : available(node, space, VersionVector.EMPTY, system);
      space.ledger().applied().forEach(signed -> leaveToOthers(space.id(), signed));
      endanger(space.ledger().applied(), available);
    }
    endangerKept(node, _ -> VersionVector.EMPTY);
  }

  /// What can be read of damaged stores and follows on what can no longer be had.
  ///
  /// @param left what a node's own store has from now on
  private void endangerKept(SimulatedNode node, Function<SimulatedSpace, VersionVector> left) {
    var system = available(node, node.system(), left.apply(node.system()), VersionVector.EMPTY);
    var spaces = new TreeMap<SpaceId, SimulatedSpace>();
    world.nodes().forEach(it -> it.stored().forEach(space -> spaces.put(space.id(), space)));
    for (var space : spaces.values()) {
      var kept = world.nodes().stream().flatMap(other -> other.kept(space.id()).stream()).toList();
      if (!kept.isEmpty()) {
        boolean isSystem = space.id().equals(world.systemId());
        endanger(kept, isSystem ? system : available(node, space, left.apply(space), system));
      }
    }
  }

  private void endanger(List<SignedBatch> batches, VersionVector available) {
    batches.stream()
        .filter(signed -> available.seq(world.lineage().name(signed)) < signed.batch().seq())
        .forEach(signed -> endangered.add(place(signed)));
  }

  /// What can still be had of a space without a node's store, but for what is left of that.
  private VersionVector available(
      SimulatedNode without, SimulatedSpace wanted, VersionVector left, VersionVector ofSystem) {
    var has = left;
    var readable = new ArrayList<SignedBatch>();
    for (var node : world.nodes()) {
      // A lost machine takes along what was set aside on it.
      if (!node.isGone()) {
        readable.addAll(node.kept(wanted.id()));
        var there =
            node.find(wanted.id()).filter(_ -> node != without).map(it -> it.ledger().vector());
        has = has.join(there.orElse(VersionVector.EMPTY));
      }
    }
    return withReadable(wanted.id(), has, readable, ofSystem);
  }

  /// What those have of a space who remain, and can read in damaged stores.
  private VersionVector availableAtRemaining(SpaceId space) {
    var has = VersionVector.EMPTY;
    var readable = new ArrayList<SignedBatch>();
    for (var node : world.remaining()) {
      readable.addAll(node.kept(space));
      has = has.join(node.find(space).map(it -> it.ledger().vector()).orElse(VersionVector.EMPTY));
    }
    var ofSystem =
        space.equals(world.systemId())
            ? VersionVector.EMPTY
            : availableAtRemaining(world.systemId());
    return withReadable(space, has, readable, ofSystem);
  }

  /// With what can be read and applied of it.
  private VersionVector withReadable(
      SpaceId space, VersionVector before, List<SignedBatch> readable, VersionVector ofSystem) {
    var has = before;
    var chronicle = chronicle(space);
    boolean isMoving = true;
    while (isMoving) {
      isMoving = false;
      for (var signed : readable) {
        var name = world.lineage().name(signed);
        boolean isNext = follows(signed, has.seq(name));
        if (isNext && isApplicable(chronicle.entry(signed), has, ofSystem)) {
          has = has.with(name, signed.batch().seq());
          isMoving = true;
        }
      }
    }
    return has;
  }

  private static boolean isApplicable(
      Chronicle.Entry entry, VersionVector has, VersionVector ofSystem) {
    return has.covers(entry.context()) && ofSystem.covers(entry.system());
  }

  /// Whether the only disk that held a request's batch was put back to an older state, or lost, or
  /// its node is evicted, so that the others may hold it; or its space was dropped, which may have
  /// been forgotten again where the batch was.
  public boolean mayBeLost(Request request) {
    return world.evicted().contains(request.space().node().key())
        || world.statements().isDropped(request.space().id())
        || chronicle(request.space()).done(request.principal()).stream()
            .map(dot -> place(dot.replica(), dot.seq()))
            .anyMatch(place ->
                endangered.contains(place) || isAtEvictedAlone(request.space().id(), place));
  }

  /// Whether a batch was on a disk that is lost, damaged, put back or given up, such as are evicted
  /// by now had it too, and no other member has it. It may follow on what an evicted member wrote,
  /// which the others hold, and had applied on that disk alone. What can be read of a damaged
  /// store, with all that it follows on, must be there all the same.
  private boolean isAtEvictedAlone(SpaceId space, String place) {
    return Optional.ofNullable(leftToOthers.get(space))
        .map(all -> all.get(place))
        .filter(signed -> isAtEvictedAlone(space, signed))
        .isPresent();
  }

  private boolean isAtEvictedAlone(SpaceId space, SignedBatch signed) {
    var evicted = world.evicted();
    var there =
        world.nodes().stream()
            .filter(node -> !node.isGone())
            .filter(node -> node.find(space).filter(it -> it.ledger().has(signed)).isPresent())
            .toList();
    return !there.isEmpty()
        && there.stream().allMatch(node -> evicted.contains(node.key()))
        && availableAtRemaining(space).seq(world.lineage().name(signed)) < signed.batch().seq();
  }

  @Override
  public void copied(SimulatedNode copy) {
    copied.add(copy.key());
  }

  /// Whether a node may find that others have of its own what it has not: it got an older store
  /// back, or a copy of it ran beside it.
  public boolean hasRestored() {
    return hasRestored || !copied.isEmpty();
  }

  /// Whether a node has given up before what it had of a space, so that others have of its own what
  /// it has not.
  boolean hasGivenUp(SimulatedSpace space) {
    return givenUp.contains(space.node().key() + " " + space.id());
  }

  /// The keys with which two machines ran.
  public Set<KeyFingerprint> copied() {
    return Collections.unmodifiableSet(copied);
  }

  @Override
  public void rolledBack(SimulatedNode node) {
    rolledBack.merge(node.key(), 1, Integer::sum);
  }

  /// The keys of machines that were set back while they ran.
  public Set<KeyFingerprint> rolledBack() {
    return Collections.unmodifiableSet(rolledBack.keySet());
  }

  /// Whether the holder of a key may give a number to two batches.
  boolean mayFork(KeyFingerprint key) {
    return rolledBack.containsKey(key)
        || (world.liars().tell(Lie.EQUIVOCATION) && world.liars().has(key));
  }

  /// Whether what was given two batches is one too many: each time that a machine is set back it
  /// may number batches of a space alike from one number on.
  private boolean isBranchUnexplained(SpaceId space, ReplicaId branch) {
    var key = branch.key();
    long forks =
        world.lineage().forks(space).stream()
            .filter(fork -> fork.branch().key().equals(key))
            .count();
    boolean isLie = world.liars().tell(Lie.EQUIVOCATION) && world.liars().has(key);
    return !isLie && forks > rolledBack.getOrDefault(key, 0);
  }

  /// Whether a vector covers another, but for replicas that were forked: clients' tokens name one
  /// head of a replica, and take that of the highest number.
  boolean covers(VersionVector vector, VersionVector wanted, boolean isForked) {
    return !isForked
        ? vector.covers(wanted)
        : wanted.entries().stream()
            .filter(entry -> !isForked(entry.replica()))
            .allMatch(entry -> vector.seq(entry.replica()) >= entry.seq());
  }

  /// Whether a replica has branches, or is one.
  boolean isForked(ReplicaId name) {
    return world.lineage().isForked(name);
  }

  /// Whether batches may be gone for good: what was built on them can then never be applied.
  public boolean hasLost() {
    return !endangered.isEmpty()
        || (!world.evicted().isEmpty()
            && leftToOthers.entrySet().stream()
                .anyMatch(all ->
                    all.getValue().values().stream()
                        .anyMatch(signed -> isAtEvictedAlone(all.getKey(), signed))));
  }

  private void endangerBut(SimulatedSpace space, List<SignedBatch> kept) {
    var hashes = new TreeSet<Long>();
    kept.forEach(signed -> hashes.add(signed.hash().first()));
    for (var signed : space.ledger().applied()) {
      if (!hashes.contains(signed.hash().first())) {
        leaveToOthers(space.id(), signed);
        if (!isElsewhere(space, signed)) {
          endangered.add(place(signed));
        }
      }
    }
  }

  private boolean isElsewhere(SimulatedSpace space, SignedBatch signed) {
    return world.nodes().stream()
        .filter(node -> node != space.node() && !node.isGone())
        .flatMap(node -> node.find(space.id()).stream())
        .anyMatch(other -> other.ledger().has(signed));
  }

  /// What the world calls the replica of a batch.
  ReplicaId name(SignedBatch signed) {
    return world.lineage().name(signed);
  }

  private String place(SignedBatch signed) {
    return place(world.lineage().name(signed), signed.batch().seq());
  }

  private static String place(ReplicaId replica, long seq) {
    return replica + ":" + seq;
  }

  private void apply(SimulatedSpace space, SignedBatch signed) {
    var batch = signed.batch();
    var chronicle = chronicle(space);
    var name = world.lineage().name(signed);
    var known = chronicle.find(name, batch.seq());
    boolean isUsed = known.filter(it -> !it.signed().hash().equals(signed.hash())).isPresent();
    unique.require(
        !isUsed && !(world.lineage().isBranch(name) && isBranchUnexplained(space.id(), name)),
        () -> space + " has another batch " + batch.seq() + " of " + batch.replica());
    boolean isOwn = batch.replica().key().equals(space.node().key());
    boolean isLiars = world.liars().has(batch.replica().key()) && world.isGenuine(signed);
    formed.require(
        known.isPresent() || isOwn || (isLiars && world.liars().seen(signed).isPresent()),
        () -> space + " applied a batch of " + batch.replica() + " that nobody formed");
    requireOrder(space, signed);
    var entry =
        known.orElseGet(
            () -> chronicle.add(signed, seen(space, signed), seenOfSystem(space, signed)));
    requireCauses(space, entry);
    replica(space).apply(chronicle, entry);
  }

  /// What the author of a batch that is new had applied.
  private VersionVector seen(SimulatedSpace space, SignedBatch signed) {
    return world.liars().seen(signed).orElseGet(() -> replica(space).vector());
  }

  /// The same of `_system`. Of what a liar has written only what that says is known.
  private static VersionVector seenOfSystem(SimulatedSpace space, SignedBatch signed) {
    var system = space.node().system();
    boolean isOwn = signed.batch().replica().key().equals(space.node().key());
    return isOwn && space != system ? system.ledger().vector() : VersionVector.EMPTY;
  }

  private void requireOrder(SimulatedSpace space, SignedBatch signed) {
    var batch = signed.batch();
    long before = replica(space).seq(world.lineage().name(signed));
    causal.require(
        follows(signed, before),
        () -> space + " applied " + batch.replica() + ":" + batch.seq() + " right after " + before);
  }

  /// Whether a batch is the next of its replica, or the first of a branch.
  private boolean follows(SignedBatch signed, long before) {
    var batch = signed.batch();
    boolean beginsBranch =
        world.lineage().forks(batch.space()).stream()
            .anyMatch(fork -> fork.branch().incarnation() == signed.hash().first());
    return batch.seq() == before + 1 || (before == 0 && beginsBranch);
  }

  private void requireCauses(SimulatedSpace space, Chronicle.Entry entry) {
    var vector = replica(space).vector();
    causal.require(
        covers(vector, entry.context()),
        () ->
            space
                + " applied "
                + entry.batch().replica()
                + ":"
                + entry.batch().seq()
                + " before its causes "
                + entry.context());
    if (!entry.system().isEmpty()) {
      var system = space.node().system().ledger().vector();
      causal.require(
          covers(system, entry.system()),
          () -> space + " applied a batch before the part of _system that it names");
    }
  }

  private static boolean covers(VersionVector vector, VersionVector context) {
    return vector.covers(context);
  }
}
