package io.starling.node.hosting;

import io.starling.node.loop.LoopObserver;
import io.starling.node.status.ActivityRing;
import io.starling.node.status.AlarmBook;
import io.starling.node.status.NodeStatus.Activity;
import io.starling.replica.Effect;
import java.time.InstantSource;

/// Writes down what a loop does, for the node's status.
record SpaceRecorder(String space, ActivityRing activity, AlarmBook alarms, InstantSource clock)
    implements LoopObserver {

  @Override
  public void applied(Effect.Applied applied) {
    var batch = applied.batch().batch();
    activity.add(
        new Activity(
            clock.instant(),
            space,
            batch.replica(),
            batch.seq(),
            batch.operations(),
            applied.batch().bytes(),
            applied.keys().stream().limit(ActivityRing.KEYS_MAX).toList()));
  }

  @Override
  public void alarmed(Effect.Alarm alarm) {
    alarms.raise(space, alarm, clock.instant());
  }
}
