package io.starling.replica;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.limits.Limits;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import io.starling.replica.request.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/// The effects of one event while they are being found.
///
/// All that one event changes is persisted together, before anything of it is answered, sent or
/// told.
final class Outbox {

  private final Parts parts;
  private final long nowMillis;
  private final List<AppliedBatch> applied = new ArrayList<>();
  private final List<Effect> after = new ArrayList<>();
  private Optional<List<Token.Prefix>> adopted = Optional.empty();
  private boolean hasStaged;

  Outbox(Parts parts, long nowMillis) {
    this.parts = parts;
    this.nowMillis = nowMillis;
  }

  private record AppliedBatch(SignedBatch batch, SortedSet<String> keys) {}

  /// Something is staged, to be persisted.
  void staged() {
    hasStaged = true;
  }

  /// @param signed names branches by their names
  /// @param keys that it touches
  void applied(SignedBatch signed, SortedSet<String> keys) {
    applied.add(new AppliedBatch(signed, keys));
    hasStaged = true;
  }

  /// How many batches were applied by this event so far.
  int applied() {
    return applied.size();
  }

  /// The state of another member, up to these heads, has become part of this one.
  void adopted(List<Token.Prefix> theirs) {
    adopted = Optional.of(theirs);
    hasStaged = true;
  }

  void answer(long submission, Outcome outcome) {
    after.add(new Effect.Answer(submission, outcome));
  }

  /// Has something be done once all is persisted.
  void add(Effect effect) {
    after.add(effect);
  }

  /// Sends to those of them that are not revoked; of these nothing is wanted but batches.
  void send(List<KeyFingerprint> to, Message message) {
    boolean isQuestion = message instanceof Message.Pull;
    var told = to.stream().filter(peer -> isQuestion || !parts.standing.isRevoked(peer)).toList();
    if (!told.isEmpty()) {
      after.add(new Effect.Send(told, message));
    }
  }

  /// Raises an alarm, once a round for each kind and subject: a fault shows with every batch.
  ///
  /// @return whether it was raised now
  boolean alarm(Effect.Kind kind, Object subject, String message) {
    boolean isNew =
        parts.alarmedThisRound.size() < Limits.ALARMS_PER_ROUND
            && parts.alarmedThisRound.add(kind + " " + subject);
    if (isNew) {
      after.add(new Effect.Alarm(kind, message));
    }
    return isNew;
  }

  /// All that is to be done, in order.
  List<Effect> effects() {
    boolean hasAdvanced = !applied.isEmpty() || adopted.isPresent();
    if (hasAdvanced) {
      // While the log shows the hashes of what was applied just now: between the flush and the
      // write nobody sees them, and numbers alone do not tell branches of a fork.
      acknowledge();
    }
    var effects = new ArrayList<Effect>();
    if (hasStaged) {
      effects.add(new Effect.Persist(parts.state.flush()));
    }
    if (hasAdvanced) {
      var token = parts.state.origins().token();
      adopted.ifPresent(theirs -> effects.add(new Effect.Adopted(token, theirs)));
      applied.forEach(one -> effects.add(new Effect.Applied(one.batch(), one.keys(), token)));
    }
    effects.addAll(after);
    if (parts.catchUp.hasWork() || parts.truncation.hasWork()) {
      effects.add(new Effect.Again());
    }
    return effects;
  }

  /// Answers peers who had asked for an acknowledgement of what was not applied here yet.
  private void acknowledge() {
    parts
        .acknowledger
        .advanced(parts.incarnations.current(), nowMillis)
        .forEach((peer, signed) -> send(List.of(peer), new Message.Acknowledged(signed)));
  }
}
