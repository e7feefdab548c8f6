package io.starling.node.cli;

import io.starling.node.client.ClientException;
import io.starling.node.client.ClusterClient;
import io.starling.proto.v1.PeerStatus;
import io.starling.proto.v1.StatusResponse;
import io.starling.replica.batch.SpaceId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Who is there, as one node knows by its links.
record MemberPresence(StatusResponse status) {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  static MemberPresence of(ClusterClient client) throws ClientException, IOException {
    return new MemberPresence(client.status(PATIENCE));
  }

  /// Whether it is the node that was asked, or linked with it.
  boolean isHere(String member) {
    return member.equals(status.getId()) || peer(member).filter(PeerStatus::getUp).isPresent();
  }

  /// When it was last heard; empty if it was not since the node that was asked has started.
  Optional<Instant> heard(String member) {
    return peer(member)
        .map(PeerStatus::getHeardMillis)
        .filter(millis -> millis > 0)
        .map(Instant::ofEpochMilli);
  }

  private Optional<PeerStatus> peer(String member) {
    return status.getSpacesList().stream()
        .filter(space -> space.getName().equals(SpaceId.SYSTEM))
        .flatMap(space -> space.getPeersList().stream())
        .filter(peer -> peer.getId().equals(member))
        .findFirst();
  }
}
