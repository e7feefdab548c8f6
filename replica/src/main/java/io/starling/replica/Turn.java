package io.starling.replica;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.exchange.Peers;
import io.starling.replica.limits.LogRetention;
import io.starling.replica.message.Message;
import io.starling.replica.message.SignedBeacon;
import io.starling.replica.message.Token;
import io.starling.replica.request.Submission;
import java.util.List;
import java.util.OptionalLong;

/// What one event makes of a replica: leads it to those whose matter it is, and says to peers what
/// follows from it. Lives for one event.
final class Turn {

  private final Parts parts;
  private final long nowMillis;
  private final Outbox outbox;
  private final OwnIncarnation own;
  private final ForkTalk talk;
  private final Takeover takeover;
  private final Proving proving;
  private final Applying applying;
  private final Arrivals arrivals;
  private final Writing writing;

  Turn(Parts parts, long nowMillis) {
    this.parts = parts;
    this.nowMillis = nowMillis;
    outbox = new Outbox(parts, nowMillis);
    own = new OwnIncarnation(parts, outbox);
    talk = new ForkTalk(parts, outbox);
    takeover = new Takeover(parts, outbox, own, talk, nowMillis);
    proving = new Proving(parts, outbox, own, talk, takeover);
    applying = new Applying(parts, outbox, own, talk, proving, takeover, nowMillis);
    arrivals = new Arrivals(parts, outbox, own, talk, proving, applying, nowMillis);
    writing = new Writing(parts, outbox, own, applying, nowMillis);
  }

  List<Effect> effects() {
    if (parts.standing.owes()) {
      writing.testify();
    }
    return outbox.effects();
  }

  void submitted(List<Submission> submissions) {
    writing.submitted(submissions);
  }

  void adopting(long submission, KeyFingerprint revoked) {
    writing.adopting(submission, revoked);
  }

  void recovered(List<SignedBatch> batches) {
    arrivals.recovered(batches);
  }

  void retained(LogRetention retention) {
    parts.truncation.retain(retention);
  }

  void systemAdvanced() {
    // A fork of `_system` that is known now may tell how a batch is to be read that no reading
    // fitted before.
    parts.forking.hasNews();
    applying.drain();
  }

  void arrived(KeyFingerprint from, List<Message> messages) {
    for (var message : messages) {
      if (message.space().equals(parts.setup.space())) {
        if (parts.standing.isRevoked(from)) {
          hold(from, message);
        } else {
          take(from, message);
        }
      }
    }
  }

  /// Takes batches of a revoked member, to be held; it is told nothing, and what it says of itself
  /// is no sign of life.
  private void hold(KeyFingerprint from, Message message) {
    switch (message) {
      case Message.Batches batches -> take(from, batches);
      case Message.Announcement(var signed) -> {
        parts.peers.claimed(from, signed.beacon());
        parts.antiEntropy.announced(from).ifPresent(this::pull);
      }
      case Message.Pull _, Message.Behind _, Message.Transferred _, Message.Evidence _ -> {}
      case Message.Ask _, Message.Acknowledged _ -> {}
    }
  }

  private void take(KeyFingerprint from, Message message) {
    switch (message) {
      case Message.Batches batches -> take(from, batches);
      case Message.Announcement(var beacon) -> take(from, beacon);
      case Message.Pull pull -> {
        pull.have().heads().forEach(head -> own.isKnownElsewhere(head.replica(), head.seq()));
        outbox.send(List.of(from), parts.antiEntropy.answer(pull));
      }
      case Message.Behind(_, var replica, long first)
          when parts.antiEntropy.behind(from) && talk.agrees(from) ->
          takeover.behind(from, replica, first);
      case Message.Behind(_, var replica, long first) -> parts.catchUp.tooFar(from, replica, first);
      case Message.Transferred(_, long session, var transfer) when talk.agrees(from) ->
          takeover.take(from, session, transfer);
      // Members that know of other forks have other names for the same; first they tell each other.
      case Message.Transferred _ -> talk.ask(from);
      case Message.Evidence evidence -> arrivals.take(from, evidence);
      case Message.Ask(_, var token) ->
          parts
              .acknowledger
              .asked(from, token, parts.incarnations.current(), nowMillis)
              .ifPresent(signed -> outbox.send(List.of(from), new Message.Acknowledged(signed)));
      case Message.Acknowledged(var signed) -> outbox.add(new Effect.Acknowledged(signed));
    }
  }

  private void take(KeyFingerprint from, Message.Batches message) {
    int appliedBefore = outbox.applied();
    int heldBefore = parts.standing.held();
    boolean isFull = arrivals.take(from, message.batches());
    boolean hasApplied = outbox.applied() > appliedBefore;
    boolean hasProgress = hasApplied || parts.standing.held() > heldBefore;
    parts.antiEntropy.answered(from, message.part(), hasProgress).ifPresent(this::pull);
    // What shows that they stand comes after more of them than are held.
    if (isFull && !parts.standing.isRevoked(from) && !hasApplied) {
      takeover.behind(from);
    }
  }

  private void take(KeyFingerprint from, SignedBeacon signed) {
    var beacon = signed.beacon();
    beacon.moved().forEach(head -> own.isKnownElsewhere(head.replica(), head.seq()));
    switch (parts.peers.heard(from, beacon, nowMillis)) {
      case Peers.News.Nothing() -> {}
      case Peers.News.Unequal(var peer) ->
          outbox.alarm(
              Effect.Kind.DIGEST_MISMATCH,
              peer,
              "this node and " + peer + " have applied the same batches and differ in content");
      case Peers.News.Unread(var heads) ->
          heads.forEach(it -> parts.forking.suspect(it.replica(), it.seq(), it.hash()));
      case Peers.News.Fork(Token.Prefix(var replica, long seq, long hash)) -> {
        talk.challenge(List.of(from), replica, seq);
        parts.forking.suspect(replica, seq, hash);
        outbox.alarm(
            Effect.Kind.FORK,
            replica,
            beacon.author()
                + " says that it has applied another batch "
                + seq
                + " of "
                + replica
                + " than this node: nothing is proven by that");
      }
    }
    parts.antiEntropy.announced(from).ifPresent(this::pull);
    if (parts.antiEntropy.shouldTell(from)) {
      announce(List.of(from));
    }
  }

  void peerUp(KeyFingerprint peer) {
    parts.peers.up(peer);
    parts.forks.forget(peer);
    announce(List.of(peer));
  }

  void peerDown(KeyFingerprint peer) {
    parts.forks.forget(peer);
    takeover.down(peer);
    parts.peers.down(peer);
    parts.acknowledger.forget(peer);
  }

  void tick() {
    parts.ticks++;
    if (parts.ticks % Parts.roundTicks(parts.setup.limits()) == 0) {
      round();
    }
    takeover.tick();
    applying.drain();
    truncate();
    parts.antiEntropy.tick().ifPresent(this::pull);
    var reachable = parts.peers.reachable();
    if (parts.announcer.isDue() && !reachable.isEmpty() && !parts.state.isJoining()) {
      announce(reachable);
      parts.announcer.said();
    } else {
      parts.antiEntropy.partner().ifPresent(peer -> announce(List.of(peer)));
    }
  }

  private void round() {
    parts.begunThisRound.clear();
    parts.alarmedThisRound.clear();
    parts.stability.mark(nowMillis);
    parts.truncation.round();
    parts.tailAlarms.passed();
    parts.endAlarms.passed();
    parts.author.round();
    proving.tellOperatorOnce();
    tellHeld();
    talk.round();
  }

  /// Says once of each revoked member that something of it is held, until nothing is.
  private void tellHeld() {
    for (var revoked : parts.standing.status().revoked()) {
      if (revoked.held() == 0) {
        parts.toldHeld.remove(revoked.key());
      } else if (!parts.toldHeld.contains(revoked.key())) {
        boolean isTold =
            outbox.alarm(
                Effect.Kind.BEYOND_CUT_OFF,
                revoked.key(),
                revoked.held()
                    + " batches of "
                    + revoked.key()
                    + ", which is evicted, are held: no other member had applied them; see member held");
        if (isTold) {
          parts.toldHeld.add(revoked.key());
        }
      }
    }
  }

  /// Does a small piece of the work that waits for nothing.
  void proceed() {
    takeover.work();
    applying.drain();
    truncate();
  }

  /// Truncates a small piece of the log. By a clock that is far off, all would be old.
  private void truncate() {
    var now = writing.isClockOff() ? OptionalLong.empty() : OptionalLong.of(nowMillis);
    if (parts.truncation.work(now)) {
      outbox.staged();
    }
  }

  /// Says nothing of the digest while cells are being joined, for it is not whole.
  private void announce(List<KeyFingerprint> to) {
    if (parts.state.isJoining()) {
      return;
    }
    parts.clock = parts.clock.tick(nowMillis);
    var beacon =
        parts.announcer.beacon(parts.incarnations.current(), parts.clock.last(), nowMillis);
    to.forEach(parts.antiEntropy::announcing);
    outbox.send(to, new Message.Announcement(beacon));
  }

  private void pull(KeyFingerprint from) {
    var have = parts.forking.rewound(from, parts.antiEntropy.have(from));
    outbox.send(List.of(from), new Message.Pull(parts.setup.space(), have));
  }
}
