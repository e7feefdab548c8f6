package io.starling.node.hosting;

import io.starling.node.loop.Condition;
import io.starling.node.status.NodeStatus.SpaceCondition;
import io.starling.node.status.NodeStatus.SpaceEntry;

/// Spaces as a node's status shows them.
final class SpaceEntries {

  private SpaceEntries() {}

  static SpaceEntry of(HostedSpace space) {
    var objection = space.objection();
    if (objection.isPresent()) {
      return entry(space, SpaceCondition.DEGRADED, objection.get());
    }
    return switch (space.loop().condition()) {
      case Condition.Running() ->
          entry(
              space,
              SpaceCondition.RUNNING,
              space.isLeaving()
                  ? "moving away: it is kept, readable, until another host has everything"
                  : "");
      case Condition.Degraded(var reason) -> entry(space, SpaceCondition.DEGRADED, reason);
      case Condition.Failed(var reason) -> entry(space, SpaceCondition.FAILED, reason);
      case Condition.Stopped() -> entry(space, SpaceCondition.DEGRADED, "the node is stopping");
    };
  }

  private static SpaceEntry entry(HostedSpace space, SpaceCondition condition, String reason) {
    return new SpaceEntry(
        space.name(), space.id(), condition, reason, space.status(), space.catchingUp());
  }
}
