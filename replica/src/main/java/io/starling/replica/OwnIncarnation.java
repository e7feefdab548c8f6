package io.starling.replica;

import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.batch.Batch;
import io.starling.replica.limits.Pace;

/// Sees to it that no number is used twice: ends the incarnation under which this node writes as
/// soon as anything shows that another store writes under it, or that this one is older than it
/// was.
final class OwnIncarnation {

  private final Parts parts;
  private final Outbox outbox;

  OwnIncarnation(Parts parts, Outbox outbox) {
    this.parts = parts;
    this.outbox = outbox;
  }

  /// A peer knows of a batch. If it is one of this incarnation that is not here, this store, or the
  /// machine's memory, is an older one, and its next batch would use a number again.
  void isKnownElsewhere(ReplicaId replica, long seq) {
    if (is(replica) && seq > parts.state.origins().seq(replica)) {
      end("a peer has batch " + seq + " of it, which this store has not");
    }
  }

  /// A peer has a batch that is not here. What this store wrote is in it, unless it was rolled back
  /// or is not the only one.
  void isLost(Batch batch) {
    var replica = batch.replica();
    boolean isOwn = replica.key().equals(parts.setup.key()) && !is(replica);
    if (isOwn && parts.tailAlarms.isDue()) {
      alarm(
          parts.tailAlarms,
          replica,
          "a peer has batch "
              + batch.seq()
              + " of "
              + replica
              + ", which this node's key wrote and its store lacks: the store was lost or rolled"
              + " back, or a copy of it runs elsewhere");
    }
  }

  /// Two batches have one number.
  void isForked(ReplicaId replica) {
    if (is(replica)) {
      end("another store writes under it");
    }
  }

  /// A close is applied.
  void isClosed(ReplicaId replica, ReplicaId closer) {
    if (is(replica)) {
      end("it was closed by " + closer);
    }
  }

  /// Before anything is written: a machine that is set back may go on as an incarnation that it had
  /// found to be forked.
  void endIfForked() {
    while (isKnownForked(parts.incarnations.current())) {
      end("another store writes under it");
    }
  }

  private boolean isKnownForked(ReplicaId replica) {
    return parts.state.branches().end(replica).isPresent()
        || parts.forks.held().stream().anyMatch(it -> it.replica().equals(replica));
  }

  private boolean is(ReplicaId replica) {
    return replica.equals(parts.incarnations.current());
  }

  private void end(String why) {
    var ended = parts.incarnations.current();
    parts.incarnations.renew();
    parts.author.begin(ended);
    if (parts.endAlarms.isDue()) {
      alarm(
          parts.endAlarms,
          ended,
          "incarnation "
              + ended
              + " of this node has ended: "
              + why
              + "; it goes on as "
              + parts.incarnations.current());
    }
  }

  private void alarm(Pace pace, ReplicaId replica, String message) {
    if (outbox.alarm(Effect.Kind.LOST_TAIL, replica, message)) {
      pace.done();
    }
  }
}
