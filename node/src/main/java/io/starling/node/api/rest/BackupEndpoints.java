package io.starling.node.api.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.starling.node.backup.BackupDesk;
import io.starling.node.backup.BackupStatus;
import io.starling.node.backup.BackupStatus.Result;
import java.io.IOException;
import java.util.Optional;

/// Backups of this node, into the repository that its configuration names.
final class BackupEndpoints {

  private final Optional<BackupDesk> desk;

  BackupEndpoints(Optional<BackupDesk> desk) {
    this.desk = desk;
  }

  Answer show(Call call) throws Problem {
    var status = desk().status();
    return Answer.json(200, out -> write(out, status));
  }

  Answer begin(Call call) throws Problem {
    JsonObject.of(JsonObject.body(call), "the body").finish();
    var number = desk().start();
    if (number.isEmpty()) {
      throw Problem.of(
          Problem.Kind.TYPE_MISMATCH,
          "A backup is being made already. Wait until that is done; GET /api/v1/backups says how"
              + " far it is.");
    }
    return Answer.json(
        202,
        out -> {
          out.writeStartObject();
          out.writeNumberField("run", number.get());
          out.writeEndObject();
        });
  }

  private BackupDesk desk() throws Problem {
    return desk.orElseThrow(() ->
        Problem.invalid(
            "This node has no repository for backups. Name one in its node.yaml as"
                + " 'backup.repository', and start it again."));
  }

  static void write(JsonGenerator out, BackupStatus status) throws IOException {
    out.writeStartObject();
    out.writeStringField("repository", status.repository());
    out.writeStringField("succeeded", status.succeeded().map(Object::toString).orElse(null));
    out.writeStringField("name", status.name().orElse(null));
    out.writeNumberField("made", status.made());
    out.writeNumberField("failed", status.failed());
    if (status.running().isPresent()) {
      running(out, status.running().get());
    }
    if (status.last().isPresent()) {
      last(out, status.last().get());
    }
    out.writeEndObject();
  }

  private static void running(JsonGenerator out, BackupStatus.Running running) throws IOException {
    out.writeObjectFieldStart("running");
    out.writeNumberField("run", running.number());
    out.writeStringField("since", running.since().toString());
    out.writeStringField("space", running.progress().space());
    out.writeNumberField("rows", running.progress().rows());
    out.writeNumberField("bytes", running.progress().bytes());
    out.writeNumberField("addedBytes", running.progress().addedBytes());
    out.writeEndObject();
  }

  private static void last(JsonGenerator out, BackupStatus.Ended last) throws IOException {
    out.writeObjectFieldStart("last");
    out.writeNumberField("run", last.number());
    out.writeStringField("since", last.since().toString());
    out.writeStringField("until", last.until().toString());
    switch (last.result()) {
      case Result.Made(var name, var totals) -> {
        out.writeStringField("name", name);
        out.writeNumberField("chunks", totals.chunks());
        out.writeNumberField("bytes", totals.bytes());
        out.writeNumberField("addedChunks", totals.addedChunks());
        out.writeNumberField("addedBytes", totals.addedBytes());
      }
      case Result.Failed(var why) -> out.writeStringField("failure", why);
    }
    out.writeEndObject();
  }
}
