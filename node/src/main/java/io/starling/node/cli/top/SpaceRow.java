package io.starling.node.cli.top;

import io.starling.crdt.value.Value;
import io.starling.node.cli.survey.CatchUpText;
import io.starling.node.cli.survey.NodeReport;
import io.starling.proto.v1.DigestCheck;
import io.starling.proto.v1.PeerStatus;
import io.starling.proto.v1.SpaceCondition;
import io.starling.proto.v1.SpaceStatus;
import java.util.Optional;

/// A space on one node, at the end of an interval.
///
/// @param rate batches applied a second in the interval; empty without an interval
/// @param lag most batches that a peer has not announced
/// @param waiting batches that wait for their causes
/// @param digest how it compares with peers of equal vectors: `equal`, `unequal`, `-`
/// @param catchingUp how another member's state is taken over; empty while none is
record SpaceRow(
    String name,
    Optional<Double> rate,
    long lag,
    int waiting,
    long cells,
    String digest,
    Peers peers,
    boolean isRunning,
    Optional<TakingOver> catchingUp) {

  private static final double NANOS_PER_SECOND = 1e9;

  /// For people, and for programs.
  record TakingOver(String line, Value json) {}

  /// How many peers are linked, of how many.
  record Peers(long up, int all) {}

  static SpaceRow of(SpaceStatus now, Optional<SpaceStatus> before, long nanos) {
    var peers = now.getPeersList();
    return new SpaceRow(
        now.getName(),
        before.map(then -> applied(then, now) * NANOS_PER_SECOND / Math.max(1, nanos)),
        peers.stream().mapToLong(PeerStatus::getLag).max().orElse(0),
        now.getBuffered(),
        now.getCells(),
        digest(now),
        new Peers(peers.stream().filter(PeerStatus::getUp).count(), peers.size()),
        now.getCondition() == SpaceCondition.SPACE_CONDITION_RUNNING,
        CatchUpText.line(now)
            .flatMap(line -> CatchUpText.json(now).map(json -> new TakingOver(line, json))));
  }

  // A replica that has been closed left the vector: what it wrote was counted while it was there.
  private static long applied(SpaceStatus then, SpaceStatus now) {
    long batches = 0;
    for (var entry : now.getVersionVectorMap().entrySet()) {
      long seen = then.getVersionVectorMap().getOrDefault(entry.getKey(), 0L);
      batches += Math.max(0, entry.getValue() - seen);
    }
    return batches;
  }

  private static String digest(SpaceStatus space) {
    boolean isUnequal = false;
    boolean isEqual = false;
    for (var peer : space.getPeersList()) {
      isUnequal |= peer.getDigest() == DigestCheck.DIGEST_CHECK_UNEQUAL;
      isEqual |= peer.getDigest() == DigestCheck.DIGEST_CHECK_EQUAL;
    }
    if (isUnequal) {
      return "unequal";
    }
    return isEqual ? "equal" : "-";
  }

  /// The space as the node had it in an earlier report.
  static Optional<SpaceStatus> earlier(Optional<NodeReport> before, String space) {
    return before.stream()
        .flatMap(node -> node.spaces().stream())
        .filter(it -> it.getName().equals(space))
        .findFirst();
  }
}
