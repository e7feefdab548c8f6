package io.starling.simulation.check;

import io.starling.replica.Effect;
import io.starling.replica.status.SpaceStatus.DigestCheck;
import io.starling.simulation.world.SimulatedSpace;
import io.starling.simulation.world.World;

/// No node is accused of what it did not do, and nothing is said to be wrong that is not: all nodes
/// here are honest, and no log is cut short.
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
          case CLOCK_DRIFT -> world.nodes().stream().anyMatch(node -> node.clock().wasMoved());
          case LOST_TAIL -> model.hasRestored();
          case BEHIND_LOG, UNATTESTED -> isLogCut();
          case BEYOND_CUT_OFF -> world.counts().of("fault: eviction") > 0;
          case DONOR_FAULT -> isOfCopied(alarm);
          case FORK, INVALID_BATCH, DIGEST_MISMATCH, NEWER_FORMAT -> false;
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

  private boolean isLogCut() {
    return world.counts().of("fault: log lost") > 0
        || world.counts().of("log entries truncated") > 0
        || world.counts().of("stores set aside") > 0;
  }

  /// Nor does the status of a node keep saying so.
  @Override
  public void converged(World converged) {
    for (var node : converged.present()) {
      for (var space : node.spaces()) {
        boolean isEqual =
            space.status().peers().stream().noneMatch(peer -> peer.digest() == DigestCheck.UNEQUAL);
        evaluations.require(isEqual, () -> space + " still says that digests are unequal");
      }
    }
  }
}
