package io.starling.simulation.world;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.replica.Effect;
import io.starling.replica.Event;
import io.starling.replica.batch.SignedBatch;
import io.starling.replica.message.Message;
import io.starling.replica.message.Token;
import io.starling.replica.request.Outcome;
import io.starling.replica.request.Submission;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/// What the lines of a trace say of events, messages and answers.
final class Lines {

  private Lines() {}

  static String event(Event event) {
    return switch (event) {
      case Event.Submitted(var submissions) ->
          "submit "
              + submissions.stream().map(Lines::submission).collect(Collectors.joining(" | "));
      case Event.Arrived(var peer, var messages) ->
          "take "
              + messages.stream().map(Lines::message).collect(Collectors.joining(" | "))
              + " from "
              + key(peer);
      case Event.Recovered(var batches) ->
          "recover" + batches.stream().map(Lines::batch).collect(Collectors.joining());
      case Event.Adopting(long submission, var revoked) ->
          "adopt " + key(revoked) + " " + submission;
      case Event.PeerUp(var peer) -> "peer up " + key(peer);
      case Event.PeerDown(var peer) -> "peer down " + key(peer);
      case Event.SystemAdvanced() -> "system advanced";
      case Event.Retained(var retention) -> "retain " + retention.bytes() + " bytes";
      case Event.Continue() -> "continue";
      case Event.Tick() -> "tick";
    };
  }

  static String message(Message message) {
    return switch (message) {
      case Message.Batches(_, var batches, var part) ->
          "batches" + batches.stream().map(Lines::batch).collect(Collectors.joining()) + " " + part;
      case Message.Announcement(var beacon) ->
          "beacon of "
              + replica(beacon.beacon().author())
              + " head "
              + beacon.beacon().head().seq()
              + " moved "
              + heads(beacon.beacon().moved());
      case Message.Pull(_, var have) -> "pull beyond " + heads(have.heads());
      case Message.Evidence(_, var halves, var held, boolean isAnswer) ->
          (isAnswer ? "keeps " : "evidence of ")
              + held.size()
              + " forks, "
              + halves.size()
              + " halves";
      case Message.Behind(_, var replica, long first) -> "behind " + replica(replica) + ":" + first;
      case Message.Ask(_, var token) -> "ask for " + heads(token.heads());
      case Message.Transferred(_, long session, var transfer) ->
          transfer.getClass().getSimpleName() + " of transfer " + Long.toHexString(session);
      case Message.Acknowledged(var signed) ->
          "acknowledgement of " + replica(signed.acknowledgement().author());
    };
  }

  static String outcome(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Committed(var token, int operations, _) ->
          "committed " + operations + " operations at " + heads(token.heads());
      case Outcome.Refused(var reason, var message) -> "refused " + reason + ": " + message;
    };
  }

  static String batches(List<Effect.Applied> applied) {
    return applied.stream().map(a -> batch(a.batch())).collect(Collectors.joining());
  }

  static String keys(List<KeyFingerprint> keys) {
    return keys.stream().map(Lines::key).collect(Collectors.joining(","));
  }

  private static String key(KeyFingerprint key) {
    return start(key.high());
  }

  private static String submission(Submission submission) {
    return submission.id()
        + " "
        + submission.mutations()
        + submission.context().map(token -> " seen " + heads(token.heads())).orElse("");
  }

  private static String batch(SignedBatch batch) {
    return " " + replica(batch.batch().replica()) + ":" + batch.batch().seq();
  }

  private static String heads(List<Token.Prefix> heads) {
    return heads.stream()
        .map(head -> replica(head.replica()) + ":" + head.seq())
        .collect(Collectors.joining(",", "[", "]"));
  }

  /// The beginnings of key and incarnation: enough to tell replicas apart in one run.
  private static String replica(ReplicaId replica) {
    return key(replica.key()) + "-" + start(replica.incarnation());
  }

  private static String start(long bits) {
    return HexFormat.of().toHexDigits((short) (bits >>> (Long.SIZE - Short.SIZE)));
  }
}
