package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.node.identity.PeerAddress;
import io.starling.node.member.Member;
import io.starling.node.member.Members;
import io.starling.node.peer.Admission;
import io.starling.replica.port.StorageFailure;
import java.time.Instant;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who is let in, by what `_system` says of members.
record Admitted(Members members) implements Admission {

  private static final Logger LOG = LoggerFactory.getLogger(Admitted.class);

  @Override
  public Optional<Instant> departed(KeyFingerprint peer) {
    return Optional.ofNullable(left().get(peer));
  }

  @Override
  public boolean isAbandoned(PeerAddress address) {
    var gone = left().keySet();
    return !gone.isEmpty()
        && members.all().stream().noneMatch(it -> isAt(it, address))
        && members.described().stream()
            .anyMatch(it -> gone.contains(it.key()) && isAt(it, address));
  }

  private static boolean isAt(Member member, PeerAddress address) {
    return member.addresses().contains(address.toString());
  }

  // While that cannot be read, a peer is taken for the member that it was.
  private SortedMap<KeyFingerprint, Instant> left() {
    try {
      return members.left();
    } catch (StorageFailure failure) {
      LOG.warn("who has left cannot be read: {}", failure.getMessage());
      return Collections.emptySortedMap();
    }
  }
}
