package io.starling.node.api.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.starling.crdt.causal.VersionVector;
import io.starling.node.access.Principal;
import io.starling.node.discovery.DiscoveryStatus;
import io.starling.node.member.Member;
import io.starling.node.status.CatchUpProgress;
import io.starling.node.status.NodeStatus;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.status.SpaceStatus;
import io.starling.replica.status.SpaceStatus.PeerStatus;
import java.io.IOException;
import java.time.Instant;
import java.util.Locale;

/// A node's status as JSON: the node entry of `status --json` and more. Shows the spaces that the
/// principal may read.
final class StatusJson {

  private StatusJson() {}

  /// @param now by the clock that the times of the status were taken with
  static void write(JsonGenerator out, NodeStatus status, Principal who, Instant now)
      throws IOException {
    out.writeStartObject();
    node(out, status.node());
    out.writeNumberField("nowMillis", now.toEpochMilli());
    out.writeArrayFieldStart("spaces");
    for (var space : status.spaces()) {
      if (who.mayRead(space.name())) {
        space(out, space, status);
      }
    }
    out.writeEndArray();
    out.writeArrayFieldStart("members");
    for (var member : status.members()) {
      member(out, member);
    }
    out.writeEndArray();
    out.writeArrayFieldStart("links");
    for (var link : status.links()) {
      link(out, link);
    }
    out.writeEndArray();
    out.writeArrayFieldStart("alarms");
    for (var alarm : status.alarms()) {
      if (who.mayRead(alarm.space())) {
        alarm(out, alarm);
      }
    }
    out.writeEndArray();
    discovery(out, status.discovery());
    if (status.leaving().isPresent() && who.mayRead(SpaceId.SYSTEM)) {
      out.writeFieldName("leaving");
      LeaveEndpoints.write(out, status.leaving().get());
    }
    if (status.backups().isPresent() && who.mayRead(SpaceId.SYSTEM)) {
      out.writeFieldName("backups");
      BackupEndpoints.write(out, status.backups().get());
    }
    out.writeEndObject();
  }

  /// The batches applied last, in spaces that the principal may read.
  static void activity(JsonGenerator out, NodeStatus status, Principal who) throws IOException {
    out.writeStartObject();
    out.writeArrayFieldStart("activity");
    for (var batch : status.activity()) {
      if (!who.mayRead(batch.space())) {
        continue;
      }
      out.writeStartObject();
      out.writeNumberField("atMillis", batch.at().toEpochMilli());
      out.writeStringField("space", batch.space());
      out.writeStringField("replica", batch.replica().toString());
      out.writeNumberField("seq", batch.seq());
      out.writeNumberField("operations", batch.operations());
      out.writeNumberField("bytes", batch.bytes());
      out.writeArrayFieldStart("keys");
      for (var key : batch.keys()) {
        out.writeString(key);
      }
      out.writeEndArray();
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void node(JsonGenerator out, NodeStatus.Self node) throws IOException {
    out.writeStringField("id", node.id().toString());
    out.writeStringField("name", node.name());
    out.writeStringField("site", node.site());
    out.writeNumberField("pid", node.pid());
    out.writeStringField("version", node.version());
    out.writeStringField("state", word(node.state()));
    out.writeNumberField("startedMillis", node.started().toEpochMilli());
    out.writeStringField("http", node.addresses().http());
    out.writeStringField("grpc", node.addresses().grpc());
    out.writeStringField("peer", node.addresses().peer());
  }

  private static void space(JsonGenerator out, NodeStatus.SpaceEntry space, NodeStatus status)
      throws IOException {
    var replica = space.status();
    out.writeStartObject();
    out.writeStringField("name", space.name());
    out.writeStringField("id", space.id().toString());
    out.writeStringField("condition", word(space.condition()));
    out.writeStringField("reason", space.reason());
    out.writeStringField("self", replica.self().toString());
    vector(out, "versionVector", replica.active());
    out.writeStringField("digest", replica.digest().toString());
    out.writeNumberField("cells", replica.cells());
    out.writeNumberField("closedReplicas", replica.closedReplicas());
    out.writeStringField("closed", replica.closed().toString());
    vector(out, "stable", replica.stable());
    out.writeNumberField("buffered", replica.buffered());
    out.writeStringField("token", replica.token().toText());
    if (space.catchingUp().isPresent()) {
      catchingUp(out, space.catchingUp().get(), status);
    }
    out.writeArrayFieldStart("peers");
    for (var peer : replica.peers()) {
      peer(out, peer, status);
    }
    out.writeEndArray();
    log(out, replica.log(), status);
    out.writeEndObject();
  }

  /// Numbers that are not known yet are left out.
  private static void catchingUp(JsonGenerator out, CatchUpProgress progress, NodeStatus status)
      throws IOException {
    var at = progress.at();
    out.writeObjectFieldStart("catchingUp");
    out.writeStringField("phase", word(at.phase()));
    if (at.donor().isPresent()) {
      out.writeStringField("donor", at.donor().get().toString());
      out.writeStringField("donorName", status.nameOf(at.donor().get()));
    }
    if (at.cells() > 0) {
      out.writeNumberField("cells", at.cells());
      out.writeNumberField("fetched", at.fetched());
      out.writeNumberField("bytes", at.bytes());
    }
    if (progress.bytesPerSecond().isPresent()) {
      out.writeNumberField("bytesPerSecond", progress.bytesPerSecond().get());
    }
    if (progress.remaining().isPresent()) {
      out.writeNumberField("remainingMillis", progress.remaining().get().toMillis());
    }
    out.writeEndObject();
  }

  private static void peer(JsonGenerator out, PeerStatus peer, NodeStatus status)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("id", peer.key().toString());
    out.writeStringField("name", status.nameOf(peer.key()));
    out.writeBooleanField("up", peer.isUp());
    if (peer.applied().isPresent()) {
      vector(out, "applied", peer.applied().get());
    } else {
      out.writeNullField("applied");
    }
    out.writeNumberField("lag", peer.lag());
    out.writeNumberField("ahead", peer.ahead());
    out.writeStringField("digest", word(peer.digest()));
    out.writeNumberField("heardMillis", peer.heardMillis());
    out.writeEndObject();
  }

  private static void log(JsonGenerator out, SpaceStatus.LogStatus log, NodeStatus status)
      throws IOException {
    out.writeObjectFieldStart("log");
    out.writeNumberField("bytes", log.bytes());
    if (log.oldestMillis().isPresent()) {
      out.writeNumberField("oldestMillis", log.oldestMillis().getAsLong());
    } else {
      out.writeNullField("oldestMillis");
    }
    out.writeNumberField("truncated", log.truncated());
    out.writeNumberField("truncatedUnstable", log.truncatedUnstable());
    out.writeArrayFieldStart("holders");
    for (var holder : log.holders()) {
      out.writeStartObject();
      out.writeStringField("id", holder.member().toString());
      out.writeStringField("name", status.nameOf(holder.member()));
      out.writeNumberField("sinceMillis", holder.sinceMillis());
      out.writeBooleanField("atLeast", holder.isAtLeast());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void member(JsonGenerator out, Member member) throws IOException {
    out.writeStartObject();
    out.writeStringField("id", member.key().toString());
    out.writeStringField("name", member.name());
    out.writeStringField("site", member.site());
    out.writeArrayFieldStart("addresses");
    for (var address : member.addresses()) {
      out.writeString(address);
    }
    out.writeEndArray();
    out.writeObjectFieldStart("reads");
    for (var form : member.reads().newest().entrySet()) {
      out.writeNumberField(form.getKey(), form.getValue());
    }
    out.writeEndObject();
    out.writeEndObject();
  }

  private static void link(JsonGenerator out, NodeStatus.Link link) throws IOException {
    out.writeStartObject();
    out.writeStringField("id", link.peer().toString());
    if (link.since().isPresent()) {
      out.writeNumberField("sinceMillis", link.since().get().toEpochMilli());
    } else {
      out.writeNullField("sinceMillis");
    }
    if (link.roundTrip().isPresent()) {
      out.writeNumberField("roundTripMicros", link.roundTrip().get().toNanos() / 1_000);
    } else {
      out.writeNullField("roundTripMicros");
    }
    out.writeNumberField("queuedBytes", link.queuedBytes());
    out.writeEndObject();
  }

  private static void alarm(JsonGenerator out, NodeStatus.Alarm alarm) throws IOException {
    out.writeStartObject();
    out.writeStringField("space", alarm.space());
    out.writeStringField("kind", word(alarm.kind()));
    out.writeStringField("message", alarm.message());
    out.writeNumberField("count", alarm.count());
    out.writeNumberField("lastMillis", alarm.last().toEpochMilli());
    out.writeEndObject();
  }

  private static void discovery(JsonGenerator out, DiscoveryStatus discovery) throws IOException {
    out.writeObjectFieldStart("discovery");
    out.writeStringField("state", word(discovery.state()));
    out.writeStringField("reason", discovery.reason());
    out.writeNumberField("members", discovery.members());
    out.writeNumberField("failures", discovery.failures());
    out.writeNumberField("hints", discovery.hints().standing());
    out.writeNumberField("taken", discovery.hints().taken());
    out.writeNumberField("losses", discovery.hints().losses());
    out.writeObjectFieldStart("refused");
    for (var refusal : discovery.hints().refused().entrySet()) {
      out.writeNumberField(refusal.getKey().label(), refusal.getValue());
    }
    out.writeEndObject();
    out.writeEndObject();
  }

  private static void vector(JsonGenerator out, String field, VersionVector vector)
      throws IOException {
    out.writeObjectFieldStart(field);
    for (var entry : vector.entries()) {
      out.writeNumberField(entry.replica().toString(), entry.seq());
    }
    out.writeEndObject();
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
