package io.starling.replica.message;

import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.batch.ForkProof;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// What replicas of a space say to each other. Any message may be lost, late, repeated or
/// reordered; none of that loses data.
public sealed interface Message {

  SpaceId space();

  /// The same with what can be read of it without the receiver's state. Costs time that the engine
  /// need not spend: it is called where a message arrives, on any thread.
  default Message read() {
    return this;
  }

  /// Sent to all peers when a batch was formed, and in answer to a [Pull].
  ///
  /// The receiver applies what is next, buffers what is early, drops what it has. If lost, a beacon
  /// shows the gap and the receiver pulls.
  ///
  /// @param batches each one after its causes, as far as they are in here; verified by the receiver
  ///   before the engine sees them
  record Batches(SpaceId space, List<SignedBatch> batches, Part part) implements Message {
    public Batches {
      batches = List.copyOf(batches);
    }
  }

  /// Why batches are sent.
  enum Part {
    /// They were just formed; nobody asked.
    FRESH,
    /// They answer a [Pull], and the sender has more that was asked for: pull again.
    MORE,
    /// They answer a [Pull] in full.
    LAST
  }

  /// Sent by a replica each round to a random peer, and to all when it has applied others' batches
  /// and has nothing of its own to say. See [Beacon].
  record Announcement(SignedBeacon beacon) implements Message {
    @Override
    public SpaceId space() {
      return beacon.beacon().space();
    }
  }

  /// Asks for all batches that the vector does not cover. Answered by [Batches], or by [Behind]. If
  /// lost, a later beacon leads to another.
  ///
  /// @param have the heads of the asker's active vector, and of its closed replicas too where the
  ///   asked may not know them closed; replicas left out read as the closes that it covers name
  record Pull(SpaceId space, Token have) implements Message {}

  /// The answer to a [Pull] by one whose log does not reach back that far.
  ///
  /// @param replica whose batches are gone
  /// @param first the first seq of it that the sender still has, after those that the asker has
  record Behind(SpaceId space, ReplicaId replica, long first) implements Message {}

  /// Asks a member to state that it has durably applied what a token covers. Answered by
  /// [Acknowledged] at once, or as soon as that is so; of several that wait, the oldest and the
  /// newest of each asker are kept. If lost, or forgotten, it is asked again.
  record Ask(SpaceId space, Token token) implements Message {}

  /// The answer to an [Ask]. If lost, asked again.
  ///
  /// @param acknowledgement verified by the receiver before the engine sees it
  record Acknowledged(SignedAcknowledgement acknowledgement) implements Message {
    @Override
    public SpaceId space() {
      return acknowledgement.acknowledgement().space();
    }
  }

  /// Tells of forks of replicas. Sent to all when a proof is found; to a peer that is not known to
  /// keep all that is kept here, each round; and one half alone where another member seems to have
  /// applied the other, so that the two meet.
  ///
  /// The receiver keeps a proof that it lacks, once both halves have come, and tells all others; it
  /// answers what is no answer with what it keeps. If lost, the next round repeats it.
  ///
  /// @param halves at most two signed batches; verified by the receiver before the engine sees them
  /// @param held the places of the proofs that the sender keeps
  record Evidence(
      SpaceId space, List<SignedBatch> halves, SortedSet<ForkProof.Place> held, boolean isAnswer)
      implements Message {

    /// Halves in one message.
    public static final int HALVES_MAX = 2;

    public Evidence {
      halves = List.copyOf(halves);
      held = Collections.unmodifiableSortedSet(new TreeSet<>(held));
    }
  }

  /// A part of a transfer of state. If lost, asked for again, or the transfer begins anew.
  ///
  /// @param session chosen at random by who asks for the state, and named by all that follows
  record Transferred(SpaceId space, long session, Transfer transfer) implements Message {
    @Override
    public Message read() {
      return transfer instanceof Transfer.Page page
          ? new Transferred(space, session, page.read())
          : this;
    }
  }
}
