package io.starling.node.hosting;

import io.starling.node.loop.Condition;
import io.starling.node.status.NodeStatus.SpaceCondition;
import io.starling.node.status.NodeStatus.SpaceEntry;

/// Spaces as a node's status shows them.
final class SpaceEntries {

  private SpaceEntries() {}

  static SpaceEntry of(HostedSpace space) {
    var status = space.status();
    return switch (space.loop().condition()) {
      case Condition.Running() ->
          new SpaceEntry(space.name(), space.id(), SpaceCondition.RUNNING, "", status);
      case Condition.Degraded(var reason) ->
          new SpaceEntry(space.name(), space.id(), SpaceCondition.DEGRADED, reason, status);
      case Condition.Failed(var reason) ->
          new SpaceEntry(space.name(), space.id(), SpaceCondition.FAILED, reason, status);
      case Condition.Stopped() ->
          new SpaceEntry(
              space.name(), space.id(), SpaceCondition.DEGRADED, "the node is stopping", status);
    };
  }
}
