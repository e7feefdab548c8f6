package io.starling.node.hosting;

import io.starling.crdt.causal.KeyFingerprint;
import io.starling.crdt.causal.VersionVector;
import io.starling.node.peer.SpaceInbox;
import io.starling.replica.batch.SpaceId;
import io.starling.replica.message.Message;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/// The spaces that are open on this node, and the way to them for what peers say.
final class SpaceTable implements SpaceInbox {

  private final Map<String, HostedSpace> byName = new ConcurrentSkipListMap<>();
  private final Map<SpaceId, HostedSpace> byId = new ConcurrentHashMap<>();
  private final TreeSet<KeyFingerprint> up = new TreeSet<>();

  /// Adds a space and tells it which peers are up.
  synchronized void add(HostedSpace space) {
    byName.put(space.name(), space);
    byId.put(space.id(), space);
    up.forEach(peer -> space.loop().peer(peer, true));
  }

  Optional<HostedSpace> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  List<HostedSpace> all() {
    return List.copyOf(byName.values());
  }

  @Override
  public boolean arrived(KeyFingerprint peer, List<Message> messages) {
    boolean tookAll = true;
    for (var message : messages) {
      var space = byId.get(message.space());
      tookAll &= space != null && space.loop().arrived(peer, message);
    }
    return tookAll;
  }

  @Override
  public synchronized void peerUp(KeyFingerprint peer) {
    up.add(peer);
    byName.values().forEach(space -> space.loop().peer(peer, true));
  }

  @Override
  public synchronized void peerDown(KeyFingerprint peer) {
    up.remove(peer);
    byName.values().forEach(space -> space.loop().peer(peer, false));
  }

  @Override
  public Optional<VersionVector> applied(SpaceId id) {
    return Optional.ofNullable(byId.get(id)).map(space -> space.loop().applied().vector());
  }
}
