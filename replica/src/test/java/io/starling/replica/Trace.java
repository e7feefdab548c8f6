package io.starling.replica;

import io.starling.replica.batch.SignedBatch;
import io.starling.replica.message.Message;
import io.starling.replica.message.TransferEncoding;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// Effects as text, to the last byte.
final class Trace {

  private Trace() {}

  static List<String> of(List<Effect> effects) {
    return effects.stream().map(Trace::of).toList();
  }

  private static String of(Effect effect) {
    return switch (effect) {
      case Effect.Persist(var changes) -> {
        var lines = new ArrayList<String>();
        for (var write : changes.writes()) {
          lines.add(write.table() + hex(write.key()) + write.value().map(Trace::hex));
        }
        yield "persist " + changes.fresh() + lines;
      }
      case Effect.Answer answer -> answer.toString();
      case Effect.Send(var peers, var message) -> "send " + peers + of(message);
      case Effect.Applied(var batch, var keys, var token) ->
          "applied " + of(batch) + keys + hex(token.toBytes());
      case Effect.Alarm alarm -> alarm.toString();
      case Effect.Acknowledged(var signed) -> hex(signed.body()) + hex(signed.signature());
      case Effect.Adopted(var token, var theirs) -> "adopted " + hex(token.toBytes()) + theirs;
      case Effect.Again() -> "again";
      case Effect.Damaged(var what) -> "damaged " + what;
    };
  }

  private static String of(Message message) {
    return switch (message) {
      case Message.Batches(_, var batches, var part) ->
          part + " " + batches.stream().map(Trace::of).toList();
      case Message.Announcement(var beacon) -> hex(beacon.body()) + hex(beacon.signature());
      case Message.Pull(_, var have) -> hex(have.toBytes());
      case Message.Behind behind -> behind.toString();
      case Message.Evidence(_, var halves, var held, boolean isAnswer) ->
          halves.stream().map(Trace::of).toList() + " " + held + " " + isAnswer;
      case Message.Ask(_, var token) -> hex(token.toBytes());
      case Message.Acknowledged(var signed) -> hex(signed.body()) + hex(signed.signature());
      case Message.Transferred(_, long session, var transfer) ->
          session + hex(TransferEncoding.encode(transfer));
    };
  }

  private static String of(SignedBatch batch) {
    return batch.hash() + hex(batch.body()) + hex(batch.signature());
  }

  private static String hex(byte[] bytes) {
    return " " + HexFormat.of().formatHex(bytes);
  }
}
