package io.starling.node.space;

import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.status.SpaceStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/// A space on this node, as the client APIs use it. Safe to use from any thread; nothing here
/// blocks but [#read()], which opens a snapshot of the store.
public interface Space {

  String name();

  SpaceId id();

  /// Submits a transaction. The stage completes once it is durable here, or refused; never
  /// exceptionally. When the queue is full it is refused with RESOURCE_EXHAUSTED at once.
  ///
  /// @param principal who asks
  /// @param context the token of the read that the mutations answer to
  CompletionStage<Outcome> submit(
      String principal, Optional<Token> context, List<Mutation> mutations);

  /// Completes when this node has applied what the token covers, or the wait is over, or at once
  /// when the token can never be covered.
  CompletionStage<Coverage> covers(Token token, Duration wait);

  /// Whether a token is covered.
  enum Coverage {
    COVERED,
    /// Not within the wait.
    NOT_YET,
    /// The token is of another space or cluster, or of a branch that this node does not have.
    FOREIGN
  }

  /// Opens a snapshot: one causally consistent cut. To be closed.
  Snapshot read();

  /// Starts a watch; see [Watch].
  ///
  /// @param prefix keys that begin with it; empty for all
  Watch watch(String prefix, Watch.From from, Watch.Listener listener);

  /// What the replica last said of itself.
  SpaceStatus status();
}
