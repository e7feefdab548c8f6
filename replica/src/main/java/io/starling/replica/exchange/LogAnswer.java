package io.starling.replica.exchange;

import io.starling.crdt.causal.ReplicaId;
import io.starling.crdt.causal.VersionVector;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.causal.Past;
import io.starling.replica.fork.Naming;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import io.starling.replica.state.Origin;
import io.starling.replica.state.SpaceLog;
import io.starling.replica.state.SpaceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// The answer to a pull: the batches that the asker lacks, each after its causes, as many as one
/// answer may hold.
final class LogAnswer {

  private final SpaceState state;
  private final Naming naming;
  private final SpaceLog log;
  private final int bytesMax;
  private final TreeMap<ReplicaId, Long> sent = new TreeMap<>();
  private final TreeMap<ReplicaId, Next> next = new TreeMap<>();
  private final List<SignedBatch> batches = new ArrayList<>();
  private final Past have;
  private Optional<Gap> gap = Optional.empty();
  private int bytes;

  LogAnswer(SpaceState state, Naming naming, Token have, int bytesMax) {
    this.state = state;
    this.naming = naming;
    this.log = new SpaceLog(state.staging());
    this.have = new Past(state.read(have).vector(), state.origins().closes());
    this.bytesMax = bytesMax;
  }

  Message toMessage(Message.Pull pull) {
    for (var origin : state.origins().mayLackIn(have)) {
      long seen =
          Math.max(have.seq(origin.replica()), state.branches().first(origin.replica()) - 1);
      sent.put(origin.replica(), seen);
      if (seen < origin.seq()) {
        var batch = log.batch(origin.number(), seen + 1);
        if (batch.isEmpty()) {
          long first = log.firstSeq(origin.number(), seen + 1).orElse(origin.seq() + 1);
          return new Message.Behind(pull.space(), origin.replica(), first);
        }
        next.put(origin.replica(), next(batch.get()));
      }
    }
    boolean isMoving = true;
    while (!next.isEmpty() && isMoving) {
      isMoving = sendReady();
    }
    if (batches.isEmpty() && gap.isPresent()) {
      return new Message.Behind(pull.space(), gap.get().replica(), gap.get().first());
    }
    var part = next.isEmpty() && gap.isEmpty() ? Message.Part.LAST : Message.Part.MORE;
    return new Message.Batches(pull.space(), batches, part);
  }

  /// A replica of which some batches are not in the log, for their effects were taken over with
  /// another member's state.
  ///
  /// @param first the first seq that is here again
  private record Gap(ReplicaId replica, long first) {}

  /// The next batch of a replica, and what it names, as far as that can be told.
  ///
  /// @param causes by the names that branches have here; empty if the hashes are no longer known by
  ///   which it would be told which branches are meant
  private record Next(SignedBatch batch, Optional<VersionVector> causes) {}

  private Next next(SignedBatch signed) {
    var batch = signed.batch();
    if (state.branches().isEmpty()) {
      return new Next(signed, Optional.of(batch.context().space()));
    }
    return switch (naming.context(batch)) {
      case Naming.Context.Known(var vector) -> new Next(signed, Optional.of(vector));
      case Naming.Context.Waits(), Naming.Context.Other() -> new Next(signed, Optional.empty());
    };
  }

  /// Takes every batch whose causes are sent.
  ///
  /// @return whether there may be more, and room for it
  private boolean sendReady() {
    int before = batches.size();
    for (var replica : new ArrayList<>(next.keySet())) {
      Optional<SignedBatch> ready = ready(replica);
      while (ready.isPresent()) {
        if (!take(replica, ready.get())) {
          return false;
        }
        ready = ready(replica);
      }
    }
    if (batches.size() == before && gap.isEmpty()) {
      throw new AssertionError("applied batches wait for each other");
    }
    return batches.size() > before;
  }

  private Optional<SignedBatch> ready(ReplicaId replica) {
    return Optional.ofNullable(next.get(replica))
        .filter(_ -> isBegun(replica))
        .filter(it -> it.causes().map(this::isSent).orElseGet(() -> mayBeSent(it.batch())))
        .map(Next::batch);
  }

  /// Whether all is sent that a branch goes on from: else its batches would take the place of those
  /// in every answer, and wait at the asker for what never comes.
  private boolean isBegun(ReplicaId replica) {
    return state
        .branches()
        .find(replica)
        .map(branch -> isSent(branch.parent(), branch.first() - 1))
        .orElse(true);
  }

  private boolean isSent(VersionVector causes) {
    return causes.entries().stream().allMatch(it -> isSent(it.replica(), it.seq()));
  }

  private boolean mayBeSent(SignedBatch signed) {
    return signed.batch().context().space().entries().stream()
        .allMatch(entry ->
            state.branches().having(entry.replica(), entry.seq(), state.origins()).stream()
                .anyMatch(it -> isSent(it, entry.seq())));
  }

  private boolean isSent(ReplicaId replica, long seq) {
    var answered = sent.get(replica);
    return (answered == null ? have.seq(replica) : answered) >= seq;
  }

  private boolean take(ReplicaId replica, SignedBatch batch) {
    if (!batches.isEmpty() && bytes + batch.bytes() > bytesMax) {
      return false;
    }
    batches.add(batch);
    bytes += batch.bytes();
    long seq = batch.batch().seq();
    sent.put(replica, seq);
    next.remove(replica);
    Origin origin = state.origins().find(replica).orElseThrow();
    if (seq < origin.seq()) {
      log.batch(origin.number(), seq + 1)
          .ifPresentOrElse(
              following -> next.put(replica, next(following)),
              () -> gap = gap.or(() -> Optional.of(new Gap(replica, seq + 2))));
    }
    return true;
  }
}
