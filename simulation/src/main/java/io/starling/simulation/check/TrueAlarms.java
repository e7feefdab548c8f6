package io.starling.simulation.check;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.Effect;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.limits.Limits;
import io.starling.replica.state.SpaceState;
import io.starling.replica.status.SpaceStatus.DigestCheck;
import io.starling.simulation.world.Lineage;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;
import java.util.Optional;

/// No node is accused of what it did not do, and nothing is said to be wrong that is not: all nodes
/// here are honest, and no log is cut short. A fork is there where a machine was set back while its
/// node ran, and all have the proof of it at the end.
final class TrueAlarms implements Check {

  private final Model model;
  private final World world;
  private final Evaluations evaluations = new Evaluations("I16 no alarm is false");

  TrueAlarms(Model model, World world) {
    this.model = model;
    this.world = world;
  }

  @Override
  public Evaluations evaluations() {
    return evaluations;
  }

  @Override
  public void alarmed(SimulatedSpace space, Effect.Alarm alarm) {
    boolean isTrue =
        switch (alarm.kind()) {
          case CLOCK_DRIFT ->
              isOfLiar(alarm) || world.nodes().stream().anyMatch(node -> node.clock().wasMoved());
          case LOST_TAIL ->
              model.hasRestored() || model.hasGivenUp(space) || world.liars().areThere();
          case BEHIND_LOG -> isLogCut();
          case UNATTESTED -> isLogCut() || isOfTooMuchHeld(alarm);
          case BEYOND_CUT_OFF -> world.counts().of("fault: eviction") > 0;
          case DONOR_FAULT -> isOfCopied(alarm) || isOfLiar(alarm);
          case FORK ->
              isOfRolledBack(alarm) || isOfWhoBuiltOnAnother(space, alarm) || isSaidByLiar(alarm);
          case INVALID_BATCH, DIGEST_MISMATCH -> isOfLiar(alarm);
          case NEWER_FORMAT -> false;
          case KEY_IN_TWO_PLACES, STORE_SET_BACK, STORE_COPIED, STORE_LOST, STORE_DAMAGED -> false;
          case EVICTED -> false;
        };
    evaluations.require(
        isTrue, () -> space + " raises a false alarm: " + alarm.kind() + " " + alarm.message());
  }

  /// Whether it names a key with which two machines ran: both answer, and their parts are mixed.
  private boolean isOfCopied(Effect.Alarm alarm) {
    return model.copied().stream().anyMatch(key -> alarm.message().contains(key.toString()));
  }

  /// Whether it accuses a key whose machine was set back while its node ran.
  private boolean isOfRolledBack(Effect.Alarm alarm) {
    return model.rolledBack().stream().anyMatch(key -> alarm.message().contains(key.toString()));
  }

  /// Whether it says of a member that it has built on another half of a fork than is here: on what
  /// a replica that was forked has written, and this node has not applied.
  private boolean isOfWhoBuiltOnAnother(SimulatedSpace space, Effect.Alarm alarm) {
    return alarm.message().contains("was built on another branch")
        && model.chronicle(space).entries().stream()
            .filter(entry -> alarm.message().contains(place(entry)))
            .anyMatch(entry -> namesForked(entry.context()) || namesForked(entry.system()));
  }

  /// As alarms have it.
  private static String place(Chronicle.Entry entry) {
    return "batch " + entry.batch().seq() + " of " + entry.batch().replica().key() + "-";
  }

  private boolean namesForked(VersionVector seen) {
    return seen.entries().stream().anyMatch(it -> model.isForked(it.replica()));
  }

  /// Whether it names a member that lies.
  private boolean isOfLiar(Effect.Alarm alarm) {
    return world.liars().keys().stream().anyMatch(key -> alarm.message().contains(key.toString()));
  }

  /// Whether it accuses a member that lies, or says of an honest one that such a member says so:
  /// that is no proof, and reads like none.
  private boolean isSaidByLiar(Effect.Alarm alarm) {
    boolean isProof = alarm.message().contains("both signed with the key");
    boolean isAboutHonest =
        world.nodes().stream()
            .filter(node -> !world.liars().has(node))
            .anyMatch(node -> alarm.message().contains(node.key().toString()));
    boolean isClaim = !isProof && alarm.message().contains(" says that ");
    return isOfLiar(alarm) && (!isAboutHonest || isClaim);
  }

  private boolean isLogCut() {
    return world.counts().of("fault: log lost") > 0
        || world.counts().of("log entries truncated") > 0
        || world.counts().of("stores set aside") > 0;
  }

  /// Whether it says that a state was not confirmed which was wanted though no log is cut: of an
  /// evicted member more was to be held than the buffer takes. One that is smaller than by default
  /// has no room either for the batches that lead to what a third member has by then; so that is
  /// tried again, with less between the two.
  private boolean isOfTooMuchHeld(Effect.Alarm alarm) {
    return world.counts().of("fault: eviction") > 0
        && world.limits().bufferedBatches() < Limits.DEFAULT.bufferedBatches()
        && alarm.message().contains("was not taken over");
  }

  /// Nor does the status of a node keep saying so. Who has given a number twice, all know, and no
  /// more.
  @Override
  public void converged(World converged) {
    for (var node : converged.present()) {
      for (var space : node.spaces()) {
        requireProofs(space);
        boolean isEqual =
            space.status().peers().stream()
                .filter(peer -> !world.liars().has(peer.key()))
                .noneMatch(peer -> peer.digest() == DigestCheck.UNEQUAL);
        evaluations.require(isEqual, () -> space + " still says that digests are unequal");
      }
    }
  }

  /// A half that is nowhere any more nobody can prove.
  private void requireProofs(SimulatedSpace space) {
    var proven = new SpaceState(space.id(), space.disk().untouched()).forks().all();
    for (var proof : proven) {
      boolean isOfLiar = world.liars().has(proof.place().replica().key());
      evaluations.require(
          isOfLiar || (isHalf(proof.one()) && isHalf(proof.other())),
          () -> space + " has a proof by batches that nobody formed: " + proof.place());
      evaluations.require(
          isOfLiar || model.mayFork(proof.place().replica().key()),
          () -> space + " has a proof against one that was never set back: " + proof.place());
    }
    for (var fork : world.lineage().forks(space.id())) {
      boolean hasBoth =
          space.ledger().has(fork.first()) && space.ledger().has(fork.branch().incarnation());
      if (hasBoth) {
        world.counts().add("forks of which both halves are there");
        evaluations.require(
            proven.stream().anyMatch(proof -> isOf(proof, fork)),
            () -> space + " has both halves of the fork of " + fork + " and no proof of it");
      }
    }
  }

  /// Of more than two batches with one number any two are a proof.
  private boolean isOf(ForkProof proof, Lineage.Fork fork) {
    return proof.place().seq() == fork.seq()
        && root(proof.one()).equals(Optional.of(world.lineage().root(fork.branch())))
        && root(proof.other()).equals(root(proof.one()));
  }

  private Optional<ReplicaId> root(SignedBatch half) {
    return world.lineage().find(half.hash().first()).map(world.lineage()::root);
  }

  private boolean isHalf(SignedBatch half) {
    return root(half).filter(model::isForked).isPresent();
  }
}
