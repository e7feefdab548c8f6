package io.starling.replica;

import io.starling.crdt.causal.HybridClock;
import io.starling.crdt.causal.HybridTime;
import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.apply.Applier;
import io.starling.replica.apply.Verdict;
import io.starling.replica.batch.Batch;
import io.starling.replica.batch.ChainHash;
import io.starling.replica.batch.ClusterId;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.causal.CausalBuffer;
import io.starling.replica.exchange.Announcer;
import io.starling.replica.exchange.AntiEntropy;
import io.starling.replica.exchange.Peers;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Message;
import io.starling.replica.message.SignedBeacon;
import io.starling.replica.port.Signer;
import io.starling.replica.port.StatePort;
import io.starling.replica.port.SystemPort;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import io.starling.replica.state.SpaceState;
import io.starling.replica.status.SpaceStatus;
import io.starling.replica.write.Author;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// A replica of one space: a deterministic state machine without I/O.
///
/// It is told events and the time, and answers with effects. It reads state by a port and changes
/// it by [Effect.Persist] alone; equal states, events and times give equal effects. Not
/// thread-safe: one thread owns it. After any exception it must be opened anew from its store, for
/// its memory may be ahead of it.
///
/// All that one event changes is persisted together, before anything of it is answered, sent or
/// told.
public final class Replica {

  /// Invalid batches remembered by hash, one for each replica; what is forgotten is judged again.
  private static final int INVALID_MAX = 4_096;

  private final Setup setup;
  private final SpaceState state;
  private final Incarnations incarnations;
  private final Author author;
  private final Applier applier;
  private final CausalBuffer buffer;
  private final Peers peers;
  private final AntiEntropy antiEntropy;
  private final Announcer announcer;
  private final TreeMap<ReplicaId, ChainHash> invalid = new TreeMap<>();
  private final TreeMap<KeyFingerprint, Integer> begunThisRound = new TreeMap<>();
  private final TreeSet<String> alarmedThisRound = new TreeSet<>();
  private HybridClock clock;
  private long ticks;

  /// What a replica is made of.
  ///
  /// @param entropy 32 fresh random bytes for each start: new incarnations and the choice of peers
  ///   follow from them
  /// @param system what is applied of `_system`; empty for the replica of `_system` itself
  public record Setup(
      ClusterId cluster,
      SpaceId space,
      KeyFingerprint key,
      byte[] entropy,
      Limits limits,
      StatePort state,
      Signer signer,
      Optional<SystemPort> system) {}

  /// Opens a replica over its store, empty or not, under a new incarnation.
  ///
  /// @throws io.starling.replica.port.StorageFailure if the store is of another space or of a newer
  ///   version; it was not changed
  public static Replica open(Setup setup, Instant now) {
    return new Replica(setup, now.toEpochMilli());
  }

  private Replica(Setup setup, long nowMillis) {
    this.setup = setup;
    var limits = setup.limits();
    state = new SpaceState(setup.space(), setup.state());
    incarnations = new Incarnations(setup.key(), setup.entropy());
    author =
        new Author(setup.cluster(), setup.space(), limits, setup.signer(), setup.system(), state);
    applier = new Applier(state, setup.system());
    buffer = new CausalBuffer(limits.bufferedBatches(), Limits.BUFFERED_BYTES_MAX);
    peers = new Peers(setup.key(), state);
    antiEntropy =
        new AntiEntropy(
            state, peers, incarnations.random(), roundTicks(limits), limits.pullBytes());
    announcer = new Announcer(setup.cluster(), setup.space(), setup.signer(), state);
    clock =
        new HybridClock(HybridTime.ZERO, limits.drift())
            .observe(state.origins().latestTime(), nowMillis);
  }

  /// Takes an event and answers with what is to be done, in order.
  public List<Effect> on(Event event, Instant now) {
    var turn = new Turn(now.toEpochMilli());
    switch (event) {
      case Event.Submitted(var submissions) -> turn.submitted(submissions);
      case Event.Arrived(var peer, var messages) -> turn.arrived(peer, messages);
      case Event.PeerUp(var peer) -> turn.peerUp(peer);
      case Event.PeerDown(var peer) -> peers.down(peer);
      case Event.SystemAdvanced() -> turn.drain();
      case Event.Tick() -> turn.tick();
    }
    return turn.effects();
  }

  /// What it knows of itself and its peers.
  public SpaceStatus status() {
    var origins = state.origins();
    return new SpaceStatus(
        incarnations.current(),
        origins.vector(),
        origins.closedReplicas(),
        origins.closedSum(),
        state.digests().total(),
        state.digests().cells(),
        peers.stable(),
        buffer.size(),
        peers.statuses(),
        origins.token());
  }

  private static long roundTicks(Limits limits) {
    return Math.max(1, limits.round().toMillis() / limits.tick().toMillis());
  }

  /// The effects of one event while they are being found.
  private final class Turn {
    private final long nowMillis;
    private final List<Effect> before = new ArrayList<>();
    private final List<Effect> after = new ArrayList<>();
    private final List<AppliedBatch> applied = new ArrayList<>();

    private Turn(long nowMillis) {
      this.nowMillis = nowMillis;
    }

    private record AppliedBatch(SignedBatch batch, SortedSet<String> keys) {}

    private List<Effect> effects() {
      if (!applied.isEmpty()) {
        before.add(new Effect.Persist(state.flush()));
        var token = state.origins().token();
        for (var batch : applied) {
          before.add(new Effect.Applied(batch.batch(), batch.keys(), token));
        }
      }
      before.addAll(after);
      return before;
    }

    private void submitted(List<Submission> submissions) {
      long off = peers.clockOffMillis(nowMillis);
      if (Math.abs(off) > setup.limits().drift().toMillis()) {
        refuseAll(submissions, off);
        return;
      }
      clock = clock.tick(nowMillis);
      var written = author.write(submissions, incarnations.current(), clock.last());
      state.cells().flush();
      var batches = new ArrayList<SignedBatch>();
      for (var batch : written.batches()) {
        applied.add(new AppliedBatch(batch.batch(), batch.keys()));
        batches.add(batch.batch());
      }
      var token = state.origins().token();
      for (var submission : submissions) {
        var refused = written.refused().get(submission.id());
        int operations = written.operations().getOrDefault(submission.id(), 0);
        Outcome outcome = refused != null ? refused : new Outcome.Committed(token, operations);
        after.add(new Effect.Answer(submission.id(), outcome));
      }
      var reachable = peers.reachable();
      if (!batches.isEmpty() && !reachable.isEmpty()) {
        for (var batch : batches) {
          send(reachable, new Message.Batches(setup.space(), List.of(batch), Message.Part.FRESH));
        }
        announcer.said();
      }
    }

    private void refuseAll(List<Submission> submissions, long offMillis) {
      var outcome =
          new Outcome.Refused(
              Outcome.Reason.UNAVAILABLE,
              "this node's clock is "
                  + offMillis
                  + " ms off the median of its peers; set the clock, or write on another node");
      submissions.forEach(s -> after.add(new Effect.Answer(s.id(), outcome)));
    }

    private void arrived(KeyFingerprint from, List<Message> messages) {
      for (var message : messages) {
        if (message.space().equals(setup.space())) {
          take(from, message);
        }
      }
    }

    private void take(KeyFingerprint from, Message message) {
      switch (message) {
        case Message.Batches(_, var batches, var part) -> {
          int appliedBefore = applied.size();
          for (var batch : batches) {
            take(from, batch);
            advanceAll(batch.batch().replica());
            buffer.trim(batch.batch().replica().key());
          }
          drain();
          boolean hasProgress = applied.size() > appliedBefore;
          antiEntropy.answered(from, part, hasProgress).ifPresent(this::pull);
        }
        case Message.Announcement(var beacon) -> take(from, beacon);
        case Message.Pull pull -> {
          pull.have().heads().forEach(head -> noteOwn(head.replica(), head.seq()));
          send(List.of(from), antiEntropy.answer(pull));
        }
        case Message.Behind(_, var replica, long first) when antiEntropy.behind(from) ->
            alarm(
                Effect.Kind.BEHIND_LOG,
                from,
                "peer "
                    + from
                    + " has batches of "
                    + replica
                    + " only from "
                    + first
                    + " on; this node has them up to "
                    + state.origins().seq(replica)
                    + " and cannot catch up from that peer's log");
        case Message.Behind _ -> {}
      }
    }

    private void take(KeyFingerprint from, SignedBatch signed) {
      var batch = signed.batch();
      var replica = batch.replica();
      if (!batch.space().equals(setup.space())) {
        alarm(Effect.Kind.INVALID_BATCH, from, "peer " + from + " sent a batch of another space");
        return;
      }
      peers.heard(from, signed, nowMillis);
      batch.context().space().entries().forEach(e -> noteOwn(e.replica(), e.seq()));
      if (batch.seq() <= state.origins().seq(replica)) {
        state.origins().hash(replica, batch.seq()).ifPresent(known -> checkSame(signed, known));
        return;
      }
      noteOwn(replica, batch.seq());
      noteLostTail(batch);
      var refused = Optional.ofNullable(invalid.get(replica));
      boolean isInvalid =
          refused.equals(Optional.of(signed.hash()))
              || refused.equals(Optional.of(batch.previous()));
      if (!isInvalid) {
        checkSame(signed, buffer.put(signed).hash());
      }
    }

    /// Ends the incarnation of which a peer knows more than is here: this store, or the machine's
    /// memory, is an older one, and its next batch would use a number again.
    private void noteOwn(ReplicaId replica, long seq) {
      boolean isOwn = replica.equals(incarnations.current());
      if (isOwn && seq > state.origins().seq(replica)) {
        endIncarnation("a peer has batch " + seq + " of it, which this store has not");
      }
    }

    /// What this store wrote is in it, unless it was rolled back or is not the only one.
    private void noteLostTail(Batch batch) {
      var replica = batch.replica();
      if (replica.key().equals(setup.key()) && !replica.equals(incarnations.current())) {
        alarm(
            Effect.Kind.LOST_TAIL,
            replica,
            "a peer has batch "
                + batch.seq()
                + " of "
                + replica
                + ", which this node's key wrote and its store lacks: the store was lost or rolled"
                + " back, or a copy of it runs elsewhere");
      }
    }

    private void checkSame(SignedBatch signed, ChainHash known) {
      var batch = signed.batch();
      if (!known.equals(signed.hash())) {
        alarm(
            Effect.Kind.FORK,
            batch.replica(),
            "two batches "
                + batch.seq()
                + " of "
                + batch.replica()
                + ": "
                + known
                + " and "
                + signed.hash());
        if (batch.replica().equals(incarnations.current())) {
          endIncarnation("another store writes under it");
        }
      }
    }

    /// Applies what can be applied of the buffer.
    private void drain() {
      boolean isMoving = true;
      while (isMoving) {
        isMoving = false;
        for (var replica : buffer.replicas()) {
          isMoving |= advanceAll(replica);
        }
      }
      state.cells().flush();
    }

    private boolean advanceAll(ReplicaId replica) {
      boolean hasMoved = false;
      while (advance(replica)) {
        hasMoved = true;
      }
      return hasMoved;
    }

    private boolean advance(ReplicaId replica) {
      var next = buffer.get(replica, state.origins().seq(replica) + 1);
      if (next.isEmpty() || !mayBegin(next.get().batch())) {
        return false;
      }
      var signed = next.get();
      return switch (applier.apply(signed)) {
        case Verdict.Applied(var keys) -> {
          took(signed, keys);
          yield true;
        }
        case Verdict.Waits() -> false;
        case Verdict.Forked(var message) -> {
          buffer.dropFrom(replica, signed.batch().seq());
          peers.refuse(replica);
          alarm(Effect.Kind.FORK, replica, message);
          yield false;
        }
        case Verdict.Invalid(var message) -> {
          invalid.put(replica, signed.hash());
          if (invalid.size() > INVALID_MAX) {
            invalid.pollFirstEntry();
          }
          peers.refuse(replica);
          buffer.dropFrom(replica, signed.batch().seq());
          alarm(
              Effect.Kind.INVALID_BATCH,
              replica,
              "batch " + signed.batch().seq() + " of " + replica + " is invalid: " + message);
          yield false;
        }
      };
    }

    /// Takes in new incarnations of one key at a bounded rate; those that must wait stay buffered.
    private boolean mayBegin(Batch batch) {
      if (batch.seq() > 1) {
        return true;
      }
      int begun = begunThisRound.getOrDefault(batch.replica().key(), 0);
      return begun < Limits.INCARNATIONS_PER_ROUND;
    }

    private void took(SignedBatch signed, SortedSet<String> keys) {
      var batch = signed.batch();
      if (batch.seq() == 1) {
        begunThisRound.merge(batch.replica().key(), 1, Integer::sum);
      }
      state.origins().refresh();
      buffer.dropUpTo(batch.replica(), batch.seq());
      applied.add(new AppliedBatch(signed, keys));
      if (clock.isBeyondDrift(batch.time(), nowMillis)) {
        alarm(
            Effect.Kind.CLOCK_DRIFT,
            batch.replica(),
            "batch "
                + batch.seq()
                + " of "
                + batch.replica()
                + " is stamped "
                + (batch.time().millis() - nowMillis)
                + " ms ahead of this node's clock");
      }
      clock = clock.observe(batch.time(), nowMillis);
      peers.applied(signed);
      announcer.changed();
      for (var close : batch.closes()) {
        if (close.replica().equals(incarnations.current())) {
          endIncarnation("it was closed by " + batch.replica());
        }
      }
    }

    private void endIncarnation(String why) {
      var ended = incarnations.current();
      incarnations.renew();
      author.begin();
      alarm(
          Effect.Kind.LOST_TAIL,
          ended,
          "incarnation "
              + ended
              + " of this node has ended: "
              + why
              + "; it goes on as "
              + incarnations.current());
    }

    private void take(KeyFingerprint from, SignedBeacon signed) {
      var beacon = signed.beacon();
      beacon.moved().forEach(head -> noteOwn(head.replica(), head.seq()));
      switch (peers.heard(from, beacon, nowMillis)) {
        case Peers.News.Nothing() -> {}
        case Peers.News.Unequal(var peer) ->
            alarm(
                Effect.Kind.DIGEST_MISMATCH,
                peer,
                "this node and " + peer + " have applied the same batches and differ in content");
        case Peers.News.Fork(var replica, long seq) ->
            alarm(
                Effect.Kind.FORK,
                replica,
                beacon.author() + " has applied another batch " + seq + " of " + replica);
      }
      antiEntropy.announced(from).ifPresent(this::pull);
      if (antiEntropy.shouldTell(from)) {
        announce(List.of(from));
      }
    }

    private void peerUp(KeyFingerprint peer) {
      peers.up(peer);
      announce(List.of(peer));
    }

    private void tick() {
      ticks++;
      if (ticks % roundTicks(setup.limits()) == 0) {
        begunThisRound.clear();
        alarmedThisRound.clear();
      }
      drain();
      antiEntropy.tick().ifPresent(this::pull);
      var reachable = peers.reachable();
      if (announcer.isDue() && !reachable.isEmpty()) {
        announce(reachable);
        announcer.said();
      } else {
        antiEntropy.partner().ifPresent(peer -> announce(List.of(peer)));
      }
    }

    private void announce(List<KeyFingerprint> to) {
      clock = clock.tick(nowMillis);
      var beacon = announcer.beacon(incarnations.current(), clock.last(), nowMillis);
      send(to, new Message.Announcement(beacon));
    }

    private void pull(KeyFingerprint from) {
      send(List.of(from), new Message.Pull(setup.space(), antiEntropy.have(from)));
    }

    private void send(List<KeyFingerprint> to, Message message) {
      after.add(new Effect.Send(to, message));
    }

    /// Raises an alarm, once a round for each kind and subject: a fault shows with every batch.
    private void alarm(Effect.Kind kind, Object subject, String message) {
      boolean isNew =
          alarmedThisRound.size() < Limits.ALARMS_PER_ROUND
              && alarmedThisRound.add(kind + " " + subject);
      if (isNew) {
        after.add(new Effect.Alarm(kind, message));
      }
    }
  }
}
