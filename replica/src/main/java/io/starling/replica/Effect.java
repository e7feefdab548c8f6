package io.starling.replica;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.message.Message;
import io.starling.replica.message.SignedAcknowledgement;
import io.starling.replica.message.Token;
import io.starling.replica.port.Changes;
import io.starling.replica.request.Outcome;
import java.util.List;
import java.util.SortedSet;

/// What a replica wants done, in order: nothing of an effect happens before every [Persist] that
/// stands earlier is durable. If a `Persist` fails, the effects after it must not happen, and the
/// replica must be opened anew from its store.
public sealed interface Effect {

  /// Make these changes durable, together.
  record Persist(Changes changes) implements Effect {}

  /// Answer a client.
  record Answer(long submission, Outcome outcome) implements Effect {}

  /// Send a message to peers. It may be dropped; when a peer's queue is full it should be.
  record Send(List<KeyFingerprint> peers, Message message) implements Effect {
    public Send {
      peers = List.copyOf(peers);
    }
  }

  /// A batch was applied. For watches, the activity list and metrics.
  ///
  /// @param keys those with a value that may have changed
  /// @param token the state right after it; the same for batches applied together
  record Applied(SignedBatch batch, SortedSet<String> keys, Token token) implements Effect {}

  /// A member has stated, under its signature, that it has durably applied what a token covers. For
  /// whoever waits for that.
  record Acknowledged(SignedAcknowledgement acknowledgement) implements Effect {}

  /// The state of another member was taken over: keys under any prefix may read otherwise.
  ///
  /// @param token what is applied from now on
  /// @param theirs the heads of what that state had applied, closed replicas included
  record Adopted(Token token, List<Token.Prefix> theirs) implements Effect {

    public Adopted {
      theirs = List.copyOf(theirs);
    }
  }

  /// The store holds other cells than were written to it: it is to be made anew from the other
  /// members. Until then the replica gives its cells to nobody and confirms nobody's.
  record Damaged(String what) implements Effect {}

  /// There is work that waits for nothing: tell [Event.Continue] as soon as nothing else does.
  record Again() implements Effect {}

  /// Something an operator should know. Raised once a round for each kind and subject, since a
  /// fault shows again with every batch.
  record Alarm(Kind kind, String message) implements Effect {}

  /// What an alarm is about.
  enum Kind {
    /// A stamp beyond the allowed drift was applied.
    CLOCK_DRIFT,
    /// Two batches with one seq of one replica.
    FORK,
    /// A peer sent what cannot be valid.
    INVALID_BATCH,
    /// Equal vectors, unequal digests.
    DIGEST_MISMATCH,
    /// A peer's log no longer reaches back to what this node has.
    BEHIND_LOG,
    /// A member's state is not what it said, or not that of the others.
    DONOR_FAULT,
    /// The state of another member was taken over, or was not, and no third one could confirm it.
    UNATTESTED,
    /// A peer holds more of this node's own writes than its store does.
    LOST_TAIL,
    /// The store holds other bytes than were written to it. Raised by whoever keeps it, with what
    /// is done about it.
    STORE_DAMAGED,
    /// Something beyond a revoked member's cut-off is held, or stands all the same.
    BEYOND_CUT_OFF,
    /// This node's key is revoked. Raised by whoever reads that.
    EVICTED,
    /// A peer sent a batch in a newer format. Raised by whoever decodes for the engine, which never
    /// sees such a batch; it is not taken, and so pulled again once this node is upgraded.
    NEWER_FORMAT,
    /// Two processes run with one node's key at once. Raised by whoever is linked with both.
    KEY_IN_TWO_PLACES,
    /// The store is older than it was. Raised, as the next two, by whoever opens it.
    STORE_SET_BACK,
    /// The store is a copy, or was moved.
    STORE_COPIED,
    /// The store is empty and was not.
    STORE_LOST
  }
}
