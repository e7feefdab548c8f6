package io.starling.node.space;

import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Token;
import io.starling.replica.request.Mutation;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Request;
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

  /// How many spaces of this name were dropped before it.
  default long generation() {
    return 0;
  }

  /// Submits a transaction without a name and a condition.
  default CompletionStage<Outcome> submit(
      String principal, Optional<Token> context, List<Mutation> mutations) {
    return submit(new Request(principal, context, mutations));
  }

  /// Submits a transaction. The stage completes once it is durable here, or refused; never
  /// exceptionally. When the queue is full it is refused with RESOURCE_EXHAUSTED at once.
  CompletionStage<Outcome> submit(Request request);

  /// Why a level of acknowledgement cannot be asked for now; empty if it can. To be asked before a
  /// transaction is submitted.
  Optional<String> objection(Level level);

  /// Asks other members to acknowledge what a token covers, which must be covered here. Completes
  /// when the level is reached, or with what there is when the wait is over; never exceptionally.
  CompletionStage<Durability> acknowledge(Token token, Level level, Duration wait);

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
