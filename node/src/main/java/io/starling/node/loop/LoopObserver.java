package io.starling.node.loop;

import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.message.SignedAcknowledgement;
import io.starling.replica.message.Token;
import io.starling.replica.request.Outcome;
import io.starling.replica.status.SpaceStatus;
import java.time.Duration;

/// Sees what a loop does, on the loop's own thread. Every write of the space waits for it, so it is
/// quick and does not throw.
public interface LoopObserver {

  /// A client's transaction is about to wait for the loop. Called on the client's thread.
  default void submitted(long submission) {}

  /// It does not wait after all. Called on the client's thread.
  default void withdrawn(long submission) {}

  /// The engine is about to be told an event.
  default void handling(Event event) {}

  /// A batch was applied and is durable; not answered or sent yet.
  default void applied(Effect.Applied applied) {}

  /// The engine took an event, in so much time.
  default void worked(Duration took) {}

  /// Changes became durable, in so much time.
  default void persisted(Duration took) {}

  /// A client's transaction is answered.
  default void answered(long submission, Outcome outcome) {}

  /// A client's transaction was turned away before the loop saw it: its queue is full, or the space
  /// takes no writes. Called on the client's thread, several at a time.
  default void turnedAway(Outcome.Refused refused) {}

  /// A member has acknowledged what a token covers.
  default void acknowledged(SignedAcknowledgement acknowledgement) {}

  default void alarmed(Effect.Alarm alarm) {}

  /// The state of another member was taken over: any key may read otherwise.
  default void adopted(Token token) {}

  /// All effects of a turn are done, and nothing will be written until this returns.
  default void turned() {}

  /// What the replica says of itself, a few times a second.
  default void told(SpaceStatus status) {}

  /// The replica was opened anew after its store had failed. Batches beyond `before` may be applied
  /// that were never told of.
  default void reopened(Token before) {}

  /// The loop has ended, by request or by a bug.
  default void stopped() {}
}
