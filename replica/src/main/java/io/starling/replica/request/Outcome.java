package io.starling.replica.request;

import io.starling.replica.message.Token;

/// The answer to a [Submission].
public sealed interface Outcome {

  /// Durable here, as a whole.
  ///
  /// @param token covers the transaction and all that it saw
  /// @param operations how many operations it became; 0 if all was so already and nothing was
  ///   written
  /// @param isRepeat whether it was made before, under the same request key; then `operations` are
  ///   those of that time
  record Committed(Token token, int operations, boolean isRepeat) implements Outcome {

    /// One that was made now.
    public Committed(Token token, int operations) {
      this(token, operations, false);
    }
  }

  /// Nothing was changed, unless it is [Reason#OUTCOME_UNKNOWN].
  ///
  /// @param message what was wrong and what to do, for a person
  record Refused(Reason reason, String message) implements Outcome {}

  /// Why a submission was refused. Each stands for one canonical status code.
  enum Reason {
    /// The request is wrong whatever the state: a client's mistake.
    INVALID_ARGUMENT,
    /// What is there is of another type, or has changed.
    FAILED_PRECONDITION,
    /// What the request names is not there, or no longer.
    NOT_FOUND,
    /// The read that the request names is older than what would have to be removed exactly, or than
    /// a change that its condition does not allow.
    ABORTED,
    /// Over a limit that no wait will raise: the request has to be split, or made of smaller parts.
    TOO_LARGE,
    /// No room now, or too many already.
    RESOURCE_EXHAUSTED,
    /// Not now: the node cannot write.
    UNAVAILABLE,
    /// The store failed in the middle: the transaction is there as a whole or not at all, and which
    /// of the two is known when the node is back.
    OUTCOME_UNKNOWN
  }
}
