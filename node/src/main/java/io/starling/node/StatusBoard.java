package io.starling.node;

import io.starling.node.backup.BackupDesk;
import io.starling.node.discovery.Discovery;
import io.starling.node.hosting.HostedSpaces;
import io.starling.node.leave.LeaveDesk;
import io.starling.node.member.Member;
import io.starling.node.status.ActivityRing;
import io.starling.node.status.AlarmBook;
import io.starling.node.status.NodeStatus;
import io.starling.node.status.NodeStatus.Addresses;
import io.starling.node.status.NodeStatus.State;
import io.starling.node.transport.PeerTraffic;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;

/// Puts a node's status together.
final class StatusBoard implements NodeStatus.Source {

  private final NodeStatus.Self self;
  private final HostedSpaces spaces;
  private final ActivityRing activity;
  private final AlarmBook alarms;
  private volatile Discovery discovery = Discovery.off();
  private final Supplier<List<PeerTraffic>> traffic;
  private volatile Optional<BackupDesk> backups = Optional.empty();
  private volatile Optional<LeaveDesk> leaving = Optional.empty();
  private volatile State state = State.STARTING;
  private volatile Addresses addresses = new Addresses("", "", "");

  /// @param self the node, with the state and addresses it will have when it has started
  /// @param traffic with each peer
  StatusBoard(
      NodeStatus.Self self,
      HostedSpaces spaces,
      ActivityRing activity,
      AlarmBook alarms,
      Supplier<List<PeerTraffic>> traffic) {
    this.self = self;
    this.spaces = spaces;
    this.activity = activity;
    this.alarms = alarms;
    this.traffic = traffic;
  }

  void set(State now) {
    state = now;
  }

  void set(Addresses now) {
    addresses = now;
  }

  void set(BackupDesk now) {
    backups = Optional.of(now);
  }

  void set(LeaveDesk now) {
    leaving = Optional.of(now);
  }

  void set(Discovery now) {
    discovery = now;
  }

  @Override
  public NodeStatus status() {
    var progress = leaving.flatMap(LeaveDesk::status);
    boolean isLeaving = progress.isPresent() && state == State.READY;
    var now =
        new NodeStatus.Self(
            self.name(),
            self.id(),
            self.site(),
            self.pid(),
            self.version(),
            isLeaving ? State.LEAVING : state,
            self.started(),
            addresses);
    return new NodeStatus(
        now,
        spaces.entries().stream().map(this::withoutDeparted).toList(),
        spaces.members().all(),
        links(),
        activity.latest(),
        named(alarms.latest()),
        discovery.status(),
        backups.map(BackupDesk::status),
        progress);
  }

  /// A peer that has left is shown no longer than it is linked, one that is evicted not at all:
  /// what it lacks is to be lacking.
  private NodeStatus.SpaceEntry withoutDeparted(NodeStatus.SpaceEntry entry) {
    var left = spaces.members().left().keySet();
    var evicted = spaces.members().revocations();
    var peers = entry.status().peers();
    return left.isEmpty() && evicted.isEmpty()
        ? entry
        : entry.with(
            peers.stream()
                .filter(it -> it.isUp() || !left.contains(it.key()))
                .filter(it -> !evicted.isRevoked(it.key()))
                .toList());
  }

  /// Alarms of the engine know members by their keys; people know them by their names.
  private List<NodeStatus.Alarm> named(List<NodeStatus.Alarm> raised) {
    var members = spaces.members().described();
    return raised.stream()
        .map(alarm ->
            new NodeStatus.Alarm(
                alarm.space(),
                alarm.kind(),
                named(alarm.message(), members),
                alarm.count(),
                alarm.last()))
        .toList();
  }

  private static String named(String message, List<Member> members) {
    var text = message;
    for (var member : members) {
      var key = member.key().toString();
      boolean isNamed = member.name().isEmpty() || text.contains(member.name() + " (" + key);
      if (!isNamed) {
        // The first time only, and not inside the name of a replica.
        var named = Matcher.quoteReplacement(member.name() + " (" + key + ")");
        text = text.replaceFirst("\\b" + key + "\\b(?!-)", named);
      }
    }
    return text;
  }

  private List<NodeStatus.Link> links() {
    var left = spaces.members().left().keySet();
    return traffic.get().stream()
        .filter(it -> it.connection().since().isPresent() || !left.contains(it.key()))
        .map(StatusBoard::link)
        .toList();
  }

  private static NodeStatus.Link link(PeerTraffic peer) {
    var connection = peer.connection();
    return new NodeStatus.Link(
        peer.key(), connection.since(), connection.roundTrip(), connection.queuedBytes());
  }
}
