package io.starling.simulation.world;

import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.message.Message;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import java.util.List;

/// Sees what happens in a world, at once and in order. Checks are observers; so is the workload,
/// which waits for its answers.
public interface Observer {

  /// A replica was opened over its store.
  default void opened(SimulatedSpace space) {}

  /// A machine with an empty disk is about to start as a new member.
  ///
  /// @param peers whom it knows of
  default void joined(SimulatedNode node, List<SimulatedNode> peers) {}

  /// A node has heard that a space was dropped, perhaps at its start: nobody finds it there any
  /// more.
  default void dropped(SimulatedSpace space) {}

  /// A node is about to delete what it has of a space, which others host.
  default void gaveUp(SimulatedSpace space) {}

  /// A node stopped without warning. What it had not synced is gone, or not, already.
  default void crashed(SimulatedNode node) {}

  /// A node that is down is about to get an older store back.
  default void restoring(SimulatedNode node, SimulatedNode.Backup backup) {}

  /// A machine was set back to an older state while its node ran, which does not know it.
  default void rolledBack(SimulatedNode node) {}

  /// A node has set its damaged store aside, and is about to begin with an empty one.
  default void settingAside(SimulatedNode node) {}

  /// Others have confirmed that they have all that a node has, which is about to leave.
  default void handedOver(SimulatedNode node) {}

  /// A node has noted beside its key that it is about to state that it leaves.
  default void leavingNoted(SimulatedNode node) {}

  /// A node has left the cluster for good.
  default void left(SimulatedNode node) {}

  /// The machine of a node is lost.
  default void lost(SimulatedNode node) {}

  /// A machine holds a copy of a node now, its key included.
  default void copied(SimulatedNode copy) {}

  /// A submission goes into a space's queue.
  default void submitted(SimulatedSpace space, Submission submission) {}

  /// The engine took an event; its effects have not happened yet.
  default void handled(SimulatedSpace space, Event event, List<Effect> effects) {}

  /// A write became durable, with the batches it applied.
  default void durable(SimulatedSpace space, List<Effect.Applied> applied) {}

  /// A message has come to a node that takes it, whatever of its space is there.
  default void received(SimulatedNode node, Message message) {}

  /// A message leaves the node.
  default void sending(SimulatedSpace space, Message message) {}

  /// A client gets its answer.
  default void answered(SimulatedSpace space, long submission, Outcome outcome) {}

  /// The effects of an event have all happened.
  default void done(SimulatedSpace space) {}

  /// A node raised an alarm.
  default void alarmed(SimulatedSpace space, Effect.Alarm alarm) {}
}
