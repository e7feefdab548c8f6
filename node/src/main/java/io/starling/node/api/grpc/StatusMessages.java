package io.starling.node.api.grpc;

import com.google.protobuf.Timestamp;
import io.starling.crdt.causal.VersionVector;
import io.starling.node.access.Principal;
import io.starling.node.backup.BackupStatus;
import io.starling.node.member.Member;
import io.starling.node.status.CatchUpProgress;
import io.starling.node.status.NodeStatus;
import io.starling.proto.v1.Alarm;
import io.starling.proto.v1.CatchUpPhase;
import io.starling.proto.v1.CatchingUp;
import io.starling.proto.v1.DigestCheck;
import io.starling.proto.v1.Holder;
import io.starling.proto.v1.LogStatus;
import io.starling.proto.v1.NodeState;
import io.starling.proto.v1.PeerStatus;
import io.starling.proto.v1.SpaceCondition;
import io.starling.proto.v1.StatusResponse;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.status.SpaceStatus;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/// A node's status as a message.
final class StatusMessages {

  private StatusMessages() {}

  /// What a principal may know of it.
  static StatusResponse of(NodeStatus status, String version, Principal principal) {
    var self = status.node();
    var message =
        StatusResponse.newBuilder()
            .setId(self.id().toString())
            .setName(self.name())
            .setSite(self.site())
            .setVersion(version)
            .setPid(self.pid())
            .setState(state(self.state()))
            .setStarted(time(self.started()))
            .setHttp(self.addresses().http())
            .setGrpc(self.addresses().grpc())
            .setPeer(self.addresses().peer());
    for (var space : status.spaces()) {
      if (principal.mayRead(space.name())) {
        message.addSpaces(space(space, status));
      }
    }
    for (var alarm : status.alarms()) {
      if (principal.mayRead(alarm.space())) {
        message.addAlarms(alarm(alarm));
      }
    }
    if (principal.mayRead(SpaceId.SYSTEM)) {
      status.backups().ifPresent(it -> message.setBackups(backups(it)));
    }
    return message.build();
  }

  private static io.starling.proto.v1.BackupStatus backups(BackupStatus backups) {
    var message =
        io.starling.proto.v1.BackupStatus.newBuilder()
            .setName(backups.name().orElse(""))
            .setRunning(backups.running().isPresent());
    backups.succeeded().ifPresent(it -> message.setSucceeded(time(it)));
    if (backups.last().isPresent()
        && backups.last().get().result() instanceof BackupStatus.Result.Failed(var why)) {
      message.setFailure(why);
    }
    return message.build();
  }

  private static io.starling.proto.v1.SpaceStatus space(
      NodeStatus.SpaceEntry entry, NodeStatus node) {
    var status = entry.status();
    var message =
        io.starling.proto.v1.SpaceStatus.newBuilder()
            .setName(entry.name())
            .setSelf(status.self().toString())
            .putAllVersionVector(vector(status.active()))
            .setDigest(status.digest().toString())
            .setCells(status.cells())
            .setClosedReplicas(status.closedReplicas())
            .setClosed(status.closed().toString())
            .putAllStable(vector(status.stable()))
            .setBuffered(status.buffered())
            .setToken(ReadTokens.write(status.token()))
            .setCondition(condition(entry.condition()))
            .setReason(entry.reason());
    status.peers().forEach(peer -> message.addPeers(peer(peer)));
    entry.catchingUp().ifPresent(it -> message.setCatchingUp(catchingUp(it, node)));
    return message.setLog(log(status.log(), node)).build();
  }

  private static LogStatus log(SpaceStatus.LogStatus log, NodeStatus node) {
    var message =
        LogStatus.newBuilder()
            .setBytes(log.bytes())
            .setTruncated(log.truncated())
            .setTruncatedUnstable(log.truncatedUnstable());
    log.oldestMillis().ifPresent(it -> message.setOldest(time(Instant.ofEpochMilli(it))));
    for (var holder : log.holders()) {
      var name =
          node.members().stream()
              .filter(member -> member.key().equals(holder.member()))
              .map(Member::name)
              .findFirst();
      message.addHolders(
          Holder.newBuilder()
              .setId(holder.member().toString())
              .setName(name.orElse(""))
              .setSince(time(Instant.ofEpochMilli(holder.sinceMillis())))
              .setAtLeast(holder.isAtLeast()));
    }
    return message.build();
  }

  private static CatchingUp catchingUp(CatchUpProgress progress, NodeStatus node) {
    var at = progress.at();
    var message = CatchingUp.newBuilder().setPhase(phase(at.phase()));
    at.donor()
        .ifPresent(donor -> message.setDonor(donor.toString()).setDonorName(node.nameOf(donor)));
    if (at.cells() > 0) {
      message.setCells(at.cells()).setFetched(at.fetched()).setBytes(at.bytes());
    }
    progress.bytesPerSecond().ifPresent(message::setBytesPerSecond);
    progress.remaining().ifPresent(it -> message.setRemainingMillis(it.toMillis()));
    return message.build();
  }

  private static CatchUpPhase phase(SpaceStatus.Phase phase) {
    return switch (phase) {
      case COMPARING -> CatchUpPhase.CATCH_UP_PHASE_COMPARING;
      case FETCHING -> CatchUpPhase.CATCH_UP_PHASE_FETCHING;
      case PROVING -> CatchUpPhase.CATCH_UP_PHASE_PROVING;
      case JOINING -> CatchUpPhase.CATCH_UP_PHASE_JOINING;
    };
  }

  private static PeerStatus peer(SpaceStatus.PeerStatus peer) {
    return PeerStatus.newBuilder()
        .setId(peer.key().toString())
        .setUp(peer.isUp())
        .putAllApplied(vector(peer.applied().orElse(VersionVector.EMPTY)))
        .setLag(peer.lag())
        .setAhead(peer.ahead())
        .setDigest(check(peer.digest()))
        .setHeardMillis(peer.heardMillis())
        .build();
  }

  private static Alarm alarm(NodeStatus.Alarm alarm) {
    return Alarm.newBuilder()
        .setSpace(alarm.space())
        .setKind(alarm.kind().name())
        .setMessage(alarm.message())
        .setCount(alarm.count())
        .setLast(time(alarm.last()))
        .build();
  }

  private static Map<String, Long> vector(VersionVector vector) {
    var seqs = new TreeMap<String, Long>();
    vector.entries().forEach(entry -> seqs.put(entry.replica().toString(), entry.seq()));
    return seqs;
  }

  private static Timestamp time(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  private static NodeState state(NodeStatus.State state) {
    return switch (state) {
      case STARTING -> NodeState.NODE_STATE_STARTING;
      case READY -> NodeState.NODE_STATE_READY;
      case LEAVING -> NodeState.NODE_STATE_LEAVING;
      case STOPPING -> NodeState.NODE_STATE_STOPPING;
    };
  }

  private static SpaceCondition condition(NodeStatus.SpaceCondition condition) {
    return switch (condition) {
      case RUNNING -> SpaceCondition.SPACE_CONDITION_RUNNING;
      case DEGRADED -> SpaceCondition.SPACE_CONDITION_DEGRADED;
      case FAILED -> SpaceCondition.SPACE_CONDITION_FAILED;
    };
  }

  private static DigestCheck check(SpaceStatus.DigestCheck check) {
    return switch (check) {
      case NOT_COMPARED -> DigestCheck.DIGEST_CHECK_NOT_COMPARED;
      case EQUAL -> DigestCheck.DIGEST_CHECK_EQUAL;
      case UNEQUAL -> DigestCheck.DIGEST_CHECK_UNEQUAL;
    };
  }
}
