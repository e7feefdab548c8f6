package io.starling.node.status;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.ReplicaId;
import io.starling.node.backup.BackupStatus;
import io.starling.node.discovery.DiscoveryStatus;
import io.starling.node.member.Member;
import io.starling.replica.Effect;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.status.SpaceStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a node says of itself at one moment.
///
/// @param spaces by name, `_system` included
/// @param members by key, this node included
/// @param links to each peer that this node was ever linked with, by key
/// @param activity batches applied last, the latest first, a bounded number
/// @param alarms those raised since the start, the latest first, a bounded number
/// @param backups empty if it has no repository for them
/// @param leaving empty while it does not leave the cluster
public record NodeStatus(
    Self node,
    List<SpaceEntry> spaces,
    List<Member> members,
    List<Link> links,
    List<Activity> activity,
    List<Alarm> alarms,
    DiscoveryStatus discovery,
    Optional<BackupStatus> backups,
    Optional<LeavingStatus> leaving) {

  public NodeStatus {
    spaces = List.copyOf(spaces);
    members = List.copyOf(members);
    links = List.copyOf(links);
    activity = List.copyOf(activity);
    alarms = List.copyOf(alarms);
  }

  /// Of a node that makes no backups.
  public NodeStatus(
      Self node,
      List<SpaceEntry> spaces,
      List<Member> members,
      List<Link> links,
      List<Activity> activity,
      List<Alarm> alarms,
      DiscoveryStatus discovery) {
    this(
        node,
        spaces,
        members,
        links,
        activity,
        alarms,
        discovery,
        Optional.empty(),
        Optional.empty());
  }

  /// What a member is called; empty if that is not known.
  public String nameOf(KeyFingerprint key) {
    return members.stream()
        .filter(member -> member.key().equals(key))
        .map(Member::name)
        .findFirst()
        .orElse("");
  }

  /// Whether the node should be sent requests: it is ready, and each of its spaces takes writes.
  public boolean isServing() {
    return node.state() == State.READY
        && spaces.stream().allMatch(space -> space.condition() == SpaceCondition.RUNNING);
  }

  /// The source of a node's status. Safe to use from any thread; does not block.
  @FunctionalInterface
  public interface Source {
    NodeStatus status();
  }

  /// The node itself.
  ///
  /// @param site empty if it was given none
  /// @param version of the program
  public record Self(
      String name,
      KeyFingerprint id,
      String site,
      long pid,
      String version,
      State state,
      Instant started,
      Addresses addresses) {}

  /// Where a node listens, each `host:port`; empty where it does not.
  public record Addresses(String http, String grpc, String peer) {}

  /// How far a node has got.
  public enum State {
    STARTING,
    READY,
    /// It takes no writes, and stops for good when others have all that it has.
    LEAVING,
    STOPPING
  }

  /// A space on this node.
  ///
  /// @param reason why it is not `RUNNING`, for people; if it is, that it moves away, or empty
  /// @param catchingUp how another member's state is taken over; empty while none is
  public record SpaceEntry(
      String name,
      SpaceId id,
      SpaceCondition condition,
      String reason,
      SpaceStatus status,
      Optional<CatchUpProgress> catchingUp) {

    /// The same with some of the peers.
    public SpaceEntry with(List<SpaceStatus.PeerStatus> peers) {
      return new SpaceEntry(name, id, condition, reason, status.with(peers), catchingUp);
    }
  }

  /// Whether a space takes writes. Reads go on in any condition.
  public enum SpaceCondition {
    RUNNING,
    /// The store fails or is full; writes are refused until it recovers, which is tried again and
    /// again.
    DEGRADED,
    /// A bug was met. The space stands still until the node is started again.
    FAILED
  }

  /// How this node is linked with a peer. Only this node knows it: nobody else measures its links.
  ///
  /// @param since when messages could first be sent without a break; empty if they cannot
  /// @param roundTrip of the last echo; empty before the first
  /// @param queuedBytes what waits to be sent
  public record Link(
      KeyFingerprint peer,
      Optional<Instant> since,
      Optional<Duration> roundTrip,
      long queuedBytes) {}

  /// A batch that was applied.
  ///
  /// @param at when, by this node's clock
  /// @param operations how many it holds
  /// @param bytes of its body and signature
  /// @param keys some of those that may have changed
  public record Activity(
      Instant at,
      String space,
      ReplicaId replica,
      long seq,
      int operations,
      int bytes,
      List<String> keys) {
    public Activity {
      keys = List.copyOf(keys);
    }
  }

  /// An alarm of a space.
  ///
  /// @param message of the last one of its kind
  /// @param count how many of this kind there were in this space since the start
  /// @param last when it was last raised
  public record Alarm(String space, Effect.Kind kind, String message, long count, Instant last) {}
}
