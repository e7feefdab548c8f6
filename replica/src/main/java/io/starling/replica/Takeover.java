package io.starling.replica;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.catchup.CatchUp;
import io.starling.replica.catchup.Joiner;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import io.starling.replica.message.Transfer;
import java.util.List;

/// Carries out what the transfers of state ask for, and has what is applied be named as all proofs
/// of forks say that it is.
final class Takeover {

  private final Parts parts;
  private final Outbox outbox;
  private final OwnIncarnation own;
  private final ForkTalk talk;
  private final long nowMillis;

  Takeover(Parts parts, Outbox outbox, OwnIncarnation own, ForkTalk talk, long nowMillis) {
    this.parts = parts;
    this.outbox = outbox;
    this.own = own;
    this.talk = talk;
    this.nowMillis = nowMillis;
  }

  /// A message of a transfer, by a peer that knows of the same forks.
  void take(KeyFingerprint from, long session, Transfer transfer) {
    if (transfer instanceof Transfer.Offer offer) {
      offer.token().heads().forEach(head -> own.isKnownElsewhere(head.replica(), head.seq()));
    }
    doAll(parts.catchUp.on(from, session, transfer, parts.peers.reachable()));
  }

  /// A peer's log does not reach back to what is missing here: its state is taken over.
  ///
  /// @param first the first batch of a replica that it has
  void behind(KeyFingerprint from, ReplicaId replica, long first) {
    behind(from);
    outbox.alarm(
        Effect.Kind.BEHIND_LOG,
        from,
        "peer "
            + from
            + " has batches of "
            + replica
            + " only from "
            + first
            + " on; this node has them up to "
            + parts.state.origins().seq(replica)
            + " and takes over that peer's state instead");
  }

  void behind(KeyFingerprint from) {
    doAll(parts.catchUp.behind(from));
  }

  /// A peer is out of reach, or its transfer is to end.
  void down(KeyFingerprint peer) {
    doAll(parts.catchUp.down(peer));
  }

  /// Time has passed.
  void tick() {
    parts.peers.revoked().forEach(this::down);
    place();
    doAll(parts.catchUp.tick(parts.peers.reachable()));
  }

  /// Does a small piece of the work that waits for nothing.
  void work() {
    doAll(parts.catchUp.work(parts.peers.reachable()));
  }

  /// Has what is applied be named as all proofs say that it is.
  void place() {
    // Rows that are being taken over go by names of before.
    boolean mayMove = !parts.catchUp.isTaking();
    for (var branch : parts.forking.place(mayMove)) {
      outbox.staged();
      parts.peers.split(branch);
      parts.invalid.clear();
      parts.announcer.changed();
      parts.peers.reachable().forEach(this::down);
    }
  }

  private void doAll(List<CatchUp.Act> acts) {
    for (var act : acts) {
      switch (act) {
        case CatchUp.Act.Send(var to, long session, var transfer) ->
            outbox.send(
                List.of(to), new Message.Transferred(parts.setup.space(), session, transfer));
        case CatchUp.Act.Tell(var to, var beyond) ->
            outbox.send(
                List.of(to),
                parts.antiEntropy.answer(new Message.Pull(parts.setup.space(), beyond)));
        case CatchUp.Act.Persist() -> outbox.staged();
        case CatchUp.Act.Live(var staged, boolean isAttested) -> adopted(staged, isAttested);
        case CatchUp.Act.Compared(var peer, var difference) -> {
          parts.peers.compared(peer, difference.isEmpty());
          difference.ifPresent(what -> unequal(peer, what));
        }
        case CatchUp.Act.Damaged(var what) -> {
          outbox.alarm(Effect.Kind.STORE_DAMAGED, what, "this node found of itself that " + what);
          outbox.add(new Effect.Damaged(what));
        }
        case CatchUp.Act.Forked(var donor, var there) -> {
          parts.forking.suspect(there.replica(), there.seq(), there.hash().first());
          talk.challenge(List.of(donor), there.replica(), there.seq());
          outbox.alarm(
              Effect.Kind.FORK,
              there.replica(),
              "the state of "
                  + donor
                  + " was not taken over: it has another batch "
                  + there.seq()
                  + " of "
                  + there.replica()
                  + " than is applied here");
        }
        case CatchUp.Act.Unproven(var donor, var why) ->
            outbox.alarm(
                Effect.Kind.UNATTESTED,
                donor,
                "the state of "
                    + donor
                    + " was not taken over, for "
                    + why
                    + "; it is tried again");
        case CatchUp.Act.Fault(var member, var what) ->
            outbox.alarm(
                Effect.Kind.DONOR_FAULT,
                member,
                "the state that " + member + " gave was not taken over: " + what);
      }
    }
  }

  private void unequal(KeyFingerprint peer, String what) {
    outbox.alarm(
        Effect.Kind.DIGEST_MISMATCH,
        peer,
        "this node and " + peer + " differ in content at the same vector: " + what);
  }

  /// The state of another member has become part of this one.
  private void adopted(Joiner.Staged staged, boolean isAttested) {
    outbox.adopted(
        staged.heads().stream()
            .map(head -> new Token.Prefix(head.replica(), head.seq(), head.hash().first()))
            .toList());
    for (var head : staged.heads()) {
      parts.buffer.dropUpTo(head.replica(), parts.state.origins().seq(head.replica()));
      parts.peers.adopted(head.replica());
      parts.clock = parts.clock.observe(head.time(), nowMillis);
    }
    place();
    dropApplied();
    parts.standing.adopted();
    parts.announcer.changed();
    staged.closes().forEach(close -> own.isClosed(close.replica(), close.closer()));
    if (!isAttested) {
      outbox.alarm(
          Effect.Kind.UNATTESTED,
          staged.donor(),
          "the state of "
              + staged.donor()
              + " was taken over, and no third member could confirm it; until its operator says so, this member"
              + " gives its state to nobody");
    }
  }

  /// Batches of branches wait by the name of what those go on from.
  private void dropApplied() {
    for (var root : parts.buffer.replicas()) {
      if (parts.state.branches().end(root).isPresent()) {
        parts.buffer.of(root).stream().filter(parts.forking::isApplied).forEach(parts.buffer::drop);
      }
    }
  }
}
